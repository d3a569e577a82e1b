//! The page in a browser: no errors, a trace view that works, no sideways scrolling on a phone.
//!
//! Without Chromium or Chrome these tests count as ignored, except in continuous integration (`CI=true`).

mod synthetic;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use foretoken_report::html;
use libtest_mimic::{Arguments, Failed, Trial};

/// A phone: headless windows are no narrower than 500 pixels, a frame in one is.
const PHONE: &str = "<!doctype html><iframe src=\"report.html#selftest\" width=\"360\" height=\"780\" style=\"border:0\"></iframe>
<script>addEventListener('message', (event) => Object.assign(document.documentElement.dataset, event.data))</script>";

fn browser() -> Result<PathBuf, String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let mut places = env::split_paths(&path).flat_map(|dir| names.map(|name| dir.join(name)));
    places
        .find(|place| place.is_file())
        .ok_or_else(|| format!("none of {} is in PATH", names.join(", ")))
}

/// The document after its scripts ran, which it must have done without a complaint.
fn open(browser: &Path, page: &Path, hash: &str) -> Result<String, Failed> {
    let profile = tempfile::tempdir()?;
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--dump-dom"])
        .args(["--enable-logging=stderr", "--window-size=1280,900", "--virtual-time-budget=20000"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("file://{}{hash}", page.display()))
        .output()?;
    let log = String::from_utf8_lossy(&output.stderr);
    if let Some(complaint) = log.lines().find(|line| line.contains("CONSOLE")) {
        return Err(format!("the page complains: {complaint}").into());
    }
    if !output.status.success() {
        return Err(format!("{} ended with {}: {log}", browser.display(), output.status).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What the page's trial of itself left in the root element.
fn expect(document: &str, attributes: &[(&str, &str)]) -> Result<(), Failed> {
    let root = document.split_once("<html").map_or("", |(_, rest)| rest);
    let root = root.split_once('>').map_or("", |(root, _)| root);
    for (name, value) in attributes {
        let wanted = format!("data-{name}=\"{value}\"");
        if !root.contains(&wanted) {
            return Err(format!("no {wanted} in <html{root}>").into());
        }
    }
    Ok(())
}

fn folder() -> Result<tempfile::TempDir, Failed> {
    let folder = tempfile::tempdir()?;
    synthetic::write(folder.path());
    html::write(folder.path())?;
    Ok(folder)
}

const PASSED: [(&str, &str); 4] =
    [("trace", "ready"), ("errors", "0"), ("faults", ""), ("overflow", "0")];

/// Every step of every generation shows its tree, by keys and by pointer.
fn the_trace_view_works(browser: &Path) -> Result<(), Failed> {
    let folder = folder()?;
    let document = open(browser, &folder.path().join("report.html"), "#selftest")?;
    expect(&document, &PASSED)?;
    // The texts hold such an element; in the document it is text.
    if document.contains("<img") {
        return Err("a token became an element".into());
    }
    Ok(())
}

fn a_phone_needs_no_sideways_scrolling(browser: &Path) -> Result<(), Failed> {
    let folder = folder()?;
    fs::write(folder.path().join("phone.html"), PHONE)?;
    let document = open(browser, &folder.path().join("phone.html"), "")?;
    expect(&document, &PASSED)?;
    expect(&document, &[("width", "360")])
}

/// The test of the tests: a fault would be seen.
fn a_fault_is_noticed(browser: &Path) -> Result<(), Failed> {
    let folder = folder()?;
    let path = folder.path().join("report.html");
    let page = fs::read_to_string(&path)?;
    fs::write(&path, page.replace("class=\"step\"", "class=\"stop\""))?;
    if open(browser, &path, "#selftest").and_then(|document| expect(&document, &PASSED)).is_ok() {
        return Err("a page without steps passed".into());
    }
    let thrown = "<main><script>undefined()</script>";
    fs::write(&path, page.replace("<main>", thrown))?;
    match open(browser, &path, "") {
        Err(failed) if failed.message().is_some_and(|message| message.contains("CONSOLE")) => {}
        other => return Err(format!("an error in a script went unseen: {other:?}").into()),
    }
    let wide = "<main><div style=\"width:3000px\">wide</div>";
    fs::write(&path, page.replace("<main>", wide))?;
    let document = open(browser, &path, "#selftest")?;
    match expect(&document, &PASSED) {
        Ok(()) => Err("a page that is too wide passed".into()),
        Err(_) => Ok(()),
    }
}

fn a_folder_of_results_alone_has_no_trace_and_no_errors(browser: &Path) -> Result<(), Failed> {
    let folder = folder()?;
    for file in ["setting.json", "steps.jsonl"] {
        fs::remove_file(folder.path().join(file))?;
    }
    html::write(folder.path())?;
    let document = open(browser, &folder.path().join("report.html"), "#selftest")?;
    expect(&document, &[("trace", "none"), ("errors", "0"), ("faults", ""), ("overflow", "0")])
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let in_ci = env::var("CI").is_ok_and(|value| value == "true");
    let browser = browser();
    if let Err(reason) = &browser {
        println!("The tests of the page in a browser need Chromium: {reason}");
    }
    let trial = |name: &str, test: fn(&Path) -> Result<(), Failed>| {
        let browser = browser.clone();
        let ignored = browser.is_err() && !in_ci;
        Trial::test(name, move || test(&browser?)).with_ignored_flag(ignored)
    };
    let trials = vec![
        trial("the_trace_view_works", the_trace_view_works),
        trial("a_phone_needs_no_sideways_scrolling", a_phone_needs_no_sideways_scrolling),
        trial("a_fault_is_noticed", a_fault_is_noticed),
        trial(
            "a_folder_of_results_alone_has_no_trace_and_no_errors",
            a_folder_of_results_alone_has_no_trace_and_no_errors,
        ),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}
