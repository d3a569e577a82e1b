//! How the program ends: a code, and one line if something went wrong.

use std::{
    io::{self, Write},
    panic,
    process::ExitCode,
};

use foretoken::{DecodeError, DecodeErrorKind, measure};

use crate::{interrupt::Interrupted, output::OutputError};

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All was done; also if whoever read the output wanted no more.
    Done = 0,
    /// Something failed on the way that the input is not to blame for.
    Failed = 1,
    /// The input cannot be used.
    BadInput = 2,
    /// A strategy's tokens differ from plain decoding's.
    Differs = 3,
    /// Ctrl-C, as shells count it.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Exit {
    /// Says on standard error what went wrong, and tells how to end.
    pub(crate) fn report(error: &anyhow::Error) -> Self {
        if error.is::<Interrupted>() {
            return Self::Interrupted;
        }
        if let Some(OutputError(cause)) = error.downcast_ref() {
            if cause.kind() == io::ErrorKind::BrokenPipe {
                return Self::Done;
            }
            complain(&message(error));
            return Self::Failed;
        }
        complain(&message(error));
        let decoding = error.downcast_ref::<DecodeError>().map(DecodeError::kind);
        let measuring = error.downcast_ref::<measure::Error>().and_then(measure::Error::model);
        if decoding == Some(DecodeErrorKind::Model) || measuring.is_some() {
            Self::Failed
        } else {
            Self::BadInput
        }
    }
}

/// What went wrong and why, as far as one does not say the other already.
fn message(error: &anyhow::Error) -> String {
    let mut message = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !message.contains(&cause) {
            message += ": ";
            message += &cause;
        }
    }
    message
}

/// Writes one line on standard error, whatever the message holds.
pub(crate) fn complain(message: &str) {
    let label = console::style("error:").for_stderr().red().bold();
    notice(&format!("{label} {}", one_line(message)));
}

/// Writes a line on standard error; if nobody reads there, nobody misses it.
pub(crate) fn notice(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// A message as one line: libraries' errors may end in a backtrace, which is cut off.
fn one_line(message: &str) -> String {
    let lines = message.lines().map(str::trim);
    let own = lines.take_while(|line| !line.starts_with("0: ")).filter(|line| !line.is_empty());
    own.collect::<Vec<_>>().join(" ")
}

/// Makes a panic, which is a defect of this program, one line as well.
pub(crate) fn panic_in_one_line() {
    panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("no reason given");
        let place = panic.location().map(|place| format!(" ({place})")).unwrap_or_default();
        complain(&format!("internal error, please report it: {message}{place}"));
    }));
}

#[cfg(test)]
mod tests {
    use super::{message, one_line};

    #[test]
    fn causes_are_named_once() {
        let cause = || anyhow::anyhow!("no such file");
        assert_eq!(message(&cause().context("cannot read x")), "cannot read x: no such file");
        let said = cause().context("cannot read x: no such file").context("no pool");
        assert_eq!(message(&said), "no pool: cannot read x: no such file");
    }

    #[test]
    fn messages_become_one_line() {
        assert_eq!(one_line("cannot read x:\n\n  no such file\n"), "cannot read x: no such file");
        assert_eq!(one_line("bad file\n   0: a::b\n      at c.rs\n   1: d"), "bad file");
    }
}
