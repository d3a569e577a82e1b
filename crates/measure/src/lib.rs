//! What a model costs and how well it predicts.
//!
//! | module | holds |
//! |---|---|
//! | [`cost`] | [`CostTable`]: the time of a pass by its nodes and its context; how it is measured and kept |
//! | [`bandwidth`](mod@bandwidth) | how fast this machine reads memory, the floor under every pass |
//! | [`perplexity`](mod@perplexity) | the mean negative log-likelihood of a text |
//!
//! ```
//! use std::ops::ControlFlow;
//!
//! use foretoken_measure::{Text, perplexity};
//! use foretoken_testkit::toy::ToyModel;
//!
//! let tokens = [1, 2, 3, 1, 2, 3, 1, 2];
//! let text = Text::new(&[], &tokens, 4)?; // in chunks of 4 tokens
//! let watch = &mut |_| ControlFlow::Continue(());
//! let measured = perplexity(&mut ToyModel::default(), &text, watch)?.expect("nobody breaks it off");
//! assert_eq!((measured.chunks, measured.predicted), (2, 6));
//! println!("the model was undecided between {:.1} tokens", measured.perplexity());
//! # Ok::<(), foretoken_measure::Error>(())
//! ```
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
