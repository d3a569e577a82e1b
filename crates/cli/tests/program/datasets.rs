//! `foretoken trace` and `replay` on a tiny model, and the files that they and `bench` read.

use std::{collections::BTreeSet, fs, path::PathBuf};

use tempfile::TempDir;

use crate::{
    model::TinyModel,
    program::{json, run, stderr},
};

/// A folder with prompts of two tasks, and room for what comes out.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let line = |id: usize, task: &str| {
            format!(
                "{{\"id\": \"{task}/{id}\", \"task\": \"{task}\", \"turns\": [\"to be or {id} to be\"]}}\n"
            )
        };
        let lines: String =
            (0..6).map(|id| line(id, if id < 4 { "long" } else { "short" })).collect();
        fs::write(folder.path().join("prompts.jsonl"), lines).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn argument(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }
}

#[test]
fn a_replay_scores_what_the_model_would() {
    let (model, folder) = (TinyModel::new(), Folder::new());
    let (prompts, trace) = (folder.argument("prompts.jsonl"), folder.argument("tiny.trace"));
    let arguments = ["trace", "--prompts", &prompts, "--out", &trace, "--model", model.argument()];
    let more = ["--max-new-tokens", "24"];
    let first = run(arguments.iter().chain(&more).chain(&["--limit", "1"]));
    assert_eq!(first.status.code(), Some(0), "{}", stderr(&first));
    assert_eq!(fs::read_to_string(&trace).unwrap().lines().count(), 1 + 2, "a header, two tasks");
    let rest = run(arguments.iter().chain(&more));
    assert_eq!(rest.status.code(), Some(0), "{}", stderr(&rest));
    let whole = fs::read_to_string(&trace).unwrap();
    assert_eq!(whole.lines().count(), 1 + 6, "each prompt once");
    // Wherever a run is killed, the next one goes on.
    for left in [0, whole.find('\n').unwrap() + 1, whole.len() / 2, whole.len() - 1] {
        fs::write(&trace, &whole[..left]).unwrap();
        let output = run(arguments.iter().chain(&more));
        assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
        let again = fs::read_to_string(&trace).unwrap();
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
        assert!(lines(&again) == lines(&whole), "cut to {left} bytes");
    }

    let spec = "prompt-lookup:min_ngram=1";
    let object = json(&run([
        "replay",
        "--trace",
        &trace,
        "--strategies",
        spec,
        "--budget",
        "fixed",
        "--json",
    ]));
    let score = &object["strategies"][0];
    let replayed = score["overall"]["steps"].as_u64().unwrap();
    assert_eq!(score["overall"]["tokens"], 6 * 24);
    assert!(score["overall"]["ceiling"].as_f64() >= score["overall"]["speedup"].as_f64());
    assert_eq!(score["tasks"].as_object().unwrap().len(), 2);

    let out = folder.argument("results");
    let arguments = ["bench", "--prompts", &prompts, "--out", &out, "--model", model.argument()];
    let more = ["--max-new-tokens", "24", "--strategies", spec, "--budget", "fixed", "--json"];
    let object = json(&run(arguments.iter().chain(&more)));
    assert_eq!(object["strategies"][0]["strategy"], "autoregressive");
    let measured = &object["strategies"][1]["overall"];
    let per_step = measured["tokens_per_step"].as_f64().unwrap();
    assert_eq!(per_step, 6.0 * 24.0 / replayed as f64, "the model takes as many steps");
    assert_eq!(measured["identical"], true);
}

#[test]
fn bad_files_are_refused() {
    let folder = Folder::new();
    let refused = |arguments: &[&str], word: &str| {
        let output = run(arguments);
        let complaint = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{complaint}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
        assert!(complaint.contains(word), "{word:?} is missing in: {complaint}");
    };
    let (prompts, out) = (folder.argument("prompts.jsonl"), folder.argument("out"));
    refused(&["replay", "--trace", &prompts], "no trace file");
    refused(&["replay", "--trace", &out], "cannot read the trace");
    refused(&["bench", "--prompts", &out, "--out", &out], "cannot read the prompts");
    fs::write(folder.path("bad.jsonl"), "{\"id\": \"a\", \"turns\": [\"x\"]}\n{\"id\": 3}\n")
        .unwrap();
    refused(&["trace", "--prompts", &folder.argument("bad.jsonl"), "--out", &out], "line 2");
    let bad = |text: &str, words: &str| {
        fs::write(folder.path("bad.jsonl"), text).unwrap();
        let path = folder.argument("bad.jsonl");
        refused(&["bench", "--prompts", &path, "--out", &out], words);
    };
    bad("\n[1]\n", "line 2 of");
    bad("{\"prompt\": \"x\"}\n", "\"task_id\", \"prompt\"");
    bad(
        "{\"question\": \"x\", \"answer\": \"y\"}\n{\"id\": \"a\", \"turns\": [\"x\"]}\n",
        "line 2 of",
    );
    bad("{\"id\": \"a\", \"turns\": [\"x\", \"\"]}\n", "line 1 of");
    bad(
        "{\"id\": \"a\", \"turns\": [\"x\"]}\n{\"id\": \"a\", \"turns\": [\"x\"]}\n",
        "id a comes twice",
    );
    fs::write(folder.path("bad.jsonl"), [0x1f, 0x8b, 8, 0]).unwrap();
    refused(&["bench", "--prompts", &folder.argument("bad.jsonl"), "--out", &out], "cannot read");
    fs::write(folder.path("empty.jsonl"), "\n").unwrap();
    refused(&["bench", "--prompts", &folder.argument("empty.jsonl"), "--out", &out], "no prompts");
    let trace = folder.argument("empty.trace");
    fs::write(&trace, "{\"format\":\"foretoken-trace-1\",\"model\":\"m\"}\n").unwrap();
    refused(&["replay", "--trace", &trace, "--cost", "c=-1"], "c=-1");
    refused(&["replay", "--trace", &trace, "--cost", "nothing.json"], "calibrate --json");
}
