//! Bad input ends in exit code 2 and one line that says what is wrong.

use std::{fs, path::Path, process::Output};

use crate::{
    model::{TinyModel, template},
    program::{run, run_with_input, stderr, stdout},
};
use serde_json::json;

/// Checks how the program ended, and that its one line has all of `words`.
fn assert_refused(output: &Output, words: &[&str]) {
    let (code, complaint) = (output.status.code(), stderr(output));
    assert_eq!((code, stdout(output).as_str()), (Some(2), ""), "{complaint}");
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    assert!(complaint.starts_with("error: ") && complaint.ends_with('\n'), "{complaint}");
    for word in words {
        assert!(complaint.contains(word), "{word:?} is missing in: {complaint}");
    }
}

fn generate(model: &Path, more: &[&str]) -> Output {
    run(["generate", "--model", model.to_str().unwrap()].iter().chain(more))
}

#[test]
fn arguments() {
    assert_refused(&run(["frobnicate"]), &["frobnicate", "--help"]);
    assert_refused(&run(["generate", "--promt", "x"]), &["--promt", "--prompt"]);
    assert_refused(&run(["generate", "--prompt", "x", "--threads", "0"]), &["--threads"]);
    assert_refused(
        &run(["generate", "--prompt", "x", "--max-new-tokens", "0"]),
        &["--max-new-tokens"],
    );
    assert_refused(
        &run(["generate", "--prompt", "x", "--color", "--json"]),
        &["--color", "--json"],
    );
    assert_refused(
        &run(["generate", "--prompt", "x", "--raw", "--system", "y"]),
        &["--raw", "--system"],
    );
    assert_refused(
        &run(["generate", "--prompt", "x", "--prompt-file", "y"]),
        &["--prompt", "--prompt-file"],
    );
    assert_refused(&run(["compare", "--runs", "0"]), &["--runs"]);
    assert_refused(&run(["compare", "--max-nodes", "5000"]), &["--max-nodes", "1024"]);
}

#[test]
fn choices_and_endings() {
    let of = |more: &[&str]| run([&["generate", "--prompt", "x"], more].concat());
    for (more, words) in [
        (&["--temperature", "-0.5"][..], &["temperature is -0.5", "at least 0"][..]),
        (&["--temperature", "nan"], &["temperature is NaN"]),
        (&["--temperature", "warm"], &["--temperature", "warm"]),
        (&["--top-p", "1.5"], &["top_p is 1.5"]),
        (&["--top-p", "0"], &["top_p is 0"]),
        (&["--top-k", "-1"], &["-1"]),
        (&["--min-p", "2"], &["min_p is 2"]),
        (&["--typical-p", "-1"], &["typical_p is -1"]),
        (&["--repetition-penalty", "0"], &["repetition_penalty is 0"]),
        (&["--presence-penalty", "inf"], &["presence_penalty is inf"]),
        (&["--frequency-penalty", "NaN"], &["frequency_penalty is NaN"]),
        (&["--penalty-window", "0"], &["penalty_window is 0"]),
        (&["--logit-bias", "5"], &["--logit-bias", "5", "="]),
        (&["--logit-bias", "5=inf"], &["logit_bias is inf"]),
        (&["--seed", "-1"], &["-1"]),
        (&["--stop", ""], &["stop string", "empty"]),
        (&["--time-budget", "-1"], &["--time-budget -1"]),
        (&["--logprobs", "3"], &["--json"]),
    ] {
        assert_refused(&of(more), words);
    }
    let model = TinyModel::new();
    let of = |more: &[&str]| generate(model.path(), &[&["--prompt", "x"], more].concat());
    assert_refused(&of(&["--logit-bias", "258=1"]), &["logit_bias", "258"]);
    assert_refused(&of(&["--ban-token", "258"]), &["banned", "258"]);
    let all: Vec<String> = (0..258).map(|token| format!("--ban-token={token}")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    assert_refused(&of(&all), &["banned", "every token"]);
}

#[test]
fn structure() {
    let of = |more: &[&str]| run([&["generate", "--prompt", "x"], more].concat());
    assert_refused(
        &of(&["--json-schema", "{}", "--regex", "a"]),
        &["--json-schema", "--regex", "cannot be used with"],
    );
    assert_refused(&of(&["--json-compact"]), &["--json-schema"]);
    assert_refused(&of(&["--json-compact", "--regex", "a"]), &["--json-compact", "--regex"]);
    assert_refused(&of(&["--json-schema", "no/such.json"]), &["no/such.json"]);
    assert_refused(&run(["compare", "--unforced"]), &["--json-schema"]);
    let model = TinyModel::new();
    let of = |more: &[&str]| generate(model.path(), &[&["--prompt", "x"], more].concat());
    assert_refused(&of(&["--json-schema", "{\"type\": "]), &["--json-schema", "not JSON"]);
    assert_refused(&of(&["--json-schema", "{\"type\": 3}"]), &["schema is not valid", "type"]);
    assert_refused(
        &of(&["--json-schema", "{\"dependentSchemas\": {}}"]),
        &["not supported", "dependentSchemas"],
    );
    assert_refused(&of(&["--json-schema", "{\"enum\": []}"]), &["can never be met"]);
    assert_refused(&of(&["--regex", "a(b"]), &["--regex", "byte 1"]);
    assert_refused(&of(&["--regex", r"[^\s\S]"]), &["can never be met"]);
}

#[test]
fn strategies() {
    let of = |spec: &str| run(["generate", "--prompt", "x", "--strategy", spec]);
    assert_refused(&of("lookahed"), &["lookahed", "lookahead", "prompt-lookup"]);
    assert_refused(&of("lookahead:z=1"), &["unknown option z", "w, n, g"]);
    assert_refused(&of("lookahead:w=many"), &["w=many"]);
    assert_refused(&of(""), &["unknown strategy"]);
    let of = |list: &str| run(["compare", "--prompt", "x", "--strategies", list]);
    assert_refused(&of("autoregressive,lookahed"), &["lookahed"]);
    assert_refused(&of("w=5,n=4"), &["w=5", "STRATEGY"]);
    assert_refused(&of(","), &["foretoken strategies"]);
}

#[test]
fn prompts() {
    assert_refused(&run(["generate"]), &["no prompt", "--prompt"]);
    assert_refused(&run(["generate", "--prompt", ""]), &["empty"]);
    assert_refused(&run_with_input(["generate", "-"], b"\n"), &["empty"]);
    assert_refused(
        &run_with_input(["generate", "--prompt", "-"], b"a\xffb"),
        &["standard input", "byte 1"],
    );
    assert_refused(&run(["compare", "--prompt-file", "no/such/file"]), &["no/such/file"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("prompt.txt");
    fs::write(&file, b"abc\xc3").unwrap();
    let of_file = run(["generate", "--prompt-file", file.to_str().unwrap()]);
    assert_refused(&of_file, &["prompt.txt", "UTF-8", "byte 3"]);
}

#[test]
fn models_that_are_not_there() {
    assert_refused(
        &generate(Path::new("no/such.gguf"), &["--prompt", "x"]),
        &["no/such.gguf", "smollm2-135m"],
    );
    // By its name, or as the default, a model would be fetched, which the tests forbid.
    for arguments in [&["generate", "--prompt", "x"][..], &["--threads", "1"]] {
        let output = run(arguments.iter().chain(&["--model", "smollm2-135m"]));
        assert_refused(&output, &["smollm2-135m", "FORETOKEN_OFFLINE"]);
    }
    let empty = tempfile::tempdir().unwrap();
    assert_refused(&generate(empty.path(), &["--prompt", "x"]), &[]);
}

#[test]
fn models_that_are_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.gguf");
    for bytes in [
        &b""[..],
        b"GGUF",
        b"GGUF\x03\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff",
        b"<html>not found</html>",
    ] {
        fs::write(&file, bytes).unwrap();
        assert_refused(&generate(&file, &["--prompt", "x"]), &["model.gguf"]);
    }
    let model = TinyModel::new();
    let weights = model.path().join("model.safetensors");
    let bytes = fs::read(&weights).unwrap();
    fs::write(&weights, &bytes[..bytes.len() - 100]).unwrap();
    assert_refused(&generate(model.path(), &["--prompt", "x"]), &["model.safetensors"]);
    fs::remove_file(&weights).unwrap();
    assert_refused(&generate(model.path(), &["--prompt", "x"]), &[]);

    let model = TinyModel::new();
    fs::write(model.path().join("tokenizer.json"), "{}").unwrap();
    assert_refused(&generate(model.path(), &["--prompt", "x"]), &["tokenizer.json"]);
}

#[test]
fn architectures_that_are_not_known() {
    let model = TinyModel::new();
    fs::write(model.path().join("config.json"), json!({ "model_type": "mamba" }).to_string())
        .unwrap();
    assert_refused(&generate(model.path(), &["--prompt", "x"]), &["mamba", "llama"]);
}

#[test]
fn prompts_over_the_context() {
    let model = TinyModel::new();
    let prompt = "x".repeat(600);
    let refused = generate(model.path(), &["--prompt", &prompt]);
    assert_refused(&refused, &["600 tokens", "512", "shorten it"]);
    let refused = generate(model.path(), &["--prompt", &prompt, "--context", "1000"]);
    assert_refused(&refused, &["no longer context"]);
    let refused = generate(model.path(), &["--prompt", "abcd", "--context", "4"]);
    assert_refused(&refused, &["4 tokens", "--context"]);
}

#[test]
fn measurements() {
    let model = TinyModel::new();
    let of = |command: &str, more: &[&str]| {
        run([command, "--model", model.argument()].iter().chain(more))
    };
    assert_refused(&of("calibrate", &["--contexts", "508"]), &["508 tokens", "512"]);
    assert_refused(&of("calibrate", &["--contexts", "10,x"]), &["--contexts", "x"]);
    assert_refused(&of("calibrate", &["--rounds", "0"]), &["--rounds"]);
    assert_refused(&of("perplexity", &[]), &["--file"]);
    assert_refused(&of("perplexity", &["--file", "no/such/file"]), &["no/such/file"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("text.txt");
    let perplexity = |bytes: &[u8], more: &[&str]| {
        fs::write(&file, bytes).unwrap();
        of("perplexity", &[&["--file", file.to_str().unwrap()], more].concat())
    };
    assert_refused(&perplexity(b"ab\xff", &[]), &["text.txt", "UTF-8", "byte 2"]);
    assert_refused(&perplexity(b"a", &[]), &["1 tokens", "at least two"]);
    assert_refused(&perplexity(b"abc", &["--chunk", "1"]), &["chunks of at least 2"]);
    let long = "x".repeat(600);
    assert_refused(&perplexity(long.as_bytes(), &["--chunk", "600"]), &["600", "512"]);
}

#[test]
fn chat_templates() {
    let plain = TinyModel::new();
    let refused = generate(plain.path(), &["--prompt", "x", "--system", "y"]);
    assert_refused(&refused, &["no chat template", "--system"]);
    let damaged = TinyModel::with(512, &json!({ "chat_template": "{% for %}" }));
    assert_refused(&generate(damaged.path(), &["--prompt", "x"]), &["template", "--raw"]);
    let mut refusing = template();
    refusing["chat_template"] = json!("{{ raise_exception('no system role') }}");
    let refusing = TinyModel::with(512, &refusing);
    assert_refused(&generate(refusing.path(), &["--prompt", "x"]), &["no system role"]);
}
