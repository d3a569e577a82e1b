//! The examples of the corpus's Python functions, run by Python itself.

use foretoken_train::corpus::{Kind, documents};
use std::{
    io::Write,
    process::{Command, Stdio},
};

/// Reads sources separated by a zero byte, and runs the examples of each in a scope of its own.
const DRIVER: &str = r"
import doctest, sys
failed = tried = 0
for source in sys.stdin.read().split('\0'):
    scope = {}
    exec(source, scope)
    runner = doctest.DocTestRunner()
    for name, item in list(scope.items()):
        if callable(item):
            for test in doctest.DocTestFinder().find(item, name, module=False, globs=scope):
                result = runner.run(test)
                failed += result.failed
                tried += result.attempted
print(tried, 'examples tried,', failed, 'failed')
sys.exit(failed > 0 or tried < 4000)
";

/// The code of a document, without the instruction before it.
fn code(text: &str) -> &str {
    if text.starts_with("Write ") {
        text.split_once("\n\n").expect("a blank line follows the instruction").1
    } else {
        text
    }
}

#[test]
#[ignore = "needs python3"]
fn python_agrees_with_every_example() {
    let sources: Vec<String> = documents(11)
        .filter(|document| document.kind == Kind::Python)
        .take(3_000)
        .map(|document| code(&document.text).to_owned())
        .collect();
    let mut python = Command::new("python3")
        .args(["-c", DRIVER])
        .stdin(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    python
        .stdin
        .take()
        .expect("a pipe")
        .write_all(sources.join("\0").as_bytes())
        .expect("python3 reads");
    assert!(python.wait().expect("python3 ends").success());
}
