//! What a model costs and how well it predicts.
//!
//! | module | holds |
//! |---|---|
//! | [`cost`] | [`CostTable`]: the time of a pass by its nodes and its context; how it is measured and kept |
//! | [`bandwidth`](mod@bandwidth) | how fast this machine reads memory, the floor under every pass |
//! | [`perplexity`](mod@perplexity) | the mean negative log-likelihood of a text |
//!
//! *Architecture invariant:* the crate knows the trait [`Model`](foretoken_core::Model) and no model, no kernel and no
//! strategy. All of it blocks: an executor's own delays would be measured as the model's.

pub mod bandwidth;
pub mod cost;
mod error;
pub mod perplexity;

pub use bandwidth::bandwidth;
pub use cost::{CostTable, Plan, calibrate};
pub use error::Error;
pub use perplexity::{Perplexity, Text, perplexity};

/// How far a measurement is, in rows that ran through the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Rows that ran.
    pub done: u64,
    /// Rows in all.
    pub total: u64,
}
