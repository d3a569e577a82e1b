//! `foretoken chat` on a tiny model, its turns from a pipe.

use crate::{
    model::{TinyModel, template},
    program::{json, run, run_with_input, stderr, stdout},
};

fn chat(model: &TinyModel, more: &[&str], turns: &str) -> std::process::Output {
    let arguments = ["chat", "--model", model.argument(), "--max-new-tokens", "20"];
    run_with_input([&arguments[..], more].concat(), turns.as_bytes())
}

fn model() -> TinyModel {
    TinyModel::with(512, &template())
}

#[test]
fn a_first_answer_is_what_generate_says() {
    let model = model();
    let generated = run([
        "generate",
        "--model",
        model.argument(),
        "--max-new-tokens",
        "20",
        "--prompt",
        "to be or not",
        "--system",
        "be",
        "--json",
    ]);
    let answer = chat(&model, &["--system", "be"], "to be or not");
    assert_eq!(answer.status.code(), Some(0), "{}", stderr(&answer));
    let expected = json(&generated)["text"].as_str().unwrap().to_owned();
    let break_at_end = if expected.ends_with('\n') { "" } else { "\n" };
    assert_eq!(stdout(&answer), format!("{expected}{break_at_end}"));
}

#[test]
fn a_conversation_says_the_same_under_every_strategy() {
    let model = model();
    let turns = "abc abc abc\n\nand again abc\nabc?\n";
    let plain = chat(&model, &["--temperature", "0.8", "--seed", "3"], turns);
    let guessed = chat(
        &model,
        &["--temperature", "0.8", "--seed", "3", "--strategy", "lookahead:w=3,n=3+prompt-lookup"],
        turns,
    );
    assert_eq!(plain.status.code(), Some(0));
    assert_eq!(stdout(&guessed), stdout(&plain));
    assert_eq!(stderr(&plain).matches("[max new tokens]").count(), 3, "{}", stderr(&plain));
}

#[test]
fn commands_are_obeyed_and_wrong_ones_named() {
    let model = model();
    let turns = "/stats\nabc abc\n/stats\n/strategy\n/strategy prompt-lookup\nabc abc\n/stats\n\
                 /strategy nonsense\n/frobnicate\n/reset\n/help\n/quit\nnever read";
    let output = chat(&model, &[], turns);
    assert_eq!(output.status.code(), Some(0));
    let told = stderr(&output);
    for part in [
        "There was no answer yet.",
        "The last answer: 20 tokens",
        " 0 were known",
        "The strategy is auto.",
        "The strategy is prompt-lookup now.",
        "All 2 answers: 40 tokens",
        "nonsense",
        "there is no command /frobnicate",
        "begins anew",
        "/system",
    ] {
        assert!(told.contains(part), "{part:?} is missing in\n{told}");
    }
    let known = told.lines().filter_map(|line| line.split(" tokens ").last()?.split(' ').next());
    let known: Vec<usize> = known.filter_map(|number| number.parse().ok()).collect();
    assert!(known.iter().any(|&known| known > 10), "the second turn reuses the first: {told}");
}

#[test]
fn a_new_conversation_forgets_the_old_one() {
    let model = model();
    let once = stdout(&chat(&model, &[], "abc"));
    let twice = stdout(&chat(&model, &[], "abc\n/reset\nabc"));
    assert_eq!(twice, once.repeat(2));
    let other = stdout(&chat(&model, &["--system", "x"], "abc"));
    assert_eq!(stdout(&chat(&model, &[], "abc\n/system x\nabc")), format!("{once}{other}"));
}

#[test]
fn what_cannot_be_used_is_refused() {
    let model = model();
    let refused = |output: &std::process::Output, words: &[&str]| {
        let complaint = stderr(output);
        assert_eq!(output.status.code(), Some(2), "{complaint}");
        let last = complaint.lines().last().unwrap_or_default();
        for word in words {
            assert!(last.contains(word), "{word:?} is missing in: {complaint}");
        }
    };
    refused(&chat(&model, &["--strategy", "lookahed"], "x"), &["lookahed"]);
    refused(&chat(&model, &["--temperature", "-1"], "x"), &["temperature is -1"]);
    refused(&chat(&model, &["--stop", ""], "x"), &["stop string", "empty"]);
    refused(&chat(&model, &["--ban-token", "258"], "x"), &["banned", "258"]);
    refused(&chat(&TinyModel::new(), &[], "x"), &["no chat template"]);
    let damaged = TinyModel::with(512, &serde_json::json!({ "chat_template": "{% for %}" }));
    refused(&chat(&damaged, &[], "x"), &["template"]);
    let refusing = serde_json::json!({ "chat_template": "{{ raise_exception('no, never') }}" });
    refused(&chat(&TinyModel::with(512, &refusing), &[], "x"), &["template", "no, never"]);
    let long = "x".repeat(600);
    refused(&chat(&model, &[], &long), &["607 tokens", "512", "--context"]);
    let bytes = ["chat", "--model", model.argument()];
    refused(&run_with_input(bytes, b"\xff\xfe\n"), &["line 1", "UTF-8"]);
}
