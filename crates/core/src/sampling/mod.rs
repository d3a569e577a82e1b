//! How the next token is chosen from the logits.

mod error;
mod processor;
mod settings;

pub use error::SamplingError;
pub use processor::LogitsProcessor;
pub use settings::Sampling;
