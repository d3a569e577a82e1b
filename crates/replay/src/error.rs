use std::io;

/// Why a trace file cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// Reading failed.
    #[error("the trace cannot be read: {0}")]
    Io(#[from] io::Error),
    /// The first line is no header of a trace.
    #[error("this is no trace file, or of another version: the first line must be a header")]
    Header,
    /// A line is no trace.
    #[error("line {line} of the trace is damaged: {reason}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}
