//! Candidate sources that no decoder should fear.

mod clairvoyant;
mod hostile;

pub use clairvoyant::Clairvoyant;
pub use hostile::Hostile;
