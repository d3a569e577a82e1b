//! What every document of the corpus promises.

use foretoken_train::corpus::{Document, Kind, MAX_BYTES, document, documents, held_out_prompts};
use std::collections::BTreeSet;

const SEED: u64 = 7;

/// FNV-1a of the first 5,000 documents of the seed.
const FINGERPRINT: u64 = 0xbcc0_e81d_2d86_66c6;

fn some(count: usize) -> impl Iterator<Item = Document> {
    documents(SEED).take(count)
}

fn of_kind(kind: Kind, count: usize) -> impl Iterator<Item = String> {
    documents(SEED)
        .filter(move |document| document.kind == kind)
        .take(count)
        .map(|document| document.text)
}

#[test]
fn a_document_is_a_function_of_its_seed_and_index() {
    for (index, streamed) in some(200).enumerate() {
        assert_eq!(streamed, document(SEED, index as u64));
    }
    assert_ne!(document(SEED, 0).text, document(SEED + 1, 0).text);
    assert_eq!(document(SEED, u64::MAX), document(SEED, u64::MAX));
}

/// The embedded model can be trained again only from the same texts: whoever changes the grammars changes this number,
/// and says so where the model's recipe is written down.
#[test]
fn the_stream_is_the_one_that_the_recipe_names() {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in some(5_000).flat_map(|document| document.text.into_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    }
    assert_eq!(hash, FINGERPRINT, "{hash:#x}");
}

#[test]
fn every_document_is_ascii_and_of_a_length_that_fits() {
    for Document { text, .. } in some(20_000) {
        assert!(text.is_ascii(), "{text}");
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{text}");
        assert!(text.len() > 20 && text.len() <= MAX_BYTES, "{} bytes: {text}", text.len());
        assert!(!text.contains('\t') && !text.contains(" \n"), "{text}");
    }
}

#[test]
fn the_kinds_come_in_their_shares() {
    let count = 20_000;
    let drawn: Vec<Kind> = some(count).map(|document| document.kind).collect();
    assert_eq!(Kind::SHARES.iter().map(|(_, share)| share).sum::<u64>(), 100);
    for (kind, share) in Kind::SHARES {
        let share = share as f64 / 100.0;
        let measured = drawn.iter().filter(|&&drawn| drawn == kind).count() as f64 / count as f64;
        assert!((measured - share).abs() < 0.01, "{}: {measured} for {share}", kind.name());
    }
}

#[test]
fn records_are_json() {
    for text in of_kind(Kind::Json, 2_000) {
        let start = text.find(['{', '[']).expect("a record has a bracket");
        let value: serde_json::Value =
            serde_json::from_str(&text[start..]).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert!(value.is_object() || value.is_array());
        if let Some(items) = value["items"].as_array() {
            let sum: i64 = items
                .iter()
                .map(|item| item["count"].as_i64().unwrap() * item["price"].as_i64().unwrap())
                .sum();
            assert_eq!(value["total"].as_i64(), Some(sum), "{text}");
        }
    }
}

#[test]
fn tables_have_as_many_cells_in_every_row_and_are_read_right() {
    for text in of_kind(Kind::Table, 2_000) {
        let rows: Vec<Vec<&str>> = text
            .lines()
            .filter(|line| line.starts_with('|'))
            .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
            .collect();
        assert!(rows.len() >= 5 && rows.iter().all(|row| row.len() == rows[0].len()), "{text}");
        let mut by_number: Vec<(i64, &str)> =
            rows[2..].iter().map(|row| (row[1].parse().unwrap(), row[0])).collect();
        by_number.sort_unstable();
        let last = text.lines().last().unwrap();
        let largest = [
            "warmest",
            "expensive",
            "highest",
            " oldest",
            "won",
            "the most",
            "tallest",
            "Most",
            "largest",
        ];
        let smallest = ["coldest", "lowest", "youngest", "last", "fewest", "smallest"];
        if last.starts_with('|') {
            continue;
        }
        // A sentence on the largest row comes first where both do.
        let says_largest = largest.iter().any(|word| last.contains(word));
        let says_smallest = smallest.iter().any(|word| last.contains(word));
        let top = by_number[by_number.len() - 1].1;
        assert!(!says_largest || last.contains(top), "{text}");
        assert!(!says_smallest || last.contains(by_number[0].1), "{text}");
        assert!(says_largest || says_smallest, "{text}");
    }
}

#[test]
fn stories_are_well_formed_sentences() {
    let vowels = ['a', 'e', 'i', 'o', 'u'];
    for text in of_kind(Kind::Story, 4_000) {
        assert!(!text.contains(['{', '}', '[', ']', '|', '@', '$']), "{text}");
        assert!(
            !text.contains("  ")
                && !text.contains(" .")
                && !text.contains(" ,")
                && !text.contains(".."),
            "{text}"
        );
        assert_eq!(text.matches('"').count() % 2, 0, "{text}");
        let words: Vec<&str> =
            text.split([' ', '\n']).map(|word| word.trim_start_matches('"')).collect();
        for pair in words.windows(2) {
            let starts_with_vowel = (pair[1].starts_with(vowels) || pair[1].starts_with("hour"))
                && !pair[1].starts_with("use")
                && !pair[1].starts_with("one");
            assert!(
                !(pair[0].eq_ignore_ascii_case("a") && starts_with_vowel),
                "{} {}: {text}",
                pair[0],
                pair[1]
            );
            assert!(
                !pair[0].eq_ignore_ascii_case("an") || starts_with_vowel,
                "{} {}: {text}",
                pair[0],
                pair[1]
            );
            assert!(pair[0] != pair[1] || pair[0].is_empty(), "twice {}: {text}", pair[0]);
            if pair[0].ends_with('.') && !pair[1].is_empty() {
                assert!(
                    !pair[1].starts_with(|first: char| first.is_lowercase()),
                    "{} {}: {text}",
                    pair[0],
                    pair[1]
                );
            }
        }
        for paragraph in text.split("\n\n") {
            assert!(
                paragraph.starts_with(['#', '"'])
                    || paragraph.starts_with(|first: char| first.is_uppercase()),
                "{text}"
            );
        }
        let length = words.len();
        assert!((50..=270).contains(&length), "{length} words: {text}");
    }
}

#[test]
fn stories_differ() {
    let stories: Vec<String> = of_kind(Kind::Story, 2_000).collect();
    let whole: BTreeSet<&String> = stories.iter().collect();
    let starts: BTreeSet<&str> = stories.iter().map(|story| &story[..100]).collect();
    assert_eq!(whole.len(), stories.len());
    assert!(
        starts.len() * 100 >= stories.len() * 95,
        "{} of {} starts",
        starts.len(),
        stories.len()
    );
}

#[test]
fn a_story_keeps_to_its_cast() {
    let names = [
        "Mia", "Tom", "Amara", "Ben", "Omar", "Zoe", "Rusty", "Hazel", "Bruno", "Luna", "Max",
        "Ruby", "Pip", "Coco",
    ];
    for text in of_kind(Kind::Story, 2_000) {
        let found = names
            .iter()
            .filter(|name| text.split(|c: char| !c.is_alphabetic()).any(|word| word == **name))
            .count();
        assert!(found <= 2, "{found} names: {text}");
    }
}

#[test]
fn questions_have_answers() {
    for text in of_kind(Kind::Dialogue, 2_000).chain(of_kind(Kind::List, 2_000)) {
        assert_eq!(text.matches("Q: ").count(), text.matches("\nA: ").count(), "{text}");
        for (at, _) in text.match_indices(" + ") {
            let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
            let line = text[line..].lines().next().unwrap();
            if let Some((sum, total)) = line.split_once(" = ") {
                let numbers = |text: &str| -> Vec<i64> {
                    text.split(|c: char| !c.is_ascii_digit())
                        .filter_map(|number| number.parse().ok())
                        .collect()
                };
                assert_eq!(numbers(sum).iter().sum::<i64>(), numbers(total)[0], "{text}");
            }
        }
    }
}

#[test]
fn a_summary_says_nothing_that_the_note_does_not() {
    let own = [
        "should", "Meet", "Party", "Lesson", "School", "Bought", "bought", "until", "visits",
        "from", "take", "before",
    ];
    for text in of_kind(Kind::Summary, 2_000) {
        let (note, summary) = text.split_once("\n\nSummary: ").expect("a note has a summary");
        let words = |text: &str| -> BTreeSet<String> {
            text.split(|c: char| !c.is_alphabetic()).map(str::to_lowercase).collect()
        };
        let note_words = words(note);
        let names = summary
            .split(|c: char| !c.is_alphabetic())
            .filter(|word| word.starts_with(char::is_uppercase));
        for name in names.filter(|name| !own.contains(name)) {
            assert!(note_words.contains(&name.to_lowercase()), "{name}: {text}");
        }
    }
}

#[test]
fn held_out_prompts_are_fifty_and_begin_no_document() {
    let prompts = held_out_prompts();
    assert_eq!(prompts.len(), 50);
    let starts: BTreeSet<&str> = prompts.iter().map(|prompt| prompt.text.as_str()).collect();
    assert_eq!(starts.len(), 50);
    for (kind, _) in Kind::SHARES {
        assert!(prompts.iter().any(|prompt| prompt.kind == kind), "{}", kind.name());
    }
    for Document { text, .. } in some(20_000) {
        assert!(prompts.iter().all(|prompt| !text.starts_with(&prompt.text)), "{text}");
    }
}
