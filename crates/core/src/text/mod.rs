//! Tokens as text, as they come.

mod detokenizer;
mod sink;
mod stops;

pub use detokenizer::Detokenizer;
pub use sink::{Detokenized, Piece, TextSink};
pub use stops::{StopStringError, StopStrings};
