//! Real models for the decoding strategies: files, tokenizers, chat templates and the networks themselves, on candle.
//!
//! | module | holds |
//! |---|---|
//! | [`catalogue`] | models known by name: where their files come from and where they are cached |
//! | [`tokenizer`] | text to tokens and back, from GGUF metadata or `tokenizer.json`; streaming decoding |
//! | [`chat`] | a model's own chat template, rendered |
//!
//! The crate knows nothing of strategies: it is one implementation of the traits of `foretoken-core`.

pub mod catalogue;
pub mod chat;
mod error;
pub mod tokenizer;

pub use chat::{ChatTemplate, Message};
pub use error::Error;
pub use tokenizer::{IncrementalDecoder, Special, Tokenizer};
