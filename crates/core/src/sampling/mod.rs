//! How the next token is chosen from the logits.

mod constraint;
mod error;
mod mask;
mod processor;
mod settings;

pub use constraint::Constraint;
pub use error::SamplingError;
pub use mask::TokenMask;
pub use processor::LogitsProcessor;
pub use settings::Sampling;
