//! Running the program.

use std::{
    ffi::OsStr,
    io::{ErrorKind, Write},
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

/// The program with these arguments. It finds no model but those given, fetches none, and may show backtraces.
pub(crate) fn program<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_foretoken"));
    command.args(arguments).stdin(Stdio::null());
    command.env("FORETOKEN_CACHE", PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("no-models"));
    command.env("HF_HUB_CACHE", PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("no-hub"));
    command.env("FORETOKEN_OFFLINE", "1").env("RUST_BACKTRACE", "1");
    command.env_remove("CLICOLOR_FORCE");
    command
}

/// Runs the program to its end.
pub(crate) fn run<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Output {
    program(arguments).output().unwrap()
}

/// Runs the program with `input` as its standard input.
pub(crate) fn run_with_input<S: AsRef<OsStr>>(
    arguments: impl IntoIterator<Item = S>,
    input: &[u8],
) -> Output {
    let mut command = program(arguments);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments may be gone before it has read anything.
    if let Err(error) = child.stdin.take().unwrap().write_all(input) {
        assert_eq!(error.kind(), ErrorKind::BrokenPipe, "{error}");
    }
    child.wait_with_output().unwrap()
}

/// What was printed.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What was complained of.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The one JSON value that was printed, by a program that had nothing to complain of.
pub(crate) fn json(output: &Output) -> Value {
    assert_eq!((output.status.code(), stderr(output).as_str()), (Some(0), ""));
    serde_json::from_slice(&output.stdout).unwrap()
}
