//! JSON schemas, regular expressions and grammars as constraints.
//!
//! A [`Grammar`] is a [`Constraint`](foretoken_core::Constraint): outputs match
//! it, whatever is guessed. As a source of guesses
//! ([`Forced`](foretoken_core::Forced)) it makes them come out faster, since the
//! text that it forces is known in advance.
//!
//! ```
//! use foretoken_core::blocking::BlockingDecoder;
//! use foretoken_core::{Constraint, Forced, Request};
//! use foretoken_decoder::GuessAndVerify;
//! use foretoken_grammar::{Grammar, Vocabulary};
//! # use foretoken_testkit::toy::{ToyConfig, ToyModel};
//! # let toy = ToyConfig { vocabulary: 12, end_of_sequence: [11].into_iter().collect(), ..ToyConfig::default() };
//! # let mut model = ToyModel::new(toy);
//!
//! // The text of each token; the last one ends the sequence, and is none.
//! let texts = ["{", "}", "\"", ":", "true", "false", "s", "u", "r", "e", "sure", ""];
//! let vocabulary = Vocabulary::new(texts)?;
//! let schema = r#"{
//!     "type": "object",
//!     "properties": { "sure": { "type": "boolean" } },
//!     "required": ["sure"],
//!     "additionalProperties": false
//! }"#;
//! let grammar = Grammar::json_schema(schema, &vocabulary)?;
//! let mut decoder =
//!     GuessAndVerify::new(&mut model, Forced::new(grammar.fork())).with_constraint(grammar);
//! let output = decoder.decode_blocking(&Request::new([0]), &mut ())?;
//! let text: String = output.tokens.iter().map(|&token| texts[token as usize]).collect();
//! assert!(text == r#"{"sure":true}"# || text == r#"{"sure":false}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Grammars are compiled and matched by the crate llguidance, which works on
//! the bytes of tokens: this crate knows no tokenizer and no model.

mod error;
mod foresight;
mod grammar;
mod matching;
mod vocabulary;

pub use error::{GrammarError, GrammarErrorKind};
pub use grammar::{Grammar, JsonSpace};
pub use vocabulary::Vocabulary;
