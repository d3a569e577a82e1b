//! Jacobi decoding: solve for several tokens at once by fixed-point iteration.
//!
//! Greedy decoding of a block of tokens is a system of equations, token `i`
//! being the argmax after all tokens before it. Instead of solving them one
//! after another, guess all of them, evaluate all equations in one pass, take
//! the results as the next guesses, and repeat: each iteration fixes at least
//! one more token, and sometimes several (Song et al., 2021, "Accelerating
//! feedforward computation via parallel nonlinear equation solving"; Santilli
//! et al., 2023, "Accelerating transformer inference for translation via
//! parallel decoding").
//!
//! As a [`CandidateSource`](foretoken_core::CandidateSource) that is one chain
//! under the root. The window slides: what was accepted leaves at the front,
//! predictions move up, and new guesses join at the end.
//!
//! ```text
//! step 1   root  a b c d          guesses
//!                 \ \ \ \
//!                  w x y z        predictions after a, b, c, d
//! step 2   root' w x y z .        guesses, if nothing was accepted: the window
//!                                 moved by one, "." is an initial guess
//! ```
//!
//! # Cost and use
//!
//! A row of the pass and of the output layer per guess. A model that was not
//! trained for it converges slowly, because one wrong token spoils all
//! positions after it: published speedups are about 1.05. The strategy is here
//! as the simplest parallel decoder, and as what
//! lookahead decoding improves on by keeping the trajectories' n-grams.
//!
//! ```
//! use foretoken_core::{Request, blocking::BlockingDecoder};
//! use foretoken_decoder::GuessAndVerify;
//! use foretoken_jacobi::{Config, Init, Jacobi};
//! use foretoken_testkit::toy::ToyModel;
//!
//! let source = Jacobi::new(Config::default().with_window(4).with_init(Init::Prompt))?;
//! let mut decoder = GuessAndVerify::new(ToyModel::default(), source);
//! let output = decoder.decode_blocking(&Request::new([1, 2, 3]).with_max_new_tokens(8), &mut ())?;
//! assert!(output.statistics.steps <= output.tokens.len());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod config;
mod source;
mod stream;
mod trajectory;

pub use config::{Config, ConfigError, Init};
pub use source::Jacobi;
