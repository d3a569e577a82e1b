//! Real models for the decoding strategies: files, tokenizers, chat templates and the networks themselves, on candle.
//!
//! | module | holds |
//! |---|---|
//! | [`catalogue`] | models known by name or on the hub: where their files come from and where they are cached |
//! | [`tokenizer`] | text to tokens and back, from GGUF metadata or `tokenizer.json`; streaming decoding |
//! | [`load`](mod@load) | a model with all of the above, from a GGUF file or a folder of safetensors |
//! | [`cpu`] | the network on row-invariant kernels |
//! | [`tensor`] | the network on candle's tensors, for other devices |
//! | [`chat`] | a model's own chat template, rendered |
//!
//! ```no_run
//! use foretoken_candle::{LoadOptions, Special, load};
//! use foretoken_core::{Model, NodeId, Step, TokenTree, blocking::{BlockingModel, BlockingPass}};
//!
//! let loaded = load("model.gguf", &LoadOptions::default())?;
//! let (mut model, tokenizer) = (loaded.model, loaded.tokenizer);
//!
//! // One pass over a prompt, and the most likely token after it. Decoders do this for you.
//! let prompt = tokenizer.encode("The capital of France is", Special::ADD)?;
//! let seq = model.open()?;
//! let chain = TokenTree::chain(prompt[0], &prompt[1..]);
//! let mut pass = model.forward_blocking(&[Step::new(seq, &chain, &[])])?;
//! let next = pass.argmax_blocking(0, NodeId::new(prompt.len() - 1))?;
//! println!("{}", tokenizer.decode(&[next]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The crate knows nothing of strategies: it is one implementation of the traits of `foretoken-core`.

mod architecture;
pub mod catalogue;
pub mod chat;
pub mod cpu;
mod error;
mod inspect;
pub mod load;
mod model;
pub mod tensor;
pub mod tokenizer;
mod weights;

pub use chat::{ChatTemplate, Message};
pub use cpu::CpuOptions;
pub use error::Error;
pub use foretoken_kernels::{KvType, Level};
pub use inspect::{Inspection, TensorType, inspect, inspect_bytes};
pub use load::{
    Description, EngineOptions, LoadOptions, Loaded, Progress, load, load_bytes, load_with_progress,
};
pub use model::CandleModel;
pub use tensor::TensorOptions;
pub use tokenizer::{IncrementalDecoder, Special, Tokenizer, TokenizerKind};
