use foretoken_core::DecodeError;
use serde::{Deserialize, Serialize};

/// How [`GuessAndVerify`](crate::GuessAndVerify) runs. None of it changes the output.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Config {
    /// Most guesses in a step's tree. Default 64. Each costs one row in the
    /// verifying pass; with 0 every step is a plain decoding step.
    pub max_nodes: usize,
    /// Most prompt tokens in one pass, at least 1. Default 512. More is faster
    /// until the backend's matrices are saturated; scratch memory grows with it.
    pub prefill_chunk: usize,
    /// The output layer runs within the pass for nodes whose path has at least
    /// this probability according to its source, and on demand, once the walk
    /// gets there, for the others. Default 0.2: about what one more row costs
    /// relative to the output layer on its own.
    pub eager_probability: f32,
}

impl Default for Config {
    fn default() -> Self {
        Self { max_nodes: 64, prefill_chunk: 512, eager_probability: 0.2 }
    }
}

impl Config {
    /// The same with another budget.
    #[must_use]
    pub fn with_max_nodes(mut self, nodes: usize) -> Self {
        self.max_nodes = nodes;
        self
    }

    /// The same with another chunk size.
    #[must_use]
    pub fn with_prefill_chunk(mut self, tokens: usize) -> Self {
        self.prefill_chunk = tokens;
        self
    }

    pub(crate) fn validate(&self) -> Result<(), DecodeError> {
        if self.prefill_chunk == 0 {
            return Err(DecodeError::config("prefill_chunk is 0: it must be at least 1"));
        }
        if !self.eager_probability.is_finite() {
            return Err(DecodeError::config("eager_probability must be a finite number"));
        }
        Ok(())
    }
}
