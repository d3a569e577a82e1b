//! Guess and verify: one loop for every strategy.
//!
//! [`GuessAndVerify`] pairs a [`Model`](foretoken_core::Model) with a
//! [`CandidateSource`](foretoken_core::CandidateSource). Each step
//!
//! 1. asks the source for a tree of guesses under the last emitted token,
//! 2. keeps those that are worth their time, by calibrated chances and the
//!    time that a pass takes, and runs the model once over them,
//! 3. [walks](walk()) from the root along the tokens that the model itself chooses,
//! 4. commits the walked path, and tells the source what the pass showed.
//!
//! ```
//! use foretoken_core::{Request, blocking::BlockingDecoder};
//! use foretoken_decoder::{BudgetMode, Config, GuessAndVerify};
//! use foretoken_testkit::{sources::Hostile, toy::ToyModel};
//!
//! let request = Request::new([1, 2, 3]).with_max_new_tokens(20);
//! let mut decoder = GuessAndVerify::new(ToyModel::default(), Hostile::new(7));
//! let output = decoder.decode_blocking(&request, &mut ())?;
//!
//! // Whoever guesses and however much is verified, the same comes out.
//! let fixed = Config::default().with_budget(BudgetMode::Fixed).with_max_nodes(3);
//! let mut decoder = GuessAndVerify::new(ToyModel::default(), Hostile::new(8)).with_config(fixed);
//! assert_eq!(decoder.decode_blocking(&request, &mut ())?.tokens, output.tokens);
//! # Ok::<(), foretoken_core::DecodeError>(())
//! ```
//!
//! *Architecture invariant:* the walk is the only place where a token is
//! accepted. What comes out is decided by the model's logits and the
//! [`Chooser`] alone; guesses decide only which logits are already known. This crate names no source and
//! no model.

mod budget;
mod choice;
mod circles;
mod config;
mod cost;
mod guess_and_verify;
mod prefill;
mod rules;
mod sequence;
mod step;
mod walk;
mod yield_now;

pub use budget::{Calibration, Experience};
pub use choice::Chooser;
pub use config::{BudgetMode, Config};
pub use cost::prior as cost_prior;
pub use guess_and_verify::GuessAndVerify;
pub use walk::{Walk, walk};
