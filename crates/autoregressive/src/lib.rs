//! Plain decoding: one token a pass, nothing guessed.
//!
//! The baseline that every other strategy is measured against, and the
//! smallest complete [`CandidateSource`](foretoken_core::CandidateSource): a
//! step's tree is its root alone, so the verifying pass is the pass that plain
//! decoding would have run, and the walk takes one token from it.
//!
//! ```
//! use foretoken_autoregressive::Autoregressive;
//! use foretoken_core::{Request, blocking::BlockingDecoder};
//! use foretoken_decoder::GuessAndVerify;
//! use foretoken_testkit::toy::ToyModel;
//!
//! let mut decoder = GuessAndVerify::new(ToyModel::default(), Autoregressive);
//! let request = Request::new([1, 2, 3]).with_max_new_tokens(8).with_end_of_sequence([]);
//! let output = decoder.decode_blocking(&request, &mut ())?;
//! assert_eq!(output.statistics.tokens_per_step(), 1.0);
//! assert_eq!(output.statistics.nodes_per_step(), 1.0);
//! # Ok::<(), foretoken_core::DecodeError>(())
//! ```

mod source;

pub use source::Autoregressive;
