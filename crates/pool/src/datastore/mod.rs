//! A corpus that is searched where it lies, in memory or in a mapped file.

mod build;
mod matches;

use std::fmt;

use foretoken_core::Token;

pub(crate) use matches::Match;

use crate::file::Section;

/// Stands after each text of a corpus; no token.
const END_OF_TEXT: u32 = u32::MAX;

/// Bytes of a number.
const NUMBER: usize = size_of::<u32>();

/// Texts with an index of all their suffixes: what followed any string of tokens, found in logarithmic time.
///
/// A suffix array (Manber and Myers, 1990) over the tokens, as in retrieval-based speculative decoding (He et al., 2023,
/// "REST"). It takes 8 bytes a token. A store that [was opened](Self::open) is mapped into memory, so
/// it may be larger than memory: pages are read as they are searched.
///
/// A handle: clones are the same store.
#[derive(Clone)]
pub struct Datastore {
    /// All tokens, then the number of the token that each suffix begins with, in the suffixes' order.
    section: Section,
    /// Tokens, separators included.
    len: usize,
}

impl Datastore {
    /// Indexes texts. Strings do not go over the end of a text.
    ///
    /// Suffixes are ordered by their first 64 tokens. That takes some `n log n` steps; texts that repeat long strings take
    /// longer than others. Texts that the first 2^32 - 2 tokens have no room for are left out.
    pub fn build<T: AsRef<[Token]>>(texts: impl IntoIterator<Item = T>) -> Self {
        let section = Section::from(build::index(texts));
        let len = section.bytes().len() / (2 * NUMBER);
        Self { section, len }
    }

    /// The store in a section of a file; `None` if it cannot be one.
    pub(crate) fn of(section: Section) -> Option<Self> {
        let length = section.bytes().len();
        length.is_multiple_of(2 * NUMBER).then(|| Self { section, len: length / (2 * NUMBER) })
    }

    /// As it is kept in a file.
    pub(crate) fn section(&self) -> &Section {
        &self.section
    }

    /// Tokens and separators of all texts.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no texts.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn number(&self, index: usize) -> Option<u32> {
        let bytes = self.section.bytes().get(index * NUMBER..)?.first_chunk()?;
        Some(u32::from_le_bytes(*bytes))
    }

    /// The token at `index`; `None` at the end of a text.
    fn token(&self, index: usize) -> Option<Token> {
        if index >= self.len {
            return None;
        }
        self.number(index).filter(|&token| token != END_OF_TEXT)
    }

    /// Where the suffix of that rank begins. A damaged file may say anything.
    fn suffix(&self, rank: usize) -> usize {
        self.number(self.len + rank).map_or(usize::MAX, |start| start as usize)
    }
}

impl fmt::Debug for Datastore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Datastore").field("len", &self.len).finish_non_exhaustive()
    }
}
