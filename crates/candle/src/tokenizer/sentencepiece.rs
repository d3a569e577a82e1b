//! The encoder of GGUF vocabularies of type `llama`: `SentencePiece`'s byte-pair encoding, where
//! scores say which neighbours merge first, with bytes for what no piece covers.

use std::{
    cmp::{Ordering, Reverse},
    collections::{BinaryHeap, HashMap},
};

use super::{
    metadata::Metadata,
    special::{Fragment, SpecialTokens},
    vocabulary::{SPACE, TokenKind, Vocabulary, byte_value},
};
use crate::error::Error;

/// Merges the best-scored pair of neighbours, the leftmost of equals, until none is a piece.
#[derive(Debug)]
pub(super) struct SentencePiece {
    pieces: HashMap<Box<str>, (u32, f32)>,
    /// The token of each byte, where the vocabulary has one.
    bytes: Vec<Option<u32>>,
    unknown: Option<u32>,
    specials: SpecialTokens,
    /// Whether text at the beginning and after a special token is given a leading space.
    space_prefix: bool,
}

impl SentencePiece {
    pub(super) fn new(metadata: &Metadata<'_>, vocabulary: &Vocabulary) -> Result<Self, Error> {
        let scores = metadata.scores()?;
        let mut pieces = HashMap::with_capacity(metadata.tokens.len());
        let mut bytes = vec![None; 256];
        let mut unknown = None;
        for (id, (&token, kind)) in (0..).zip(metadata.tokens.iter().zip(&metadata.kinds)) {
            match kind {
                TokenKind::Normal | TokenKind::UserDefined | TokenKind::Unused => {
                    pieces.insert(Box::from(token), (id, scores[id as usize]));
                }
                TokenKind::Byte => {
                    if let Some(byte) = byte_value(token) {
                        bytes[usize::from(byte)] = Some(id);
                    }
                }
                TokenKind::Unknown => unknown = Some(id),
                TokenKind::Control => {}
            }
        }
        Ok(Self {
            pieces,
            bytes,
            unknown: metadata.id("unknown_token_id").or(unknown),
            specials: SpecialTokens::new(vocabulary),
            space_prefix: metadata.flag("add_space_prefix").unwrap_or(true),
        })
    }

    /// Appends the tokens of `text`; control tokens in it are recognised if `parse`.
    pub(super) fn encode(&self, text: &str, parse: bool, ids: &mut Vec<u32>) {
        let mut begins = true;
        for fragment in self.specials.split(text, parse) {
            match fragment {
                Fragment::Special(id) => ids.push(id),
                Fragment::Text(text) => {
                    let prefix = if self.space_prefix && begins { SPACE } else { "" };
                    self.merge(&(prefix.to_owned() + &text.replace(' ', SPACE)), ids);
                }
            }
            begins = matches!(fragment, Fragment::Special(_));
        }
    }

    /// O(n log n) in the characters of `text`, whose spaces are already escaped.
    fn merge(&self, text: &str, ids: &mut Vec<u32>) {
        let mut symbols = Symbols::new(text);
        let mut queue = BinaryHeap::new();
        for left in 0..symbols.list.len() {
            self.offer(&symbols, left, &mut queue);
        }
        while let Some(Merge { left, length, .. }) = queue.pop() {
            if symbols.join(left, length) {
                self.offer(&symbols, left, &mut queue);
                if let Some(before) = symbols.list[left].previous {
                    self.offer(&symbols, before, &mut queue);
                }
            }
        }
        for piece in symbols.pieces() {
            match self.pieces.get(piece) {
                Some(&(id, _)) => ids.push(id),
                None => ids.extend(
                    piece.bytes().filter_map(|byte| self.bytes[usize::from(byte)].or(self.unknown)),
                ),
            }
        }
    }

    /// Queues the merge of the symbol at `left` with its neighbour, if that makes a piece.
    fn offer(&self, symbols: &Symbols<'_>, left: usize, queue: &mut BinaryHeap<Merge>) {
        let Some(text) = symbols.with_next(left) else { return };
        if let Some(&(_, score)) = self.pieces.get(text) {
            queue.push(Merge { score, left, length: text.len() });
        }
    }
}

/// A possible merge; the greatest is made first.
#[derive(Debug)]
struct Merge {
    score: f32,
    left: usize,
    /// Bytes of the merged piece: a merge queued before one of its halves grew no longer fits.
    length: usize,
}

impl Ord for Merge {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mine, theirs) = (Reverse(self.left), Reverse(other.left));
        self.score.total_cmp(&other.score).then(mine.cmp(&theirs))
    }
}

impl PartialOrd for Merge {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Merge {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Merge {}

/// A text as a linked list of pieces, at first its characters.
struct Symbols<'t> {
    text: &'t str,
    list: Vec<Symbol>,
}

/// Bytes `start..end`; empty once joined to its left neighbour.
struct Symbol {
    start: usize,
    end: usize,
    previous: Option<usize>,
    next: Option<usize>,
}

impl<'t> Symbols<'t> {
    fn new(text: &'t str) -> Self {
        let mut list: Vec<Symbol> = text
            .char_indices()
            .enumerate()
            .map(|(index, (start, character))| Symbol {
                start,
                end: start + character.len_utf8(),
                previous: index.checked_sub(1),
                next: Some(index + 1),
            })
            .collect();
        if let Some(last) = list.last_mut() {
            last.next = None;
        }
        Self { text, list }
    }

    /// The text of a symbol and the one after it.
    fn with_next(&self, left: usize) -> Option<&'t str> {
        let next = self.list[left].next?;
        Some(&self.text[self.list[left].start..self.list[next].end])
    }

    /// Joins a symbol with the one after it, if together they still have `length` bytes.
    fn join(&mut self, left: usize, length: usize) -> bool {
        let Some(next) = self.list[left].next else { return false };
        if self.is_empty(left) || self.list[next].end - self.list[left].start != length {
            return false;
        }
        let after = self.list[next].next;
        self.list[left].end = self.list[next].end;
        self.list[left].next = after;
        self.list[next].start = self.list[next].end;
        if let Some(after) = after {
            self.list[after].previous = Some(left);
        }
        true
    }

    fn is_empty(&self, index: usize) -> bool {
        self.list[index].start == self.list[index].end
    }

    fn pieces(&self) -> impl Iterator<Item = &'t str> {
        let full = self.list.iter().filter(|symbol| symbol.start < symbol.end);
        full.map(|symbol| &self.text[symbol.start..symbol.end])
    }
}
