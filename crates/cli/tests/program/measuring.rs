//! `foretoken calibrate` and `foretoken perplexity` on a tiny model.

use std::{fs, process::Output};

use crate::{
    model::TinyModel,
    program::{json, program, run, run_with_input, stderr, stdout},
};
use serde_json::Value;

/// Calibrates with a cache in `folder`.
fn calibrate(model: &TinyModel, folder: &std::path::Path, more: &[&str]) -> Output {
    let fixed = ["calibrate", "--model", model.argument(), "--threads", "1", "--rounds", "2"];
    program(fixed.iter().chain(more)).env("FORETOKEN_CACHE", folder).output().unwrap()
}

#[test]
fn json_has_the_times_of_every_context() {
    let (model, folder) = (TinyModel::new(), tempfile::tempdir().unwrap());
    let object = json(&calibrate(&model, folder.path(), &["--json"]));
    assert!(object["bandwidth_gb_s"].as_f64().unwrap() > 0.0);
    assert_eq!(object["threads"], 1);
    let contexts = object["contexts"].as_array().unwrap();
    // The model's context is 512.
    let lengths: Vec<&Value> = contexts.iter().map(|context| &context["context"]).collect();
    assert_eq!(lengths, [256, 507]);
    for context in contexts {
        let floor = context["floor_ms"].as_f64().unwrap();
        let read = context["bytes"].as_f64().unwrap();
        let rate = object["bandwidth_gb_s"].as_f64().unwrap() * 1e6;
        assert!((floor / (read / rate) - 1.0).abs() < 1e-9);
        let points = context["points"].as_array().unwrap();
        let nodes: Vec<&Value> = points.iter().map(|point| &point["n"]).collect();
        assert_eq!(nodes, [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64]);
        for point in points {
            let (ms, ratio) = (point["ms"].as_f64().unwrap(), point["ratio"].as_f64().unwrap());
            assert!(
                ms > 0.0 && (ratio * points[0]["ms"].as_f64().unwrap() / ms - 1.0).abs() < 1e-9
            );
        }
    }
    let more = |context: &Value| context["bytes"].as_u64().unwrap();
    assert!(more(&contexts[1]) > more(&contexts[0]));

    // What was printed is what was kept.
    let kept: Vec<_> = fs::read_dir(folder.path().join("calibrations")).unwrap().collect();
    assert_eq!(kept.len(), 1);
    let path = kept[0].as_ref().unwrap().path();
    assert_eq!(object["kept_in"], path.to_str().unwrap());
    let kept: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert_eq!(kept["subject"]["model"], object["model"]);
    let points = kept["table"]["contexts"][1]["points"].as_array().unwrap();
    for (kept, printed) in points.iter().zip(contexts[1]["points"].as_array().unwrap()) {
        let close = kept[1].as_f64().unwrap() * 1e3 / printed["ms"].as_f64().unwrap();
        assert!(kept[0] == printed["n"] && (close - 1.0).abs() < 1e-9);
    }
}

#[test]
fn the_table_has_a_row_per_number_of_nodes() {
    let (model, folder) = (TinyModel::new(), tempfile::tempdir().unwrap());
    let output = calibrate(&model, folder.path(), &["--contexts", "100,0", "--kv", "f16"]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    let text = stdout(&output);
    let rows = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
    assert_eq!(rows.count(), 24);
    let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("no {what} in {text}"));
    assert!(place("Context 0:") < place("Context 100:"));
    assert!(place("GB/s") < place("t(n)/floor"));
    assert!(text.lines().last().unwrap().starts_with("Kept in "));
}

#[test]
fn times_that_cannot_be_kept_are_printed_all_the_same() {
    let (model, folder) = (TinyModel::new(), tempfile::tempdir().unwrap());
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let output = calibrate(&model, &file, &["--contexts", "0", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("error: the times are not kept: cannot write"));
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(object["kept_in"].is_null() && object["contexts"][0]["points"][11]["n"] == 64);
}

#[test]
fn perplexity_of_a_file_and_of_standard_input() {
    let (model, folder) = (TinyModel::new(), tempfile::tempdir().unwrap());
    let file = folder.path().join("text.txt");
    let text = "To be, or not to be, that is the question:\n".repeat(5);
    fs::write(&file, &text).unwrap();
    let arguments = |file: &str, more: &[&str]| {
        let fixed = ["perplexity", "--model", model.argument(), "--file", file, "--chunk", "64"];
        let all = fixed.iter().chain(more);
        all.map(|&argument| argument.to_owned()).collect::<Vec<_>>()
    };
    let path = file.to_str().unwrap();
    let object = json(&run(arguments(path, &["--json"])));
    // Every byte is a token.
    assert_eq!((&object["chunks"], &object["predicted_tokens"]), (&3.into(), &189.into()));
    assert_eq!(object["chunk_tokens"], 64);
    let number = |key: &str| object[key].as_f64().unwrap();
    assert!((number("nats_per_token").exp() / number("perplexity") - 1.0).abs() < 1e-9);
    // Random weights know nothing: about as many possibilities as there are tokens.
    assert!((50.0..5000.0).contains(&number("perplexity")), "{object}");

    let same = json(&run_with_input(arguments("-", &["--json"]), text.as_bytes()));
    assert_eq!(same["perplexity"], object["perplexity"]);
    let first = json(&run(arguments(path, &["--json", "--chunks", "1"])));
    assert_eq!((&first["chunks"], &first["predicted_tokens"]), (&1.into(), &63.into()));

    let output = run(arguments(path, &[]));
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    let shown = format!("perplexity {:.4}, ", number("perplexity"));
    assert!(stdout(&output).contains(&shown), "{}", stdout(&output));
}
