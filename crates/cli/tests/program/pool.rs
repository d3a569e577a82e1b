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
