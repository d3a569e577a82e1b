//! `foretoken pool`: building, inspecting and merging files.

use std::fs;

use crate::{
    model::TinyModel,
    program::{run, stderr, stdout},
};

#[test]
fn pools_are_built_inspected_and_merged() {
    let model = TinyModel::new();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("a.txt"), "abcabd").unwrap();
    fs::write(path("b.txt"), "xyz").unwrap();
    let build = |out: &str, more: &[&str], text: &str| {
        let (out, text) = (path(out), path(text));
        let fixed = ["pool", "build", "--model", model.argument(), "--out", &out];
        run(fixed.iter().chain(more).chain([&text.as_str()]))
    };
    for (out, text) in [("a.pool", "a.txt"), ("b.pool", "b.txt")] {
        let output = build(out, &["--scope", "tests", "--order", "2"], text);
        assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    }
    let output = run(["pool", "merge", "--out", &path("c.pool"), &path("a.pool"), &path("b.pool")]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    let output = run(["pool", "info", &path("c.pool")]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    let text = stdout(&output);
    // a, b, c, ab, bc, ca; x, y, xy.
    for expected in ["\"tests\"", "9 of at most 524288", "section    shared-pool"] {
        assert!(text.contains(expected), "{expected} is missing in: {text}");
    }

    // What does not fit together is refused, and nothing is written.
    let output = build("d.pool", &["--scope", "others"], "b.txt");
    assert_eq!(output.status.code(), Some(0));
    fs::write(path("e.pool"), "something else").unwrap();
    for (other, words) in [("d.pool", "\"others\""), ("e.pool", "not a pool file")] {
        let output =
            run(["pool", "merge", "--out", &path("f.pool"), &path("a.pool"), &path(other)]);
        assert_eq!(output.status.code(), Some(2));
        let complaint = stderr(&output);
        assert!(complaint.contains(other) && complaint.contains(words), "{complaint}");
        assert!(!folder.path().join("f.pool").exists());
    }
    let output = build("g.pool", &["--order", "9"], "b.txt");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("order is 9"), "{}", stderr(&output));
}

#[test]
fn runs_remember_what_earlier_runs_said() {
    let model = TinyModel::new();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (pool, missing) = (path("mine.pool"), path("none.pool"));
    let generate = |more: &[&str]| {
        let fixed = ["generate", "--model", model.argument(), "--raw", "--prompt", "abcabc"];
        run(fixed.iter().chain(&["--max-new-tokens", "30"]).chain(more))
    };
    let alone = generate(&[]);
    for _ in 0..2 {
        let output = generate(&["--pool", &pool, "--learn"]);
        assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
        assert_eq!(stdout(&output), stdout(&alone), "a pool changes no output");
    }
    let info = stdout(&run(["pool", "info", &pool]));
    for expected in ["sequences  2", "section    calibration", "section    shared-pool"] {
        assert!(info.contains(expected), "{expected} is missing in: {info}");
    }
    let before = fs::read(&pool).unwrap();
    for strategy in ["auto", "prompt-lookup", "autoregressive"] {
        let output = generate(&["--pool", &pool, "--strategy", strategy]);
        assert_eq!(stdout(&output), stdout(&alone), "{strategy}");
    }
    assert_eq!(fs::read(&pool).unwrap(), before, "what is not to be learned is not written");

    let output = generate(&["--pool", &missing]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("none.pool"), "{}", stderr(&output));
    assert_eq!(generate(&["--learn"]).status.code(), Some(2));
}

#[test]
fn texts_are_kept_whole_if_asked_for() {
    let model = TinyModel::new();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("a.txt"), "abcabd").unwrap();
    let generate = |more: &[&str]| {
        let fixed = ["generate", "--model", model.argument(), "--raw", "--prompt", "abc"];
        run(fixed.iter().chain(&["--max-new-tokens", "20"]).chain(more))
    };
    let alone = stdout(&generate(&[]));
    for (keep, expected) in [("texts", false), ("both", true), ("counts", true)] {
        let out = path(&format!("{keep}.pool"));
        let output = run([
            "pool",
            "build",
            "--model",
            model.argument(),
            "--out",
            &out,
            "--keep",
            keep,
            &path("a.txt"),
        ]);
        assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
        let info = stdout(&run(["pool", "info", &out]));
        assert_eq!(info.contains("contexts"), expected, "{info}");
        assert_eq!(info.contains("indexed"), keep != "counts", "{info}");
        for strategy in ["auto", "suffix"] {
            let output = generate(&["--pool", &out, "--strategy", strategy]);
            assert_eq!((output.status.code(), stdout(&output)), (Some(0), alone.clone()));
        }
    }

    // What is said is learned beside texts, too, and merging leaves the first file's texts as they are.
    let (texts, counts, sum) = (path("texts.pool"), path("counts.pool"), path("sum.pool"));
    assert_eq!(generate(&["--pool", &texts, "--learn"]).status.code(), Some(0));
    let info = stdout(&run(["pool", "info", &texts]));
    assert!(info.contains("sequences  1") && info.contains("indexed"), "{info}");
    let output = run(["pool", "merge", "--out", &sum, &texts, &counts]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    let info = stdout(&run(["pool", "info", &sum]));
    for expected in ["indexed", "section    shared-pool", "section    calibration"] {
        assert!(info.contains(expected), "{expected} is missing in: {info}");
    }
    let output = run(["pool", "merge", "--out", &path("no.pool"), &counts, &texts]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("texts.pool holds texts"), "{}", stderr(&output));
}
