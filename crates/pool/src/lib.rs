//! Candidates from pools of text seen before: no model, no training, no cost
//! but the rows of the verifying pass.
//!
//! Text repeats itself: an answer quotes its document, code repeats names and
//! idioms, lists repeat their layout. These sources look at the last tokens of
//! the sequence and guess what followed them before.
//!
//! - [`PromptLookup`] finds the longest n-gram at the end of the text that
//!   occurred earlier, and guesses what followed it then (Saxena, 2023,
//!   "Prompt lookup decoding"). An index grows with the text, so that a step
//!   costs the same however long the text is.
//! - [`NgramPool`] keeps a bounded pool of n-grams of the text, several
//!   continuations for each key, ranked by how often they were seen: the pool
//!   of lookahead decoding (Fu et al., 2024, "Break the sequential dependency
//!   of LLM inference using lookahead decoding", section 3.2) without its window.
//! - [`Suffix`] guesses a tree of what followed before, contexts of all lengths
//!   and their counts considered, the most probable paths first.
//! - [`Recycling`] guesses a tree of what the model itself predicted after the
//!   same last tokens, in rejected guesses and in the prompt, too.
//!
//! - [`Retrieval`] guesses what followed the same words in a corpus, a
//!   [`Datastore`] that is searched where it lies on disk.
//!
//! A [`SharedPool`] carries what sequences of one scope said to the next ones.
//!
//! # Cost and use
//!
//! Without a match nothing is guessed, and a step costs what a plain one does;
//! with one, a row per guess. That makes prompt lookup the first strategy to
//! try where the output repeats its input. The pool branches: it pays where
//! rows are cheap and the output repeats itself with variations. The suffix
//! source guesses best of the three, and much: give it a budget.
//!
//! ```
//! use foretoken_core::{Request, blocking::BlockingDecoder};
//! use foretoken_decoder::GuessAndVerify;
//! use foretoken_pool::{PromptLookup, PromptLookupConfig};
//! use foretoken_testkit::toy::ToyModel;
//!
//! let source = PromptLookup::new(PromptLookupConfig::default().with_tokens(6))?;
//! let mut decoder = GuessAndVerify::new(ToyModel::default(), source);
//! let request = Request::new([1, 2, 3]).with_max_new_tokens(60);
//! let output = decoder.decode_blocking(&request, &mut ())?;
//! assert!(output.statistics.steps < output.tokens.len());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! *Architecture invariant:* a sequence's text is a guess for that sequence
//! only, and so are predictions. These sources forget them when the next one begins,
//! unless they are told to keep them or given a pool to share.

mod config;
mod datastore;
mod evidence;
mod expansion;
mod file;
mod hash;
mod mixture;
mod ngram_pool;
mod ngrams;
mod occurrences;
mod prompt_lookup;
mod proposal;
mod recency;
mod recycling;
mod retrieval;
mod shared;
mod suffix;

pub use config::{ConfigError, NgramPoolConfig, PromptLookupConfig};
pub use datastore::Datastore;
pub use file::{PoolFile, PoolFileError, TokenizerHash};
pub use ngram_pool::NgramPool;
pub use prompt_lookup::PromptLookup;
pub use recycling::{Recycling, RecyclingConfig};
pub use retrieval::{Retrieval, RetrievalConfig};
pub use shared::{ScopeError, SharedPool, SharedPoolConfig};
pub use suffix::{Suffix, SuffixConfig};
