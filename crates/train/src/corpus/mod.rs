//! The texts that the embedded model learns from, written by grammars.
//!
//! A document is a pure function of a seed and an index, independent of every other document: training draws as many as
//! it likes and stores none. Every document is ASCII, ends in a newline and is at most [`MAX_BYTES`] long. What a
//! document claims is right: a name stays the name, a table's largest row is the largest, a docstring's examples give
//! the values they show.
//!
//! ```
//! use foretoken_train::corpus::document;
//!
//! let first = document(1, 0);
//! assert_eq!(first, document(1, 0));
//! assert!(first.text.ends_with('\n'));
//! ```
//!
//! Some pairs of words never meet in a document (see [`held_out_prompts`]), so that prompts exist which the model cannot
//! have seen.

mod dialogues;
mod held_out;
mod lists;
mod notes;
mod phrase;
mod prompts;
mod python;
mod random;
mod records;
mod stories;
mod tables;
mod words;

pub use prompts::{Prompt, held_out_prompts};

use random::Dice;

/// The length that no document exceeds, in bytes.
pub const MAX_BYTES: usize = 2_000;

/// What sort of text a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// A short story of one or two paragraphs.
    Story,
    /// A Python function with a docstring and examples, or two, or a small class.
    Python,
    /// A markdown table, sometimes with a sentence that reads it.
    Table,
    /// A JSON record or a list of records.
    Json,
    /// Questions and answers, or a talk between two.
    Dialogue,
    /// A note and its summary.
    Summary,
    /// A list and a question about it.
    List,
}

impl Kind {
    /// Every kind with its share of the stream, in percent. The shares sum to 100.
    pub const SHARES: [(Self, u64); 7] = [
        (Self::Story, 34),
        (Self::Python, 19),
        (Self::Table, 9),
        (Self::Json, 9),
        (Self::Dialogue, 15),
        (Self::Summary, 7),
        (Self::List, 7),
    ];

    /// The name of the kind, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Story => "story",
            Self::Python => "python",
            Self::Table => "table",
            Self::Json => "json",
            Self::Dialogue => "dialogue",
            Self::Summary => "summary",
            Self::List => "list",
        }
    }

    /// The kind that a roll from 0 to 99 falls on.
    fn at(mut roll: u64) -> Self {
        for (kind, share) in Self::SHARES {
            if roll < share {
                return kind;
            }
            roll -= share;
        }
        Self::Story
    }

    /// Writes one document of this kind, held-out words or not.
    fn write(self, dice: &mut Dice) -> String {
        match self {
            Self::Story => stories::write(dice),
            Self::Python => python::write(dice),
            Self::Table => tables::write(dice),
            Self::Json => records::write(dice),
            Self::Dialogue => dialogues::write(dice),
            Self::Summary => notes::write(dice),
            Self::List => lists::write(dice),
        }
    }
}

/// One text of the corpus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What sort of text it is.
    pub kind: Kind,
    /// The text: ASCII, at most [`MAX_BYTES`] bytes, ending in one newline.
    pub text: String,
}

/// Document `index` of the stream of `seed`; always the same for the same arguments, and independent of the others.
pub fn document(seed: u64, index: u64) -> Document {
    let mut dice = Dice::new(seed, index);
    let kind = Kind::at(dice.below(100));
    // Chance decides each draft anew, and most drafts pass.
    loop {
        let text = kind.write(&mut dice);
        if text.len() <= MAX_BYTES && !held_out::occurs_in(&text) {
            return Document { kind, text };
        }
    }
}

/// The stream of `seed`, without an end.
pub fn documents(seed: u64) -> impl Iterator<Item = Document> {
    (0..=u64::MAX).map(move |index| document(seed, index))
}
