//! The commands that the documentation shows can be given: their subcommands and options exist. None is run.

use std::{fs, path::Path};

use clap::{Parser, error::ErrorKind};

use crate::args::Arguments;

/// The words of a command line up to a pipe, a redirection, a comment or `&&`; quotes hold words together.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for letter in line.chars() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (None, '#') if word.is_none() => break,
            (None, '|' | '>' | '&') => break,
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

/// The program's arguments in a command, if it is called: by its name, or through cargo.
fn arguments(line: &str) -> Option<Vec<String>> {
    let words = words(line.trim_start_matches("$ "));
    let called: Vec<&str> = words.iter().map(String::as_str).collect();
    let arguments = match called.as_slice() {
        ["foretoken", rest @ ..] | ["cargo", "run", "--release", "--", rest @ ..] => rest,
        ["cargo", "run", "--release"] => &[],
        _ => return None,
    };
    Some(arguments.iter().map(|&word| word.to_owned()).collect())
}

/// Every command in the blocks of a page, and the longer ones in its text, which may leave out what is required.
fn commands(page: &str) -> Vec<(String, bool)> {
    let mut commands = Vec::new();
    for (index, part) in page.split("\n```").enumerate() {
        if index % 2 == 0 {
            let spans = part.split('`').skip(1).step_by(2).filter(|span| span.contains(" --"));
            let lines = spans.map(|span| span.replace('\n', " "));
            commands.extend(lines.map(|line| (line, false)));
        } else if let Some(block) = part.strip_prefix("sh\n") {
            let block = block.replace("\\\n", " ");
            commands.extend(block.lines().map(|line| (line.to_owned(), true)));
        }
    }
    commands
}

#[test]
fn documented_commands_can_be_given() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut pages = vec![root.join("README.md")];
    let chapters = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    pages.extend(chapters.filter(|path| path.extension().is_some_and(|kind| kind == "md")));
    let mut checked = 0;
    for path in pages {
        for (line, whole) in commands(&fs::read_to_string(&path).unwrap()) {
            let Some(arguments) = arguments(&line) else { continue };
            let parsed =
                Arguments::try_parse_from([vec!["foretoken".to_owned()], arguments].concat());
            match parsed.map_err(|error| (error.kind(), error.to_string())) {
                Err((ErrorKind::MissingRequiredArgument, _)) if !whole => {}
                Err((_, message)) => panic!("{} shows `{line}`: {message}", path.display()),
                Ok(_) => {}
            }
            checked += 1;
        }
    }
    assert!(checked > 30, "only {checked} commands were found");
}

#[test]
fn command_lines_are_cut_into_words() {
    assert_eq!(words("a  --b \"c d\" '' # e"), ["a", "--b", "c d", ""]);
    assert_eq!(words("a > b"), ["a"]);
    assert_eq!(arguments("cargo run --release -- chat"), Some(vec!["chat".to_owned()]));
    assert_eq!(arguments("cargo run --release -p other -- chat"), None);
}
