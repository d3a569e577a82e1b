//! Every Rust block of the documentation is compiled.

use super::{files, markdown, page, pages, squeeze};

/// By rustdoc, as the facade's documentation, or, if it is marked `ignore`, in a test that holds the same text.
#[test]
fn every_rust_block_is_compiled() {
    let book = page("crates/foretoken/src/book.rs");
    let tests: Vec<String> = files("tests", "rs").iter().map(|name| squeeze(&page(name))).collect();
    let (mut compiled, mut mirrored) = (0, 0);
    for name in pages() {
        let (_, blocks) = markdown::split(&page(&name));
        for block in blocks.iter().filter(|block| block.info.starts_with("rust")) {
            if block.info.split(',').any(|attribute| attribute == "ignore") {
                let code = squeeze(&block.code);
                assert!(
                    tests.iter().any(|test| test.contains(&code)),
                    "{name} has a block that is in no test of tests/:\n{}",
                    block.code
                );
                mirrored += 1;
            } else {
                let include = format!("include_str!(\"../../../{name}\")");
                assert!(book.contains(&include), "{name} is not in crates/foretoken/src/book.rs");
                compiled += 1;
            }
        }
    }
    assert!(compiled > 5 && mirrored > 5, "{compiled} blocks compiled, {mirrored} in tests");
}

/// rustdoc would take them for Rust.
#[test]
fn blocks_say_their_language() {
    for name in pages() {
        for block in markdown::split(&page(&name)).1 {
            assert!(
                !block.info.is_empty(),
                "{name} has a block without a language:\n{}",
                block.code
            );
        }
    }
}
