//! `foretoken compare` on a tiny model.

use crate::{
    model::TinyModel,
    program::{json, run, stderr, stdout},
};
use serde_json::{Value, json};

fn arguments<'a>(model: &'a TinyModel, more: &[&'a str]) -> Vec<&'a str> {
    let fixed = [
        "compare",
        "--model",
        model.argument(),
        "--prompt",
        "to be or not to be",
        "--max-new-tokens",
        "40",
    ];
    [&fixed, more].concat()
}

fn names(object: &Value) -> Vec<&str> {
    object["runs"].as_array().unwrap().iter().map(|run| run["strategy"].as_str().unwrap()).collect()
}

#[test]
fn json_has_one_entry_per_strategy() {
    let model = TinyModel::new();
    let list = "prompt-lookup,autoregressive,lookahead:w=5,n=4,lookahead:w=3,n=3+prompt-lookup,prompt-lookup";
    let more =
        ["--strategies", list, "--strategies", "jacobi", "--runs", "2", "--threads", "1", "--json"];
    let object = json(&run(arguments(&model, &more)));
    assert_eq!(
        names(&object),
        [
            "prompt-lookup",
            "autoregressive",
            "lookahead:w=5,n=4",
            "lookahead:w=3,n=3+prompt-lookup",
            "jacobi"
        ]
    );
    assert_eq!(object["threads"], 1);
    assert_eq!(object["prompt_tokens"], 18);
    assert_eq!(object["interrupted"], false);
    assert!(object["model"].is_string() && object["prefill_seconds"].as_f64().is_some());
    let runs = object["runs"].as_array().unwrap();
    for run in runs {
        assert_eq!(run["identical"], true);
        assert_eq!(run["tokens"], runs[1]["tokens"]);
        assert_eq!(run["tokens"].as_array().unwrap().len(), 40);
        let number = |key: &str| run[key].as_f64().unwrap();
        let close = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-9;
        assert!(close(number("tokens_per_second"), 40.0 / number("seconds")), "{run}");
        assert!(close(number("tokens_per_step"), 40.0 / number("steps")), "{run}");
        assert!(
            close(number("speedup"), runs[1]["seconds"].as_f64().unwrap() / number("seconds")),
            "{run}"
        );
        assert!(number("nodes_per_step") >= 1.0 && number("prefill_seconds") > 0.0, "{run}");
        assert_eq!(run["all_seconds"].as_array().unwrap().len(), 2);
    }
    assert_eq!(runs[1]["speedup"], 1.0);
    assert_eq!(runs[1]["steps"], 40);
}

#[test]
fn plain_decoding_always_runs() {
    let model = TinyModel::new();
    let output = run(arguments(&model, &["--strategies", "jacobi", "--runs", "1", "--json"]));
    assert_eq!(output.status.code(), Some(0));
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (names(&object), &object["baseline"]),
        (vec!["autoregressive", "jacobi"], &json!("autoregressive"))
    );
    assert!(stderr(&output).contains("autoregressive is not among the strategies"));
}

#[test]
fn the_table_has_a_row_per_strategy() {
    let model = TinyModel::new();
    let output = run(arguments(&model, &["--runs", "1"]));
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    let text = stdout(&output);
    let start = text.lines().position(|line| line.starts_with("strategy ")).unwrap();
    let rows: Vec<Vec<&str>> = text
        .lines()
        .skip(start)
        .map(|line| line.split_whitespace().collect())
        .take_while(|row: &Vec<&str>| !row.is_empty())
        .collect();
    assert_eq!(
        rows[0],
        ["strategy", "tokens/s", "speedup", "tokens/step", "nodes/step", "identical"]
    );
    let first: Vec<&str> = rows[1..].iter().map(|row| row[0]).collect();
    assert_eq!(
        first,
        [
            "autoregressive",
            "auto",
            "suffix",
            "recycling",
            "prompt-lookup",
            "ngram-pool",
            "lookahead",
            "jacobi"
        ]
    );
    for row in &rows[1..] {
        assert_eq!((row.len(), row[5]), (6, "yes"));
        assert!(row[1].parse::<f64>().is_ok() && row[2].ends_with('x'), "{row:?}");
    }
    assert!(text.contains("same 40 tokens"));
}

#[test]
fn without_a_prompt_there_is_one() {
    let model = TinyModel::with(2048, &json!({}));
    let more =
        ["compare", "--model", model.argument(), "--max-new-tokens", "4", "--runs", "1", "--json"];
    let object = json(&run(more));
    assert!(object["prompt_tokens"].as_u64() > Some(50));
}

#[test]
fn the_race_ends_with_what_to_do_next() {
    let model = TinyModel::with(2048, &json!({}));
    let output = run(["--model", model.argument(), "--threads", "1"]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    let text = stdout(&output);
    assert!(text.contains("auto") && text.contains("recycling"), "{text}");
    assert!(text.lines().last().unwrap().contains("foretoken --model"), "{text}");
}

/// No file, no network: the model is in the program.
#[test]
fn the_race_needs_nothing() {
    let started = std::time::Instant::now();
    let output = run::<&str>([]);
    assert!(
        started.elapsed().as_secs() < 60,
        "{:?}, on a machine that may be busy",
        started.elapsed()
    );
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    let text = stdout(&output);
    assert!(text.starts_with("tiny (llama, Q8_0)"), "{text}");
    assert!(text.contains("All strategies produced the same"), "{text}");
    let story =
        run(["generate", "--max-new-tokens", "30", "--prompt", "Write a story about a fox."]);
    assert_eq!(story.status.code(), Some(0));
    assert!(stdout(&story).split_whitespace().count() > 15, "{}", stdout(&story));
}

#[test]
fn sampled_runs_are_compared_with_the_same_seed() {
    let model = TinyModel::new();
    let choices = ["--temperature", "0.9", "--top-p", "0.95", "--repetition-penalty", "1.1"];
    let more = ["--runs", "2", "--json", "--seed", "4"];
    let object = json(&run(arguments(&model, &[&choices[..], &more].concat())));
    let runs = object["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 8);
    assert!(runs.iter().all(|run| run["identical"] == true), "{object}");
    let greedy = json(&run(arguments(&model, &["--runs", "1", "--json"])));
    assert_ne!(greedy["runs"][0]["tokens"], object["runs"][0]["tokens"]);
}
