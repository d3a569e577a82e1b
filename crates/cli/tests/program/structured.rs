//! `--json-schema` and `--regex` on a tiny model.

use std::fs;

use crate::{
    model::{TinyModel, template},
    program::{json, run, run_with_input, stdout},
};
use serde_json::{Value, json};

/// A tiny model with a token that ends a sequence.
fn tiny() -> TinyModel {
    let mut config = template();
    config["eos_token"] = json!("<|start|>");
    TinyModel::with(512, &config)
}

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "name": { "type": "string", "maxLength": 8 },
            "marks": { "type": "array", "items": { "enum": ["good", "bad"] }, "minItems": 1, "maxItems": 3 },
            "sure": { "type": "boolean" },
        },
        "required": ["name", "marks", "sure"],
        "additionalProperties": false,
    })
}

fn of<'a>(model: &'a TinyModel, command: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let common = [command, "--model", model.argument(), "--max-new-tokens", "300"];
    [&common, more].concat()
}

fn assert_described(text: &str) {
    let value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert!(value["name"].as_str().unwrap().chars().count() <= 8, "{text}");
    assert!((1..=3).contains(&value["marks"].as_array().unwrap().len()), "{text}");
    assert!(value["sure"].is_boolean() && value.as_object().unwrap().len() == 3, "{text}");
}

#[test]
fn json_is_what_the_schema_describes_under_every_strategy() {
    let model = tiny();
    let schema = schema().to_string();
    let file = model.path().join("schema.json");
    fs::write(&file, &schema).unwrap();
    for (given, more) in [
        (schema.as_str(), &["--json-compact"][..]),
        (file.to_str().unwrap(), &["--json-compact", "--temperature", "1.2", "--seed", "5"]),
        (file.to_str().unwrap(), &["--temperature", "0.8"]),
    ] {
        let object = |strategy: &str| {
            let fixed =
                ["--prompt", "to be", "--json", "--strategy", strategy, "--json-schema", given];
            json(&run(of(&model, "generate", &[&fixed, more].concat())))
        };
        let plain = object("autoregressive");
        assert_eq!(plain["stop"], "end_of_sequence", "{plain}");
        assert_described(plain["text"].as_str().unwrap());
        for strategy in ["auto", "lookahead:w=3,n=3+prompt-lookup"] {
            let guessed = object(strategy);
            assert_eq!(guessed["tokens"], plain["tokens"], "{strategy} with {more:?}");
            let sources = guessed["statistics"]["sources"].as_array().unwrap();
            let forced = sources.iter().find(|source| source["name"] == "forced").unwrap();
            assert!(forced["accepted"].as_u64() > Some(3), "{forced}");
            assert!(
                guessed["statistics"]["steps"].as_u64() < plain["statistics"]["steps"].as_u64()
            );
        }
    }
}

#[test]
fn a_regular_expression_matches_the_whole_output() {
    let model = tiny();
    let more = ["--prompt", "to be", "--regex", "[ab]{3}-(one|two)"];
    let text = stdout(&run(of(&model, "generate", &more)));
    let (letters, word) = text.trim_end().split_once('-').unwrap();
    assert!(letters.len() == 3 && letters.chars().all(|letter| "ab".contains(letter)), "{text}");
    assert!(["one", "two"].contains(&word), "{text}");
}

#[test]
fn every_answer_of_a_conversation_obeys() {
    let model = tiny();
    let more = ["--json-compact", "--json-schema", &schema().to_string()];
    let output = run_with_input(of(&model, "chat", &more), b"hi\n/strategy lookahead\nho\n");
    let text = stdout(&output);
    let answers: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(answers.len(), 2, "{text}");
    answers.into_iter().for_each(assert_described);
}

#[test]
fn strategies_are_compared_with_and_without_forced_guesses() {
    let model = tiny();
    let schema = schema().to_string();
    let more = ["--prompt", "to be", "--json-schema", &schema, "--unforced", "--json"];
    let more = [&more[..], &["--strategies", "auto,jacobi", "--runs", "1"]].concat();
    let output = run(of(&model, "compare", &more));
    assert_eq!(output.status.code(), Some(0));
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    let runs = object["runs"].as_array().unwrap();
    let names: Vec<&str> = runs.iter().map(|run| run["strategy"].as_str().unwrap()).collect();
    assert_eq!(names, ["autoregressive", "auto", "jacobi", "auto (unforced)", "jacobi (unforced)"]);
    assert!(runs.iter().all(|run| run["identical"] == true), "{object}");
    assert_described(object["text"].as_str().unwrap());
}
