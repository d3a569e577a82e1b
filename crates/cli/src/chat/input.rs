use std::io::{self, BufRead, IsTerminal, Write};

use anyhow::Context;

/// Lines of standard input, after a mark if somebody types them.
pub(super) struct Input {
    typed: bool,
    lines: usize,
}

impl Input {
    pub(super) fn new() -> Self {
        Self { typed: io::stdin().is_terminal(), lines: 0 }
    }

    /// The next line without its end; `None` if there is none.
    ///
    /// # Errors
    /// A line that cannot be read or is not UTF-8.
    pub(super) fn line(&mut self) -> anyhow::Result<Option<String>> {
        if self.typed {
            let mut marks = io::stderr();
            // Whoever does not see the mark does not miss it.
            let _ = write!(marks, "> ").and_then(|()| marks.flush());
        }
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_until(b'\n', &mut bytes);
        if read.context("cannot read standard input")? == 0 {
            return Ok(None);
        }
        self.lines += 1;
        let mut line = String::from_utf8(bytes)
            .ok()
            .with_context(|| format!("line {} of standard input is not UTF-8 text", self.lines))?;
        line.truncate(line.trim_end_matches(['\n', '\r']).len());
        Ok(Some(line))
    }
}
