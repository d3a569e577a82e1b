//! What the documentation shows is what the code does.

use std::fs;
use std::path::Path;

use foretoken::tree::{Limits, TreeMask};
use foretoken::{NodeId, SourceId, TokenTree};

fn page(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name))
        .unwrap_or_else(|error| panic!("{name}: {error}"))
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

#[test]
fn the_tutorial_and_its_test_hold_the_same_source() {
    let squeeze = |text: &str| text.split_whitespace().collect::<String>();
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let allowed =
        ["Cargo.toml", "Cargo.lock", "crates", "docs", "benches", "tests", "README.md", "target"];
    for entry in fs::read_dir(root).expect("the workspace").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let known =
            allowed.contains(&&*name) || name.starts_with('.') || name.starts_with("LICENSE");
        assert!(known, "{name} does not belong at the top level");
    }
}
