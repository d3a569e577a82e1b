//! A small trained language model in a crate, so that foretoken shows something without a download.
//!
//! `tiny` is of the llama architecture: 1.4 million weights in `Q8_0`, a byte-level vocabulary of 2,048 tokens and a
//! context of 512. It writes short stories, small Python functions, tables, records, dialogues, summaries and answers
//! about lists, in simple English, and knows nothing else. `crates/train` makes it from texts that it writes itself:
//! `docs/embedded-model.md` has the recipe.
//!
//! ```
//! assert!(foretoken_embedded::TINY.starts_with(b"GGUF"));
//! assert_eq!(foretoken_embedded::TINY_SHA256.len(), 64);
//! ```
//!
//! *Architecture invariant:* bytes and nothing else; whoever wants a model of them loads them.

/// The GGUF file, tokenizer and chat template inside.
pub static TINY: &[u8] = include_bytes!("tiny.gguf");

/// Its SHA-256, in lower-case hexadecimal.
pub const TINY_SHA256: &str = "b4848884b2d667a7221aa780dc66ef2ad50422301a98b72f85e051646a3b143a";
