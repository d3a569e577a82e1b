//! Candidate sources that no decoder should fear, and one that no source should.

mod clairvoyant;
mod hostile;
mod restless;

pub use clairvoyant::Clairvoyant;
pub use hostile::Hostile;
pub use restless::Restless;
