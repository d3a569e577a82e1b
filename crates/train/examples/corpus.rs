//! Prints documents of the corpus and what they amount to.
//!
//! `cargo run -p foretoken-train --example corpus -- COUNT [SEED]` prints the first documents;
//! `... --example corpus -- statistics COUNT [SEED]` prints a table of them instead.

use foretoken_train::corpus::{self, Document, Kind};
use std::collections::{BTreeSet, HashMap};

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let wants_statistics = arguments.first().is_some_and(|argument| argument == "statistics");
    if wants_statistics {
        arguments.remove(0);
    }
    let number = |at: usize, default| {
        arguments.get(at).and_then(|argument| argument.parse().ok()).unwrap_or(default)
    };
    let documents = corpus::documents(number(1, 0)).take(number(0, 5) as usize);
    if wants_statistics {
        print_statistics(&documents.collect::<Vec<_>>());
    } else {
        for document in documents {
            println!("--- {}\n{}", document.kind.name(), document.text);
        }
    }
}

fn print_statistics(documents: &[Document]) {
    println!("| kind | documents | words | distinct words | mean bytes | distinct texts |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for (kind, _) in Kind::SHARES {
        print_row(kind.name(), documents.iter().filter(|document| document.kind == kind));
    }
    print_row("all", documents.iter());
}

fn print_row<'a>(name: &str, documents: impl Iterator<Item = &'a Document>) {
    let (mut words, mut bytes, mut texts) = (HashMap::new(), 0, BTreeSet::new());
    let mut count = 0;
    for document in documents {
        count += 1;
        bytes += document.text.len();
        texts.insert(&document.text);
        for word in document.text.split(|character: char| !character.is_ascii_alphabetic()) {
            if !word.is_empty() {
                *words.entry(word.to_ascii_lowercase()).or_insert(0) += 1;
            }
        }
    }
    let total: usize = words.values().sum();
    let mean = bytes.checked_div(count).unwrap_or(0);
    println!("| {name} | {count} | {total} | {} | {mean} | {} |", words.len(), texts.len());
}
