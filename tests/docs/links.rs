//! Links lead somewhere, on the forge and in the book.

use std::path::Path;

use super::{markdown, page, pages, root};

#[test]
fn links_lead_to_pages_and_headings() {
    let mut checked = 0;
    for name in pages() {
        let (text, _) = markdown::split(&page(&name));
        for link in markdown::links(&text).into_iter().filter(|link| !link.contains("://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let folder = Path::new(&name).parent().expect("a page's folder");
            let target = if file.is_empty() {
                name.clone()
            } else {
                folder.join(file).to_string_lossy().into_owned()
            };
            assert!(root().join(&target).is_file(), "{name} links to {link}, which is no file");
            assert!(
                !name.starts_with("docs/") || !target.contains(".."),
                "{name} links to {link}, which is not in the book"
            );
            let there = anchor.is_empty() || {
                markdown::anchors(&page(&target)).iter().any(|heading| heading == anchor)
            };
            assert!(there, "{name} links to {link}: there is no such heading");
            checked += 1;
        }
    }
    assert!(checked > 40, "only {checked} links were found");
}

#[test]
fn every_page_is_a_chapter() {
    let summary = page("docs/SUMMARY.md");
    let chapters = markdown::links(&summary);
    for name in pages() {
        let Some(file) = name.strip_prefix("docs/").filter(|file| *file != "SUMMARY.md") else {
            continue;
        };
        let times = chapters.iter().filter(|chapter| **chapter == file).count();
        assert_eq!(times, 1, "{name} should be once in docs/SUMMARY.md");
    }
}

/// `crates/decoder/src/walk.rs` and the like.
#[test]
fn paths_that_pages_name_exist() {
    let folders = ["crates/", "tests/", "benches/", "docs/", ".ci/", ".github/"];
    let mut checked = 0;
    for name in pages() {
        let (text, _) = markdown::split(&page(&name));
        for path in markdown::spans(&text) {
            let plain =
                |letter: char| letter.is_ascii_lowercase() || "_-./0123456789".contains(letter);
            if folders.iter().any(|folder| path.starts_with(folder)) && path.chars().all(plain) {
                assert!(root().join(path).exists(), "{name} names {path}, which does not exist");
                checked += 1;
            }
        }
    }
    assert!(checked > 10, "only {checked} paths were found");
}
