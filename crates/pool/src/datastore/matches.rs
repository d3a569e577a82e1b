use std::ops::Range;

use foretoken_core::Token;

use super::Datastore;
use super::build::ORDERED;

/// Where a string occurs: suffixes that begin with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    /// Ranks of the suffixes.
    first: usize,
    end: usize,
    /// Tokens of the string.
    pub(crate) length: usize,
}

impl Match {
    /// How often it occurs.
    pub(crate) fn count(self) -> usize {
        self.end - self.first
    }
}

impl Datastore {
    /// Where nothing in particular occurs: everywhere.
    fn everywhere(&self) -> Match {
        Match { first: 0, end: self.len(), length: 0 }
    }

    /// Where `string` occurs; `None` if it does not.
    fn find(&self, string: &[Token]) -> Option<Match> {
        string.iter().try_fold(self.everywhere(), |found, &token| self.narrow(found, token))
    }

    /// The longest suffix of `text` that occurs, of at most `longest` tokens.
    pub(crate) fn longest(&self, text: &[Token], longest: usize) -> Option<Match> {
        let longest = longest.min(text.len()).min(ORDERED);
        // What occurs, occurs without its first token, too.
        let (mut found, mut low, mut high) = (None, 0, longest + 1);
        while high - low > 1 {
            let middle = usize::midpoint(low, high);
            match self.find(&text[text.len() - middle..]) {
                Some(there) => (found, low) = (Some(there), middle),
                None => high = middle,
            }
        }
        found
    }

    /// Where the last `length` tokens of `text` occur.
    pub(crate) fn suffix_of(&self, text: &[Token], length: usize) -> Option<Match> {
        self.find(text.get(text.len().checked_sub(length)?..)?)
    }

    /// Where the string of `found` occurs with `token` after it. Strings as long as suffixes are ordered by are not
    /// told apart any more: they have no continuation.
    pub(crate) fn narrow(&self, found: Match, token: Token) -> Option<Match> {
        let Match { first, end, length } = found;
        if length >= ORDERED {
            return None;
        }
        // In the order of the index, the end of a text comes last.
        let after = |rank: usize| self.after(rank, length).unwrap_or(Token::MAX);
        let first = partition(first..end, |rank| after(rank) < token);
        let end = partition(first..end, |rank| after(rank) == token);
        (first < end).then_some(Match { first, end, length: length + 1 })
    }

    /// The token `length` places into the suffix of that rank; `None` where its text ends.
    fn after(&self, rank: usize, length: usize) -> Option<Token> {
        self.token(self.suffix(rank).saturating_add(length))
    }

    /// What followed the string, in at most `most` places spread over all: pushed to `next`, with counts. Returns how many
    /// places there were in which anything did.
    pub(crate) fn continuations(
        &self,
        found: Match,
        most: usize,
        next: &mut Vec<(Token, u32)>,
    ) -> u32 {
        let (count, places) = (found.count(), found.count().min(most));
        let mut followed = 0;
        for place in 0..places {
            let rank = found.first + place * count / places;
            let Some(token) = self.after(rank, found.length) else { continue };
            followed += 1;
            match next.iter_mut().find(|(known, _)| *known == token) {
                Some((_, times)) => *times += 1,
                None => next.push((token, 1)),
            }
        }
        followed
    }
}

/// The first rank for which `before` does not hold, if it holds for those before and no others.
fn partition(ranks: Range<usize>, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (ranks.start, ranks.end);
    while low < high {
        let middle = usize::midpoint(low, high);
        if before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// Every place in which `string` stands, with what follows.
    fn naive(texts: &[Vec<Token>], string: &[Token]) -> (usize, BTreeMap<Token, u32>) {
        let mut next = BTreeMap::new();
        let mut count = 0;
        for text in texts {
            for start in 0..text.len() {
                if text[start..].starts_with(string) {
                    count += 1;
                    if let Some(&token) = text.get(start + string.len()) {
                        *next.entry(token).or_default() += 1;
                    }
                }
            }
        }
        (count, next)
    }

    proptest! {
        #[test]
        fn finds_what_is_there(
            texts in prop::collection::vec(prop::collection::vec(0..3u32, 0..40), 0..4),
            string in prop::collection::vec(0..4u32, 1..7),
        ) {
            let store = Datastore::build(&texts);
            prop_assert_eq!(store.len(), texts.iter().map(|text| text.len() + 1).sum::<usize>());
            let (count, next) = naive(&texts, &string);
            let found = store.find(&string);
            prop_assert_eq!(found.map_or(0, Match::count), count);
            if let Some(found) = found {
                let mut all = Vec::new();
                let followed = store.continuations(found, usize::MAX, &mut all);
                prop_assert_eq!(followed, next.values().sum::<u32>());
                prop_assert_eq!(all.into_iter().collect::<BTreeMap<_, _>>(), next);
                let mut some = Vec::new();
                prop_assert!(store.continuations(found, 2, &mut some) <= 2);
            }
            let longest = (1..=string.len())
                .rev()
                .find(|&length| naive(&texts, &string[string.len() - length..]).0 > 0);
            let found = store.longest(&string, 64);
            prop_assert_eq!(found.map(|found| found.length), longest);
            if let Some(found) = found {
                prop_assert_eq!(store.suffix_of(&string, found.length), Some(found));
            }
        }
    }

    #[test]
    fn long_repetitions_end() {
        let store = Datastore::build([vec![7; 1000]]);
        let found = store.longest(&[7; 500], 500).unwrap();
        assert_eq!(found.length, ORDERED);
        assert_eq!(store.narrow(found, 7), None);
        assert!(Datastore::build(Vec::<Vec<Token>>::new()).longest(&[1], 8).is_none());
    }
}
