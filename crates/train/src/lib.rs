//! Trains the small model that foretoken is shipped with, from texts that it writes itself.
//!
//! [`corpus`] writes texts, [`tokenizer`] learns a vocabulary from them, [`training`] fits a
//! [`network`] and goes on where it was stopped, [`export`] writes the GGUF file, and [`evaluation`] asks
//! the model what it was not trained on. `docs/embedded-model.md` has the recipe and its figures.
//!
//! ```
//! use foretoken_train::corpus::documents;
//!
//! // The training texts of seed 1, as many as one takes: a pure function, so none are stored.
//! let texts: Vec<String> = documents(1).take(3).map(|document| document.text).collect();
//! assert!(texts.iter().all(|text| text.is_ascii() && text.ends_with('\n')));
//! ```

pub mod batches;
pub mod corpus;
pub mod evaluation;
pub mod export;
pub mod network;
pub mod optimizer;
pub mod random;
pub mod tokenizer;
pub mod training;
