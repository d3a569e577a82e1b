//! What the program says about itself.

use crate::program::{run, stderr, stdout};

#[test]
fn strategies_are_listed_with_their_options() {
    let output = run(["strategies"]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    let text = stdout(&output);
    for entry in foretoken::strategy::all() {
        assert!(text.contains(&format!("{}  {}", entry.name, entry.summary)), "{text}");
        for (key, meaning) in entry.options {
            let line = text.lines().find(|line| line.ends_with(meaning)).unwrap();
            assert!(line.trim_start().starts_with(key), "{line}");
        }
    }
}

#[test]
fn models_are_listed_with_their_place() {
    let output = run(["models"]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    let text = stdout(&output);
    assert!(text.contains("tiny (default)") && text.contains("is in this program"), "{text}");
    assert!(text.contains("smollm2-135m"), "{text}");
    assert!(
        text.contains("is fetched from hf:QuantFactory/") && text.contains("or with pip"),
        "{text}"
    );
}

#[test]
fn help_has_examples_and_goes_to_standard_output() {
    for arguments in [
        &["--help"][..],
        &["generate", "--help"],
        &["calibrate", "-h"],
        &["perplexity", "-h"],
        &["chat", "-h"],
        &["compare", "-h"],
        &["strategies", "--help"],
        &["models", "--help"],
    ] {
        let output = run(arguments);
        assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
        assert!(stdout(&output).contains("Examples"), "{arguments:?}");
    }
    let version = run(["--version"]);
    assert_eq!(stdout(&version), format!("foretoken {}\n", env!("CARGO_PKG_VERSION")));
}
