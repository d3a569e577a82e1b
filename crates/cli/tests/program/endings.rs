//! Ctrl-C, and readers that close the pipe.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use crate::{
    model::{TinyModel, template},
    program::program,
};
use serde_json::{Value, json};

/// Decodes for longer than any test waits.
const ENDLESS: [&str; 6] =
    ["--prompt", "abc", "--max-new-tokens", "900000", "--context", "1000000"];

fn endless_model() -> TinyModel {
    TinyModel::with(1_000_000, &template())
}

fn start(model: &TinyModel, command: &str, more: &[&str]) -> Child {
    let arguments =
        [&[command, "--model", model.argument(), "--threads", "1"], &ENDLESS[..], more].concat();
    program(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn interrupt(child: &Child) {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[test]
fn ctrl_c_keeps_what_was_generated() {
    let model = endless_model();
    let mut child = start(&model, "generate", &[]);
    let mut output = child.stdout.take().unwrap();
    let mut first = [0; 16];
    output.read_exact(&mut first).unwrap();
    interrupt(&child);
    let mut rest = Vec::new();
    output.read_to_end(&mut rest).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), ended.stderr.len()), (Some(130), 0));
    let text = String::from_utf8([&first[..], &rest].concat()).unwrap();
    assert!(text.ends_with('\n'));
}

/// Interrupts a run that prints one JSON object; earlier than decoding there is none, so later if that is so.
fn interrupted_json(command: &str, more: &[&str]) -> Value {
    let model = endless_model();
    for tenths in [5, 20, 80] {
        let child = start(&model, command, &[&["--json"], more].concat());
        thread::sleep(Duration::from_millis(tenths * 100));
        interrupt(&child);
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(130), "{}", String::from_utf8_lossy(&ended.stderr));
        if !ended.stdout.is_empty() {
            return serde_json::from_slice(&ended.stdout).unwrap();
        }
    }
    panic!("nothing was printed");
}

#[test]
fn ctrl_c_completes_the_json() {
    let object = interrupted_json("generate", &["--strategy", "prompt-lookup"]);
    assert_eq!(object["stop"], "interrupted");
    let tokens = object["tokens"].as_array().unwrap().len();
    assert!(tokens < 900_000);
    assert_eq!(object["statistics"]["generated_tokens"], tokens);
    assert_eq!(object["text"].as_str().unwrap().is_empty(), tokens == 0);
}

#[test]
fn ctrl_c_ends_a_comparison_with_what_is_measured() {
    let object = interrupted_json("compare", &[]);
    assert_eq!((&object["interrupted"], &object["runs"]), (&json!(true), &json!([])));
}

#[test]
fn ctrl_c_ends_a_prompt_too() {
    let model = endless_model();
    let file = model.path().join("prompt.txt");
    std::fs::write(&file, "to be or not to be ".repeat(5000)).unwrap();
    let arguments = [
        "generate",
        "--model",
        model.argument(),
        "--context",
        "1000000",
        "--json",
        "--prompt-file",
    ];
    let arguments = [&arguments[..], &[file.to_str().unwrap()]].concat();
    let child = program(arguments).stdout(Stdio::piped()).spawn().unwrap();
    thread::sleep(Duration::from_millis(1500));
    interrupt(&child);
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    if !ended.stdout.is_empty() {
        let object: Value = serde_json::from_slice(&ended.stdout).unwrap();
        assert_eq!(object["stop"], "interrupted");
    }
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let model = endless_model();
    for more in [&[][..], &["--color", "--strategy", "ngram-pool"]] {
        let mut child = start(&model, "generate", more);
        let mut first = [0; 4];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0));
        let complaint = String::from_utf8(ended.stderr).unwrap();
        assert!(!complaint.contains("error") && !complaint.contains("panicked"), "{complaint}");
    }
}

#[test]
fn listings_may_be_cut_off() {
    let mut child =
        program(["strategies"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::with_capacity(1, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), ended.stderr.len()), (Some(0), 0));
    assert!(line.starts_with("auto"));
}
