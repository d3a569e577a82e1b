//! Lookahead decoding: let the model write n-grams ahead of the text, keep
//! them, and guess with them.
//!
//! Fu, Bailis, Stoica and Zhang (2024), "Break the sequential dependency of LLM
//! inference using lookahead decoding". Jacobi iteration over a window of
//! future positions rarely converges at once, but its trajectories are full of
//! word sequences that the text comes to later. So each step
//!
//! - *looks ahead*: a window of W columns and N - 1 levels holds the last
//!   states of the iteration; the pass predicts one more token after each
//!   column, and every column then is an n-gram for the pool;
//! - *guesses*: the pool's n-grams that begin with the last token, up to G.
//!
//! Both are one token tree. Cell `(level, column)` sees the text, the trunk
//! (level 0) up to its column, and the cells above it, which is its path from
//! the root:
//!
//! ```text
//! root ──── t1 ──── t2            level 0, the trunk
//!  │ │ │     │       │
//!  │ │ a0    a1      a2           level 1
//!  │ │ │     │       │
//!  │ │ b0    b1      b2           level 2 (N = 4): predicts c0, c1, c2
//!  │ │
//!  │ g1 ─ h1 ─ i1                 guesses: n-grams whose key is the root
//!  g2 ─ h2 ─ i2
//!
//! n-grams gained: root a0 b0 c0, t1 a1 b1 c1, t2 a2 b2 c2
//! next window:    level 0: root' a1 a2, level 1: b0 b1 b2, level 2: c0 c1 c2
//! ```
//!
//! A window path that turns out right is accepted like any guess, and a cell
//! that two columns share, or a column and a guess, is one node.
//!
//! # Where this differs from the paper
//!
//! - The window is full from the first step; start values are drawn from the text.
//! - The n-grams of prompt and output join the pool ([`Config::prompt`],
//!   [`Config::output`]); the pool is bounded overall and ranked by what came true.
//! - [`Advance::Accepted`] moves the window as far as the text has moved, and no
//!   trajectory is lost on the way; [`Advance::One`] is as published.
//! - With less room than window and guesses need, guesses get what the window
//!   leaves, but at least half; then whole columns from the left. A column that
//!   does not fit keeps its values. Guesses pay at once and columns only later,
//!   but without columns the guesses would never get better.
//!
//! # Cost and use
//!
//! Up to (W + G)(N - 1) rows a step, so it pays where rows of a pass are nearly
//! free, and not where the processor is the limit already. Saved steps grow
//! with the logarithm of the window.
//!
//! ```
//! use foretoken_core::{Request, blocking::BlockingDecoder};
//! use foretoken_decoder::{BudgetMode, Config as DecoderConfig, GuessAndVerify};
//! use foretoken_lookahead::{Config, Lookahead};
//! use foretoken_testkit::toy::ToyModel;
//!
//! let source = Lookahead::new(Config::default().with_window(5).with_ngram(4).with_guesses(5))?;
//! // As published: the whole window in every step, whatever it costs.
//! let fixed = DecoderConfig::default().with_budget(BudgetMode::Fixed);
//! let mut decoder = GuessAndVerify::new(ToyModel::default(), source).with_config(fixed);
//! let output = decoder.decode_blocking(&Request::new([1, 2, 3]).with_max_new_tokens(64), &mut ())?;
//! assert!(output.statistics.tokens_per_step() > 1.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod config;
mod earnings;
mod grow;
mod options;
mod pool;
mod recency;
mod source;
mod stream;
mod text;
mod window;

pub use config::{Advance, Config, ConfigError};
pub use source::Lookahead;

#[cfg(test)]
mod tests;
