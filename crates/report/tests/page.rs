//! The page as text: well formed, alone in the world, and unmoved by hostile content.

mod synthetic;

use std::{collections::HashSet, fs, path::Path};

use foretoken_report::html;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    synthetic::write(folder.path());
    folder
}

/// The elements in order of their beginnings; fails on tags that do not match.
fn elements(page: &str) -> Vec<&str> {
    const VOID: [&str; 4] = ["meta", "link", "br", "input"];
    let (mut rest, mut open, mut all) = (page, Vec::new(), Vec::new());
    while let Some((_, tag)) = rest.split_once('<') {
        let (tag, after) = tag.split_once('>').expect("a tag ends");
        rest = after;
        if tag.starts_with('!') {
            continue;
        }
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{tag}");
            continue;
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        all.push(tag);
        if name == "script" || name == "style" {
            let end = rest.find(&format!("</{name}>")).expect("it ends");
            rest = &rest[end..];
        }
        if !tag.ends_with('/') && !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    all
}

/// The values of an attribute.
fn values<'a>(elements: &[&'a str], name: &str) -> Vec<&'a str> {
    let begin = format!(" {name}=\"");
    let value = |tag: &'a str| Some(tag.split_once(&begin)?.1.split_once('"')?.0);
    elements.iter().filter_map(|tag| value(tag)).collect()
}

#[test]
fn the_page_is_well_formed_and_asks_nobody_for_anything() {
    let folder = folder();
    html::write(folder.path()).unwrap();
    let page = fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(!folder.path().join("report.html.part").exists());
    let elements = elements(&page);
    let ids = values(&elements, "id");
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "{ids:?}");
    for section in ["answer", "passes", "trade", "acceptance", "phases", "prompts", "trace"] {
        assert!(ids.contains(&section), "{section}");
    }
    assert_eq!(values(&elements, "src"), [""; 0]);
    for link in values(&elements, "href") {
        assert!(link.starts_with('#') || link == "data:,", "{link}");
    }
    let alone = page.replace("http://www.w3.org/2000/svg", "");
    for outside in ["http:", "https:", "@import", "url(", "fetch(", "import("] {
        assert!(!alone.contains(outside), "{outside}");
    }
    let pictures = elements.iter().filter(|tag| tag.starts_with("svg"));
    assert!(pictures.clone().count() >= 14);
    assert!(pictures.clone().all(|tag| tag.contains("aria-label=\"") && !tag.contains("NaN")));
    assert_eq!(page.matches("class=\"missing\"").count(), 1, "only that the trees need a script");
}

#[test]
fn the_answer_comes_first() {
    let folder = folder();
    let page = html::render(folder.path()).unwrap();
    let first = page.split_once("<h1>").unwrap().1;
    assert!(first.starts_with("Use <code>auto</code>: 1."), "{}", &first[..200]);
    assert!(
        first.contains("times as fast as plain decoding over 40 prompts, the same tokens.</h1>")
    );
    assert!(first.contains("<code>suffix</code> is better for code ("));
    assert!(first.contains("All 200 outputs are plain decoding’s"));
}

#[test]
fn hostile_text_stays_text() {
    const HOSTILE: &str =
        "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{ 7*7 }}";
    let folder = folder();
    // Everywhere: names of models, tasks, prompts, strategies and sources, prompts and tokens.
    for name in ["results.jsonl", "steps.jsonl", "setting.json"] {
        let path = folder.path().join(name);
        let written = serde_json::to_string(HOSTILE).unwrap();
        let hostile = &written[1..written.len() - 1];
        let text = fs::read_to_string(&path).unwrap();
        let text = ["humaneval", "suffix", "Synthetic", "word", "Write a"]
            .iter()
            .fold(text, |text, place| text.replace(place, &format!("{place}{hostile}")));
        fs::write(&path, text).unwrap();
    }
    let page = html::render(folder.path()).unwrap();
    let elements = elements(&page);
    assert!(elements.iter().all(|tag| !tag.starts_with("img")));
    assert_eq!(elements.iter().filter(|tag| tag.starts_with("script")).count(), 2);
    assert_eq!(page.matches("<script").count(), 2);
    assert_eq!(page.matches("</script").count(), 2);
    assert!(page.contains("&lt;img src=x") && page.contains("\\u003cimg src=x"));
    assert!(page.contains("{{ 7*7 }}"), "nothing of it is a template");
    for tag in elements {
        assert!(!tag.contains(" onerror") || tag.contains("&lt;img"), "{tag}");
    }
}

fn message(dir: &Path) -> String {
    html::write(dir).unwrap_err().to_string()
}

#[test]
fn what_is_missing_is_left_out_and_what_is_damaged_is_named() {
    let folder = folder();
    let dir = folder.path();
    for name in ["setting.json", "steps.jsonl"] {
        fs::remove_file(dir.join(name)).unwrap();
    }
    let results = fs::read_to_string(dir.join("results.jsonl")).unwrap();
    let old = results.replace("forward_seconds", "unknown");
    fs::write(dir.join("results.jsonl"), old).unwrap();
    let page = html::render(dir).unwrap();
    elements(&page);
    assert_eq!(page.matches("class=\"missing\"").count(), 4);
    for advice in
        ["foretoken calibrate --model", "<code>steps.jsonl</code>", "<code>setting.json</code>"]
    {
        assert!(page.contains(advice), "{advice}");
    }

    // A killed run leaves a part of a line.
    let lines: Vec<&str> = results.lines().collect();
    fs::write(dir.join("results.jsonl"), lines[..3].join("\n") + "\n" + &lines[3][..50]).unwrap();
    assert!(html::render(dir).unwrap().contains("over 3 prompts"));
    fs::write(dir.join("results.jsonl"), lines[0].to_owned() + "\nnonsense\n").unwrap();
    assert!(message(dir).contains("line 2 of"), "{}", message(dir));
    assert!(!dir.join("report.html").exists());

    fs::write(dir.join("results.jsonl"), lines[0].to_owned() + "\n").unwrap();
    fs::write(dir.join("setting.json"), "{}").unwrap();
    assert!(message(dir).contains("setting.json is damaged"), "{}", message(dir));
    fs::remove_file(dir.join("setting.json")).unwrap();
    let upside_down = serde_json::json!({
        "id": "a", "task": "t", "turn": 0, "strategy": "auto", "prompt": "", "sources": [],
        "steps": [{"nodes": [
            {"parent": 0, "text": "", "sources": [], "probability": 1.0},
            {"parent": 1, "text": "", "sources": [], "probability": 1.0},
        ], "path": [0], "emitted": []}],
    });
    fs::write(dir.join("steps.jsonl"), upside_down.to_string() + "\n").unwrap();
    assert!(message(dir).ends_with("a node comes before its parent"), "{}", message(dir));
}

#[test]
fn a_folder_without_results_is_a_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let error = html::write(folder.path()).unwrap_err();
    assert!(error.is_no_results());
    assert!(error.to_string().contains("holds no results: `foretoken bench"), "{error}");
    fs::write(folder.path().join("results.jsonl"), "").unwrap();
    assert!(html::write(folder.path()).unwrap_err().is_no_results());
}

#[test]
fn plain_decoding_alone_has_a_page_too() {
    let folder = folder();
    let path = folder.path().join("results.jsonl");
    fs::remove_file(&path).unwrap();
    let (mut file, _) = foretoken_report::open(&path).unwrap();
    for mut record in synthetic::records() {
        record.runs.truncate(1);
        foretoken_report::append(&mut file, &record).unwrap();
    }
    let page = html::render(folder.path()).unwrap();
    elements(&page);
    assert!(page.contains("no strategy was measured beside it"));
}
