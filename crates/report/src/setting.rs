//! What was measured, where and how.

use foretoken_core::{CostTable, Sampling};
use serde::{Deserialize, Serialize};

/// Everything but the prompts that figures depend on; results of another setting never mix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Setting {
    /// The program's version.
    pub version: String,
    /// The model's name.
    pub model: String,
    /// How most of its weights are kept, as `Q4_1`.
    pub file_type: String,
    /// The processor's name.
    pub machine: String,
    /// The instruction set of the kernels, as `avx2`.
    pub level: String,
    /// Threads that computed.
    pub threads: usize,
    /// Most tokens of an output.
    pub max_new_tokens: usize,
    /// How tokens were chosen.
    pub sampling: Sampling,
    /// How guesses were chosen: `adaptive` or `fixed`.
    pub budget: String,
    /// Most guesses of a pass.
    pub max_nodes: usize,
    /// Whether `auto` guessed from earlier prompts, too.
    pub shared_pool: bool,
    /// The strategies, plain decoding first.
    pub strategies: Vec<String>,
    /// The times of passes, if they were calibrated.
    pub costs: Option<CostTable>,
    /// Bytes a second that memory gives, in units of 10^9, if it was calibrated.
    pub bandwidth_gb_s: Option<f64>,
    /// Bytes of weights that any pass reads.
    pub weight_bytes: u64,
}
