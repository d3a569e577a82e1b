//! Trains the small model that foretoken is shipped with, from texts that it writes itself.
//!
//! [`corpus`] writes texts, [`tokenizer`] learns a vocabulary from them, [`training`] fits a
//! [`network`] and goes on where it was stopped, and [`export`] writes the GGUF file, and [`evaluation`] asks
//! the model what it was not trained on. `docs/embedded-model.md` has the recipe and its figures.

pub mod batches;
pub mod corpus;
pub mod evaluation;
pub mod export;
pub mod network;
pub mod optimizer;
pub mod random;
pub mod tokenizer;
pub mod training;
