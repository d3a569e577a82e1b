//! A small trained language model in a crate, so that foretoken shows something without a download.
//!
//! `tiny` is of the llama architecture: 1.4 million weights in `Q8_0`, a byte-level vocabulary of 2,048 tokens and a
//! context of 512. It writes short stories, small Python functions, tables, records, dialogues, summaries and answers
//! about lists, in simple English, and knows nothing else. `crates/train` makes it from texts that it writes itself:
//! `docs/embedded-model.md` has the recipe.
//!
//! *Architecture invariant:* bytes and nothing else; whoever wants a model of them loads them.

/// The GGUF file, tokenizer and chat template inside.
pub static TINY: &[u8] = include_bytes!("tiny.gguf");

/// Its SHA-256, in lower-case hexadecimal.
pub const TINY_SHA256: &str = "be25a88666c4f87f3a52526e19a9586832d8ffab0b5c28ffa9bddd28649c496c";
