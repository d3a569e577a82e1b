//! `foretoken report` on what `foretoken bench` wrote.

use std::fs;

use crate::{
    model::TinyModel,
    program::{run, stderr, stdout},
};

#[test]
fn a_page_shows_what_bench_measured() {
    let (model, folder) = (TinyModel::new(), tempfile::tempdir().unwrap());
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let prompts =
        "{\"id\": \"a/1\", \"task\": \"qa\", \"turns\": [\"to be or <b>not</b> to be\"]}\n";
    fs::write(path("prompts.jsonl"), prompts).unwrap();
    let (prompts, results) = (path("prompts.jsonl"), path("results"));
    let bench = ["bench", "--prompts", &prompts, "--out", &results, "--model", model.argument()];
    let output = run(bench.iter().chain(&["--max-new-tokens", "16"]));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));

    let output = run(["report", &results]);
    let written = path("results/report.html");
    assert_eq!((output.status.code(), stdout(&output)), (Some(0), format!("{written}\n")));
    let page = fs::read_to_string(&written).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("a/1"));

    let elsewhere = path("elsewhere.html");
    let output = run(["report", &results, "--out", &elsewhere]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(0), format!("{elsewhere}\n")));
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), page);
}

#[test]
fn a_folder_without_results_is_bad_input() {
    let folder = tempfile::tempdir().unwrap();
    for dir in [folder.path().to_owned(), folder.path().join("nowhere")] {
        let output = run(["report", dir.to_str().unwrap()]);
        let complaint = stderr(&output);
        assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(2), ""), "{complaint}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
        assert!(complaint.contains("holds no results") && complaint.contains("foretoken bench"));
    }
}
