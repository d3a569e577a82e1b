//! What can go wrong: shapes that do not fit, weights that are not finite, a level that is missing.

use crate::format::Format;
use crate::level::Level;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct KernelError(#[from] Kind);

impl KernelError {
    /// Whether a computed value was not a number: the model or its input is broken, and no token may be chosen from it.
    pub fn is_not_a_number(&self) -> bool {
        matches!(self.0, Kind::NotANumber { .. })
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Kind {
    #[error("this machine lacks the instructions of level {level}")]
    LevelMissing { level: Level },
    #[error("unknown instruction-set level {name:?}: expected portable, neon, avx2 or avx512-vnni")]
    LevelUnknown { name: String },
    #[error("a {format} row needs a positive multiple of {block} columns, got {cols}")]
    Columns { format: Format, block: usize, cols: usize },
    #[error("a matrix needs at least one row")]
    NoRows,
    #[error("a {format} matrix of this size overflows the address space")]
    TooLarge { format: Format },
    #[error("{what}")]
    Refused { what: &'static str },
    #[error("{what}: expected {expected}, got {got}")]
    Size { what: &'static str, expected: usize, got: usize },
    #[error("row {row} of a {format} matrix holds a weight or scale that is not finite")]
    NotFinite { format: Format, row: usize },
    #[error("weights were laid out for level {weights}, the input for level {input}")]
    LevelMismatch { weights: Level, input: Level },
    #[error("the input was not kept in the form that {format} weights multiply")]
    FormMissing { format: Format },
    #[error("a top-k of {k} is outside 1..={most}")]
    TopK { k: usize, most: usize },
    #[error("output {index} of row {row} is not a number")]
    NotANumber { row: usize, index: usize },
}
