//! `foretoken generate` on a tiny model.

use std::fs;

use crate::{
    model::{TinyModel, template},
    program::{json, run, run_with_input, stderr, stdout},
};
use serde_json::Value;

fn arguments<'a>(model: &'a TinyModel, more: &[&'a str]) -> Vec<&'a str> {
    [&["generate", "--model", model.argument(), "--max-new-tokens", "40"], more].concat()
}

#[test]
fn json_has_the_tokens_and_the_text_that_is_streamed() {
    let model = TinyModel::new();
    let object = json(&run(arguments(&model, &["--prompt", "abcabc", "--json", "--threads", "1"])));
    let tokens = object["tokens"].as_array().unwrap();
    assert_eq!(tokens.len(), 40);
    assert!(tokens.iter().all(|token| token.as_u64().is_some_and(|token| token < 258)));
    assert_eq!(object["prompt_tokens"], 6);
    assert_eq!(object["threads"], 1);
    assert_eq!(object["strategy"], "autoregressive");
    assert_eq!(object["stop"], "max_new_tokens");
    assert!(object["seconds"].as_f64().unwrap() > 0.0);
    assert_eq!(object["statistics"]["generated_tokens"], 40);
    assert_eq!(object["statistics"]["steps"], 40);

    let streamed = run(arguments(&model, &["--prompt", "abcabc"]));
    assert_eq!((streamed.status.code(), stderr(&streamed).as_str()), (Some(0), ""));
    let text = object["text"].as_str().unwrap();
    let break_at_end = if text.ends_with('\n') { "" } else { "\n" };
    assert_eq!(stdout(&streamed), format!("{text}{break_at_end}"));
}

#[test]
fn every_strategy_says_the_same() {
    let model = TinyModel::new();
    let tokens = |strategy: &str| {
        let output = run(arguments(
            &model,
            &["--prompt", "to be or not to be", "--json", "--strategy", strategy],
        ));
        json(&output)["tokens"].clone()
    };
    let plain = tokens("autoregressive");
    for strategy in
        ["jacobi", "lookahead:w=3,n=3", "prompt-lookup", "ngram-pool", "lookahead+prompt-lookup"]
    {
        assert_eq!(tokens(strategy), plain, "{strategy}");
    }
}

#[test]
fn settings_that_must_not_matter_do_not() {
    let model = TinyModel::new();
    let tokens = |more: &[&str]| {
        let common = ["--prompt", "to be or not to be", "--json", "--strategy", "lookahead"];
        json(&run(arguments(&model, &[&common, more].concat())))["tokens"].clone()
    };
    let plain = tokens(&[]);
    assert_eq!(tokens(&["--threads", "1"]), plain);
    assert_eq!(tokens(&["--threads", "3"]), plain);
    assert_eq!(tokens(&["--max-nodes", "0"]), plain);
    assert_eq!(tokens(&["--max-nodes", "7"]), plain);
    assert_eq!(tokens(&["--context", "100"]), plain);
}

#[test]
fn prompts_come_from_everywhere() {
    let model = TinyModel::new();
    let expected = json(&run(arguments(&model, &["--prompt", "née", "--json"])));
    assert_eq!(expected["prompt_tokens"], 4);
    let file = model.path().join("prompt.txt");
    fs::write(&file, "née\r\n").unwrap();
    let file = file.to_str().unwrap();
    let others = [
        run(arguments(&model, &["--prompt-file", file, "--json"])),
        run_with_input(arguments(&model, &["--prompt-file", "-", "--json"]), "née\n".as_bytes()),
        run_with_input(arguments(&model, &["--json", "-"]), "née".as_bytes()),
    ];
    for other in &others {
        assert_eq!(json(other)["tokens"], expected["tokens"]);
    }
    let hyphen = json(&run(arguments(&model, &["--prompt", "- a", "--json"])));
    assert_eq!(hyphen["prompt_tokens"], 3);
}

#[test]
fn the_template_is_used_unless_raw() {
    let model = TinyModel::with(512, &template());
    let prompt_tokens = |more: &[&str]| {
        json(&run(arguments(&model, &[&["--prompt", "hi", "--json"], more].concat())))["prompt_tokens"].clone()
    };
    assert_eq!(prompt_tokens(&["--raw"]), 2);
    assert_eq!(prompt_tokens(&[]), "_user:hi_".len());
    assert_eq!(prompt_tokens(&["--system", "be"]), "_system:be_user:hi_".len());
}

#[test]
fn the_context_may_fill_up() {
    let model = TinyModel::new();
    let more = ["--prompt", "abcd", "--json", "--context", "20"];
    let object = json(&run(arguments(&model, &more)));
    assert_eq!(object["stop"], "context_full");
    let all = object["tokens"].as_array().map_or(0, Vec::len) + 4;
    assert!((20..=21).contains(&all), "{all}");
}

#[test]
fn colour_marks_what_was_guessed_and_changes_no_text() {
    let model = TinyModel::new();
    let more = ["--prompt", "abcabcabc", "--strategy", "prompt-lookup+ngram-pool"];
    let plain = run(arguments(&model, &more));
    let marked = run(arguments(&model, &[&more[..], &["--color"]].concat()));
    assert_eq!(marked.status.code(), Some(0));
    assert_eq!(console::strip_ansi_codes(&stdout(&marked)), stdout(&plain));

    let object: Value = json(&run(arguments(&model, &[&more[..], &["--json"]].concat())));
    let sources = object["statistics"]["sources"].as_array().unwrap();
    let accepted = sources.iter().any(|source| source["accepted"].as_u64() > Some(0));
    assert!(accepted, "the tiny model repeats itself: {object}");
    assert!(stdout(&marked).contains("\u{1b}[4m"), "underlined, not only coloured");
    let legend = stderr(&marked);
    assert!(legend.contains("prompt-lookup") && legend.contains("ngram-pool"), "{legend}");
}
