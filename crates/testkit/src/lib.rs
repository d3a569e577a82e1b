//! Everything needed to test a decoding strategy or a model without a model file.
//!
//! - [`ToyModel`](toy::ToyModel) is a [`Model`](foretoken_core::Model) with
//!   exact integer logits, ties and repetitive text;
//!   [`TinyTransformer`](transformer::TinyTransformer) is a tiny one with
//!   random weights and a real key/value cache. Both check that they are
//!   called as the contract says.
//! - [`oracle`] decodes plainly, one token a pass, straight on the model,
//!   greedily or sampled: it knows neither the acceptance walk, nor the
//!   decoder's choices, nor token trees of more than one node.
//! - [`sources::Hostile`] breaks every rule that a candidate source can break,
//!   and [`sources::Clairvoyant`] knows what comes next, so that accepted
//!   paths of every length happen.
//! - [`assert_lossless!`] proves that a source changes nothing, by comparing
//!   with the oracle in many situations.
//! - [`contract::check_model`] checks a model: tree passes against paths alone,
//!   commits, truncation, forks, refusals, bit for bit.
//! - [`generators`] draw models, prompts, budgets and hostile sources for
//!   property tests.
//!
//! ```
//! use foretoken_core::TokenSet;
//! use foretoken_testkit::{oracle, toy::{ToyConfig, ToyModel}};
//!
//! let mut model = ToyModel::new(ToyConfig { seed: 7, ..ToyConfig::default() });
//! let output = oracle::greedy(&mut model, &[1, 2, 3], 20, &TokenSet::default())?;
//! assert_eq!(output.len(), 20);
//! # Ok::<(), foretoken_core::ModelError>(())
//! ```

pub mod contract;
mod dice;
pub mod generators;
pub mod lossless;
pub mod oracle;
mod sequences;
pub mod sources;
mod test_model;
pub mod toy;
pub mod transformer;

pub use test_model::TestModel;
