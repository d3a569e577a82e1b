use std::iter::repeat;

use crate::Token;

/// A set of tokens of one vocabulary, one bit each.
///
/// ```
/// use foretoken_core::TokenMask;
///
/// let mut mask = TokenMask::all(40);
/// mask.retain(|token| token % 13 == 0);
/// mask.remove(13);
/// assert_eq!(mask.iter().collect::<Vec<_>>(), [0, 26, 39]);
/// assert!(mask.contains(26) && mask.only().is_none());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenMask {
    words: Vec<u64>,
    vocabulary: usize,
}

impl TokenMask {
    /// All tokens below `vocabulary`.
    pub fn all(vocabulary: usize) -> Self {
        let mut mask = Self { words: Vec::new(), vocabulary };
        mask.fill();
        mask
    }

    /// None of the tokens below `vocabulary`.
    pub fn none(vocabulary: usize) -> Self {
        Self { words: vec![0; vocabulary.div_ceil(64)], vocabulary }
    }

    /// Adds all tokens.
    pub fn fill(&mut self) {
        self.words.clear();
        self.words.resize(self.vocabulary.div_ceil(64), u64::MAX);
        if let Some(last) = self.words.last_mut()
            && !self.vocabulary.is_multiple_of(64)
        {
            *last = (1 << (self.vocabulary % 64)) - 1;
        }
    }

    /// Removes all tokens.
    pub fn clear(&mut self) {
        self.words.fill(0);
    }

    /// Tokens are `0..vocabulary`.
    pub fn vocabulary(&self) -> usize {
        self.vocabulary
    }

    /// Whether a token is in the set; no for one outside the vocabulary.
    pub fn contains(&self, token: Token) -> bool {
        let word = self.words.get(token as usize / 64);
        word.is_some_and(|word| word >> (token % 64) & 1 == 1)
    }

    /// Adds a token; one outside the vocabulary is ignored.
    pub fn insert(&mut self, token: Token) {
        if (token as usize) < self.vocabulary {
            self.words[token as usize / 64] |= 1 << (token % 64);
        }
    }

    /// Removes a token.
    pub fn remove(&mut self, token: Token) {
        if let Some(word) = self.words.get_mut(token as usize / 64) {
            *word &= !(1 << (token % 64));
        }
    }

    /// Removes the tokens that are not `wanted`.
    pub fn retain(&mut self, mut wanted: impl FnMut(Token) -> bool) {
        for (index, word) in self.words.iter_mut().enumerate() {
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros();
                left &= left - 1;
                if !wanted(index as Token * 64 + bit) {
                    *word &= !(1 << bit);
                }
            }
        }
    }

    /// Removes the tokens whose bit is not set in `words`, the lowest bit of
    /// the first word being token 0; words that are missing are 0.
    pub fn intersect(&mut self, words: &[u32]) {
        let (pairs, rest) = words.as_chunks::<2>();
        let other = pairs.iter().map(|&[low, high]| u64::from(low) | u64::from(high) << 32);
        let last = rest.iter().map(|&low| u64::from(low));
        for (word, other) in self.words.iter_mut().zip(other.chain(last).chain(repeat(0))) {
            *word &= other;
        }
    }

    /// The tokens, in increasing order.
    pub fn iter(&self) -> impl Iterator<Item = Token> {
        self.words.iter().enumerate().flat_map(|(index, &word)| {
            let mut left = word;
            std::iter::from_fn(move || {
                (left != 0).then(|| {
                    let bit = left.trailing_zeros();
                    left &= left - 1;
                    index as Token * 64 + bit
                })
            })
        })
    }

    /// The token, if there is exactly one.
    pub fn only(&self) -> Option<Token> {
        let mut tokens = self.iter();
        tokens.next().filter(|_| tokens.next().is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_intersection_takes_words_of_32_bits() {
        let words = [1 << 3 | 1 << 31, 1 << 1, 1 << 4 | 1 << 30];
        let of = |words: &[u32]| {
            let mut mask = TokenMask::all(94);
            mask.remove(31);
            mask.intersect(words);
            mask.iter().collect::<Vec<_>>()
        };
        assert_eq!(of(&words), [3, 33, 68]);
        assert_eq!(of(&words[..1]), [3]);
        assert!(of(&[]).is_empty());
        assert_eq!(of(&[u32::MAX; 9]).len(), 93);
    }
}
