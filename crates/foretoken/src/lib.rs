//! Lossless parallel decoding for language models: swap strategies in one line.
//!
//! Plain decoding yields one token per forward pass. A strategy guesses several
//! next tokens without a draft model and without training, the model verifies
//! all guesses in one pass under a tree-attention mask, and what is kept is
//! exactly what plain decoding would have produced.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use foretoken::{Request, blocking::BlockingDecoder, decoder::GuessAndVerify, strategy};
//! # let mut model = foretoken_testkit::toy::ToyModel::default();
//!
//! let source = strategy::by_name("lookahead:w=5,n=4,g=5+prompt-lookup")?; // the one line
//! let mut decoder = GuessAndVerify::new(&mut model, source);
//! let output = decoder.decode_blocking(&Request::new([1, 2, 3]), &mut ())?;
//! println!("{:.2} tokens a step", output.statistics.tokens_per_step());
//! # Ok(())
//! # }
//! ```
//!
//! # Strategies
//!
//! | strategy | guesses | costs | pays where |
//! |---|---|---|---|
#![cfg_attr(
    all(feature = "lookahead", feature = "pool"),
    doc = "| [`Auto`](strategy::Auto) | suffixes, recycled predictions and a window, together | rows that are worth it, and no others | anywhere: the default |"
)]
#![cfg_attr(
    feature = "autoregressive",
    doc = "| [`Autoregressive`](autoregressive::Autoregressive) | nothing | one row a step | the baseline |"
)]
#![cfg_attr(
    feature = "jacobi",
    doc = "| [`Jacobi`](jacobi::Jacobi) | one chain, refined from step to step | a row per guess | rarely; the simplest parallel decoder |"
)]
#![cfg_attr(
    feature = "lookahead",
    doc = "| [`Lookahead`](lookahead::Lookahead) | n-grams from a window of trajectories | (W + G)(N - 1) rows | compute is idle: GPUs, many cores |"
)]
#![cfg_attr(
    feature = "pool",
    doc = "| [`PromptLookup`](pool::PromptLookup) | what followed the last words before | a row per guess, only on a match | the output repeats the prompt: code edits, summaries, retrieval |"
)]
#![cfg_attr(
    feature = "pool",
    doc = "| [`NgramPool`](pool::NgramPool) | n-grams of prompt and output | a row per guess | the output repeats itself |"
)]
#![cfg_attr(
    feature = "pool",
    doc = "| [`Suffix`](pool::Suffix) | a tree of what followed the end of the text before | rows by probability | prompt or output repeat anything |"
)]
#![cfg_attr(
    feature = "pool",
    doc = "| [`Recycling`](pool::Recycling) | a tree of what the model predicted after the same tokens before | rows by probability, and the output layer for each | the text is new |"
)]
//!
//! They compose: a tuple or a `Vec` of sources proposes into one tree, and
//! `+` does the same in a strategy string. A source of your own is one
//! [`CandidateSource`] implementation; `testkit::assert_lossless!`
//! (feature `testkit`) proves that it changes nothing.
//!
//! # Features
//!
//! One per strategy crate (`autoregressive`, `jacobi`, `lookahead`, `pool`),
//! `candle` for real models and `replay` for recorded ones (all on by default),
//! `grammar` for outputs that obey a JSON schema or a regular expression,
//! `embedded` for a small model in the program, `hub` for downloads of models
//! from the Hugging Face hub, and `testkit`.

#[cfg(doctest)]
mod book;
#[cfg(feature = "grammar")]
pub mod grammar;
#[cfg(feature = "pool")]
pub mod memory;
pub mod strategy;

pub use foretoken_core::*;
pub use foretoken_decoder as decoder;
pub use foretoken_decoder::GuessAndVerify;
pub use foretoken_measure as measure;

#[cfg(feature = "autoregressive")]
pub use foretoken_autoregressive as autoregressive;
#[cfg(feature = "candle")]
pub use foretoken_candle as candle;
#[cfg(feature = "jacobi")]
pub use foretoken_jacobi as jacobi;
#[cfg(feature = "lookahead")]
pub use foretoken_lookahead as lookahead;
#[cfg(feature = "pool")]
pub use foretoken_pool as pool;
#[cfg(feature = "replay")]
pub use foretoken_replay as replay;
#[cfg(feature = "testkit")]
pub use foretoken_testkit as testkit;
