//! Standard output, which may be a pipe that somebody closes.

use std::io::{self, Write};

use serde::Serialize;

/// Standard output refused. If its reader has gone, the program ends quietly.
#[derive(Debug)]
pub(crate) struct OutputError(pub(crate) io::Error);

impl std::fmt::Display for OutputError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot write the output: {}", self.0)
    }
}

impl std::error::Error for OutputError {}

/// Writes text and makes it visible.
pub(crate) fn print(text: &str) -> Result<(), OutputError> {
    let mut output = io::stdout().lock();
    output.write_all(text.as_bytes()).and_then(|()| output.flush()).map_err(OutputError)
}

/// Writes one JSON value on a line of its own.
pub(crate) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    print(&(serde_json::to_string(value)? + "\n"))?;
    Ok(())
}
