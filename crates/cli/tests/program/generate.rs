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
    assert_eq!(object["strategy"], "auto");
    assert_eq!(object["stop"], "max_new_tokens");
    assert!(object["seconds"].as_f64().unwrap() > 0.0);
    assert_eq!(object["statistics"]["generated_tokens"], 40);
    assert!(object["statistics"]["steps"].as_u64() <= Some(40));

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
    let more = [&more[..], &["--budget", "fixed"]].concat();
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

/// All that can be said about choices at once.
const CHOICES: [&str; 26] = [
    "--temperature",
    "0.9",
    "--top-k",
    "50",
    "--top-p",
    "0.95",
    "--min-p",
    "0.001",
    "--typical-p",
    "0.97",
    "--repetition-penalty",
    "1.1",
    "--presence-penalty",
    "0.1",
    "--frequency-penalty",
    "0.05",
    "--penalty-window",
    "30",
    "--logit-bias",
    "97=0.5",
    "--logit-bias=98=-0.5",
    "--ban-token",
    "99",
    "--min-new-tokens",
    "5",
    "--seed=12",
];

#[test]
fn a_seed_says_the_same_under_every_strategy() {
    let model = TinyModel::new();
    let tokens = |more: &[&str]| {
        let common = ["--prompt", "to be or not to be", "--json"];
        json(&run(arguments(&model, &[&common, more].concat())))["tokens"].clone()
    };
    for choices in [&CHOICES[..], &["--temperature", "1.2"], &["--temperature=0.5", "--top-k=8"]] {
        let plain = tokens(choices);
        assert_eq!(plain.as_array().unwrap().len(), 40);
        assert!(!plain.as_array().unwrap().contains(&99.into()) || choices.len() < 9);
        for strategy in ["lookahead:w=3,n=3", "prompt-lookup", "jacobi+ngram-pool"] {
            let guessed = tokens(&[choices, &["--strategy", strategy]].concat());
            assert_eq!(guessed, plain, "{strategy} with {choices:?}");
        }
        if choices.len() < 9 {
            let other = tokens(&[choices, &["--seed", "13"]].concat());
            assert_ne!(other, plain, "another seed");
        }
        assert_ne!(tokens(&[]), plain, "greedy");
    }
}

#[test]
fn a_stop_string_ends_the_text_and_is_not_shown() {
    let model = TinyModel::new();
    let common = ["--prompt", "abcabc", "--temperature", "1", "--seed", "2"];
    let whole = json(&run(arguments(&model, &[&common[..], &["--json"]].concat())));
    let text = whole["text"].as_str().unwrap();
    let (at, _) = text.char_indices().nth(9).unwrap();
    let stop: String = text[at..].chars().take(3).collect();
    let before = &text[..text.find(&stop).unwrap()];
    let more = ["--stop", "never said", "--stop", &stop];
    let streamed = run(arguments(&model, &[&common[..], &more].concat()));
    let break_at_end = if before.ends_with('\n') { "" } else { "\n" };
    assert_eq!(stdout(&streamed), format!("{before}{break_at_end}"));
    let object = json(&run(arguments(&model, &[&common[..], &more, &["--json"]].concat())));
    assert_eq!(
        (object["stop"].as_str(), object["text"].as_str()),
        (Some("stop_string"), Some(before))
    );
}

#[test]
fn endings_have_names() {
    let model = TinyModel::new();
    let stop = |more: &[&str]| {
        let common = ["--prompt", "abcabc", "--json"];
        json(&run(arguments(&model, &[&common, more].concat())))["stop"].clone()
    };
    assert_eq!(stop(&["--time-budget", "0"]), "time_budget");
    // Two tokens are left, so the output soon goes round in circles.
    let bans: Vec<String> = (2..258).map(|token| format!("--ban-token={token}")).collect();
    let bans: Vec<&str> = bans.iter().map(String::as_str).collect();
    let circles = [&bans[..], &["--stop-repetition", "--max-new-tokens", "300"]].concat();
    let common = ["generate", "--model", model.argument(), "--prompt", "abcabc", "--json"];
    assert_eq!(json(&run([&common[..], &circles].concat()))["stop"], "repetition");
}

#[test]
fn scores_come_with_the_json() {
    let model = TinyModel::new();
    let object = json(&run(arguments(&model, &["--prompt", "abc", "--json", "--logprobs", "2"])));
    let scores = object["scores"].as_array().unwrap();
    assert_eq!(scores.len(), 40);
    for (score, token) in scores.iter().zip(object["tokens"].as_array().unwrap()) {
        assert_eq!(score["top"].as_array().unwrap().len(), 2);
        assert_eq!(&score["top"][0][0], token, "greedy takes the most likely one");
        assert_eq!(score["top"][0][1], score["log_probability"]);
        assert!(score["log_probability"].as_f64().unwrap() < 0.0);
    }
}
