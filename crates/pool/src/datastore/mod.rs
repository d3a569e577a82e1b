//! A corpus that is searched where it lies, in memory or in a mapped file.

mod build;
mod matches;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use foretoken_core::Token;
use memmap2::Mmap;

pub(crate) use matches::Match;

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
pub struct Datastore(Arc<Store>);

struct Store {
    bytes: Bytes,
    /// Tokens, separators included.
    len: usize,
}

/// All tokens, then the number of the token that each suffix begins with, in the suffixes' order.
enum Bytes {
    Owned(Vec<u8>),
    Mapped(Mmap, Range<usize>),
}

impl Datastore {
    /// Indexes texts. Strings do not go over the end of a text.
    ///
    /// Suffixes are ordered by their first 64 tokens. That takes some `n log n` steps; texts that repeat long strings take
    /// longer than others. Tokens after the first 2^32 - 2 are left out.
    pub fn build<T: AsRef<[Token]>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::owned(build::index(texts))
    }

    fn owned(bytes: Vec<u8>) -> Self {
        let len = bytes.len() / (2 * NUMBER);
        Self(Arc::new(Store { bytes: Bytes::Owned(bytes), len }))
    }

    /// The store in `range` of a mapped file; `None` if it cannot be one.
    pub(crate) fn mapped(map: Mmap, range: Range<usize>) -> Option<Self> {
        let length = map.get(range.clone())?.len();
        let len = length / (2 * NUMBER);
        (length.is_multiple_of(2 * NUMBER))
            .then(|| Self(Arc::new(Store { bytes: Bytes::Mapped(map, range), len })))
    }

    /// Tokens and separators of all texts.
    pub fn len(&self) -> usize {
        self.0.len
    }

    /// Whether there are no texts.
    pub fn is_empty(&self) -> bool {
        self.0.len == 0
    }

    /// As it is kept in a file.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match &self.0.bytes {
            Bytes::Owned(bytes) => bytes,
            Bytes::Mapped(map, range) => &map[range.clone()],
        }
    }

    fn number(&self, index: usize) -> Option<u32> {
        let bytes = self.as_bytes().get(index * NUMBER..)?.first_chunk()?;
        Some(u32::from_le_bytes(*bytes))
    }

    /// The token at `index`; `None` at the end of a text.
    fn token(&self, index: usize) -> Option<Token> {
        if index >= self.0.len {
            return None;
        }
        self.number(index).filter(|&token| token != END_OF_TEXT)
    }

    /// Where the suffix of that rank begins. A damaged file may say anything.
    fn suffix(&self, rank: usize) -> usize {
        self.number(self.0.len + rank).map_or(usize::MAX, |start| start as usize)
    }
}

impl fmt::Debug for Datastore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mapped = matches!(self.0.bytes, Bytes::Mapped(..));
        f.debug_struct("Datastore").field("len", &self.len()).field("mapped", &mapped).finish()
    }
}
