//! What the documentation shows is what the code does.

#[path = "docs/blocks.rs"]
mod blocks;
#[path = "docs/links.rs"]
mod links;
#[path = "docs/markdown.rs"]
mod markdown;

use std::fs;
use std::path::{Path, PathBuf};

use foretoken::tree::{Limits, TreeMask};
use foretoken::{NodeId, SourceId, TokenTree};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The files of a folder with this extension, as paths from the root of the workspace.
fn files(folder: &str, extension: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).expect("a folder of the workspace").flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let named = names.filter(|name| Path::new(name).extension().is_some_and(|e| e == extension));
    let mut files: Vec<String> = named.map(|name| format!("{folder}/{name}")).collect();
    files.sort_unstable();
    files
}

/// The README and the chapters of the book.
fn pages() -> Vec<String> {
    let mut pages = files("docs", "md");
    assert!(pages.len() > 8, "the book has chapters: {pages:?}");
    pages.push("README.md".to_owned());
    pages
}

/// A text without its white space.
fn squeeze(text: &str) -> String {
    text.split_whitespace().collect()
}

/// The lookahead step of `docs/tree-attention.md`, with letters for tokens.
fn lookahead_step() -> TokenTree {
    let mut tree = TokenTree::new('r' as u32, Limits::default());
    let mut add = |parent: NodeId, letter: char| {
        tree.add(parent, letter as u32, SourceId::new(0), 0.5).expect("a small tree")
    };
    let a = add(NodeId::ROOT, 'a');
    let b = add(a, 'b');
    for (column, cell) in [(NodeId::ROOT, 'A'), (a, 'B'), (b, 'C')] {
        add(column, cell);
    }
    for guess in ["pq", "ps"] {
        guess.chars().fold(NodeId::ROOT, &mut add);
    }
    tree
}

#[test]
fn the_drawn_mask_is_the_mask() {
    let tree = lookahead_step();
    let letter = |node: NodeId| char::from_u32(tree.token(node)).expect("letters");
    let letters: Vec<String> = tree.nodes().map(|node| letter(node).to_string()).collect();
    let mut drawing = vec![format!("node  token  position   prefix   {}", letters.join(" "))];
    let bits = TreeMask::new(&tree, 5).bits();
    for node in tree.nodes() {
        let row: Vec<&str> =
            tree.nodes().map(|other| if bits.sees(node, other) { "■" } else { "·" }).collect();
        let (index, depth) = (node.index(), tree.depth(node));
        let (token, row) = (letter(node), row.join(" "));
        drawing.push(format!("{index:4}  {token}      p + {depth}      ■■■■■    {row}"));
    }
    let drawing = drawing.join("\n");
    let page = page("docs/tree-attention.md");
    assert!(page.contains(&drawing), "the page should show:\n{drawing}");
}

/// The step of `docs/how-it-works.md`.
#[test]
fn the_example_s_mask_is_the_mask() {
    let committed = ["the", "cat", "sat", "and"];
    let words = ["the", "cat", "sat", "ran", "dog"];
    let mut tree = TokenTree::new(0, Limits::default());
    let mut add =
        |parent, word| tree.add(parent, word, SourceId::new(0), 0.5).expect("a small tree");
    let cat = add(NodeId::ROOT, 1);
    add(cat, 2);
    add(cat, 3);
    add(NodeId::ROOT, 4);

    let mask = TreeMask::new(&tree, committed.len());
    let mut drawing =
        vec![format!("node  token  position   {}   {}", committed.join(" "), words.join(" "))];
    for node in tree.nodes() {
        let prefix = ["■"; 4].join("   ");
        let row: Vec<&str> =
            tree.nodes().map(|other| if mask.sees(node, other) { "■" } else { "·" }).collect();
        let (index, position) = (node.index(), mask.positions()[node.index()]);
        let (word, row) = (words[index], row.join("   "));
        drawing.push(format!("{index:4}  {word}    {position:8}    {prefix}     {row}"));
    }
    let drawing = drawing.join("\n");
    let page = page("docs/how-it-works.md");
    assert!(page.contains(&drawing), "the page should show:\n{drawing}");
}

#[test]
fn the_tutorial_and_its_test_hold_the_same_source() {
    let implementation = |text: &str| {
        let from = text.find("impl CandidateSource for Successors").expect("the source");
        let rest = &text[from..];
        squeeze(&rest[..rest.find("\n}\n").expect("its end")]).replace(",)->", ")->")
    };
    let test = implementation(&page("tests/custom_source.rs"));
    assert_eq!(implementation(&page("docs/custom-source.md")), test);
    assert_eq!(implementation(&page("crates/foretoken/examples/custom_source.rs")), test);
}

#[test]
fn the_top_level_is_what_the_readme_maps() {
    let allowed =
        ["Cargo.toml", "Cargo.lock", "crates", "docs", "benches", "tests", "README.md", "target"];
    for entry in fs::read_dir(root()).expect("the workspace").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let known =
            allowed.contains(&&*name) || name.starts_with('.') || name.starts_with("LICENSE");
        assert!(known, "{name} does not belong at the top level");
    }
}

/// The compiler that the manifests ask for is the one that continuous integration runs and that the pages name.
#[test]
fn the_minimal_compiler_is_the_one_that_is_tested() {
    let version = env!("CARGO_PKG_RUST_VERSION");
    let workflow = page(".github/workflows/ci.yml");
    assert!(workflow.contains(&format!("rustup toolchain install {version} ")), "{workflow}");
    for name in ["docs/contributing.md", "docs/first-minute.md"] {
        assert!(page(name).contains(&format!("Rust {version} or later")), "{name}");
    }
}

/// The documentation of every crate opens with what it is for, and has an example unless it is a program.
#[test]
fn every_crate_opens_with_an_example() {
    let mut checked = 0;
    for entry in fs::read_dir(root().join("crates")).expect("the crates").flatten() {
        let Ok(text) = fs::read_to_string(entry.path().join("src/lib.rs")) else { continue };
        let opening: Vec<&str> = text.lines().take_while(|line| line.starts_with("//!")).collect();
        let name = entry.path();
        assert!(opening.len() > 5, "{} has a short opening", name.display());
        assert!(opening.iter().any(|line| line.contains("```")), "{}: no example", name.display());
        checked += 1;
    }
    assert!(checked > 14, "only {checked} crates were found");
}
