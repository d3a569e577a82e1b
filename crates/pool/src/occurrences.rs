use std::collections::HashMap;
use std::ops::RangeInclusive;

use foretoken_core::Token;

/// No earlier occurrence.
const NONE: u32 = u32::MAX;

/// A text, and where each of its n-grams occurred.
///
/// Appending a token, taking one back, and finding an earlier occurrence take
/// time in the n-gram lengths only, however long the text is. Taking back is
/// exact: the index is then that of the shorter text.
#[derive(Clone, Debug)]
pub(crate) struct Occurrences {
    text: Vec<Token>,
    orders: Vec<Order>,
}

/// All n-grams of one length. An occurrence is known by its end: the index of
/// the token after it, so that occurrences at the very end of the text, which
/// nothing follows yet, are not in it.
#[derive(Clone, Debug)]
struct Order {
    length: usize,
    /// The last occurrence of each n-gram, by hash.
    last: HashMap<u64, u32>,
    /// The occurrence before the one that ends at `index + length`.
    before: Vec<u32>,
}

/// An earlier occurrence of the end of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    /// The index of the token that followed it.
    pub(crate) next: usize,
    /// The length of the n-gram by which it was found.
    pub(crate) length: usize,
}

impl Occurrences {
    /// How many occurrences of one n-gram are looked at, the most recent first:
    /// a bound on the time that a text full of them can take.
    pub(crate) const MOST: usize = 64;

    /// An empty text; n-grams of these lengths, at least 1, can be found.
    pub(crate) fn new(lengths: RangeInclusive<usize>) -> Self {
        let order = |length| Order { length, last: HashMap::new(), before: Vec::new() };
        Self { text: Vec::new(), orders: lengths.map(order).collect() }
    }

    pub(crate) fn text(&self) -> &[Token] {
        &self.text
    }

    /// Makes `text` the text: appends what is new, after taking back what
    /// cannot belong to it.
    pub(crate) fn follow(&mut self, text: &[Token]) {
        let known = self.text.len();
        // Whoever cuts a sequence back says so, so the last tokens tell enough.
        let recent = known.saturating_sub(16);
        if text.get(recent..known) != Some(&self.text[recent..]) {
            let common = self.text.iter().zip(text).take_while(|(left, right)| left == right);
            let common = common.count();
            self.truncate(common);
        }
        for &token in &text[self.text.len()..] {
            self.push(token);
        }
    }

    /// Takes back all but the first `len` tokens.
    pub(crate) fn truncate(&mut self, len: usize) {
        while self.text.len() > len {
            self.pop();
        }
    }

    fn push(&mut self, token: Token) {
        let end = self.text.len() as u32;
        let mut suffixes = Suffixes::new(&self.text);
        for order in &mut self.orders {
            let Some(hash) = suffixes.hash(order.length) else { break };
            order.before.push(order.last.insert(hash, end).unwrap_or(NONE));
        }
        self.text.push(token);
    }

    fn pop(&mut self) {
        self.text.pop();
        let mut suffixes = Suffixes::new(&self.text);
        for order in &mut self.orders {
            let Some(hash) = suffixes.hash(order.length) else { break };
            match order.before.pop() {
                None | Some(NONE) => order.last.remove(&hash),
                Some(earlier) => order.last.insert(hash, earlier),
            };
        }
    }

    /// Earlier occurrences of the end of the text: the longest n-grams first,
    /// the most recent first among them, each occurrence once.
    pub(crate) fn matches(&self) -> impl Iterator<Item = Match> {
        self.orders.iter().rev().flat_map(|order| self.matches_of(order))
    }

    fn matches_of(&self, order: &Order) -> impl Iterator<Item = Match> {
        let length = order.length;
        let longest = self.orders.last().map_or(0, |order| order.length);
        let first = Suffixes::new(&self.text).hash(length).and_then(|hash| order.last.get(&hash));
        let earlier = move |&end: &u32| order.before.get(end as usize - length).copied();
        std::iter::successors(first.copied(), earlier)
            .take_while(|&end| end != NONE)
            .take(Self::MOST)
            .map(|end| end as usize)
            .filter(move |&end| {
                let same = self.common_suffix(end, length + 1);
                // A longer match was found among the longer n-grams already.
                same == length || same > length && length == longest
            })
            .map(move |next| Match { next, length })
    }

    /// How many of the last tokens before index `end` are the last tokens of
    /// the text, up to `most`.
    pub(crate) fn common_suffix(&self, end: usize, most: usize) -> usize {
        let earlier = self.text[..end].iter().rev();
        let last = self.text.iter().rev();
        earlier.zip(last).take(most).take_while(|(left, right)| left == right).count()
    }
}

/// The hashes of a text's last tokens, from the shortest suffix to longer ones.
struct Suffixes<'a> {
    text: &'a [Token],
    length: usize,
    hash: u64,
}

impl<'a> Suffixes<'a> {
    fn new(text: &'a [Token]) -> Self {
        Self { text, length: 0, hash: 0 }
    }

    /// The hash of the last `length` tokens, if there are so many. Lengths must
    /// not decrease from call to call.
    fn hash(&mut self, length: usize) -> Option<u64> {
        while self.length < length {
            let at = self.text.len().checked_sub(self.length + 1)?;
            let mixed = self.hash.rotate_left(23) ^ (u64::from(self.text[at]) + 1);
            self.hash = mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            self.length += 1;
        }
        Some(self.hash)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition: all lengths, all earlier ends.
    fn naive(text: &[Token], lengths: RangeInclusive<usize>) -> Vec<Match> {
        let mut found = Vec::<Match>::new();
        for length in lengths.rev().filter(|&length| length <= text.len()) {
            for next in (length..text.len()).rev() {
                let same = text[next - length..next] == text[text.len() - length..];
                if same && found.iter().all(|other| other.next != next) {
                    found.push(Match { next, length });
                }
            }
        }
        found
    }

    fn index(text: &[Token], lengths: RangeInclusive<usize>) -> Occurrences {
        let mut index = Occurrences::new(lengths);
        index.follow(text);
        index
    }

    /// Texts over few tokens, short enough for [`Occurrences::MOST`] not to matter.
    fn texts() -> impl Strategy<Value = Vec<Token>> {
        (1..5u32).prop_flat_map(|most| prop::collection::vec(0..most, 0..60))
    }

    proptest! {
        #[test]
        fn finds_what_the_definition_says(text in texts(), min in 1..4usize, more in 0..4usize) {
            let lengths = min..=min + more;
            let found: Vec<Match> = index(&text, lengths.clone()).matches().collect();
            prop_assert_eq!(found, naive(&text, lengths));
        }

        #[test]
        fn any_path_to_a_text_gives_its_index(
            texts in prop::collection::vec((texts(), 0..60usize), 1..6),
            min in 1..3usize,
        ) {
            let mut followed = Occurrences::new(min..=3);
            for (text, cut) in &texts {
                followed.truncate(*cut);
                followed.follow(text);
                let fresh = index(text, min..=3);
                prop_assert_eq!(followed.text(), &text[..]);
                for (order, expected) in followed.orders.iter().zip(&fresh.orders) {
                    prop_assert_eq!(&order.last, &expected.last);
                    prop_assert_eq!(&order.before, &expected.before);
                }
            }
        }

        #[test]
        fn the_index_grows_by_one_entry_per_token_and_length(text in texts()) {
            let index = index(&text, 1..=3);
            for order in &index.orders {
                prop_assert_eq!(order.before.len(), text.len().saturating_sub(order.length));
                prop_assert!(order.last.len() <= order.before.len());
            }
        }
    }

    #[test]
    fn a_text_full_of_occurrences_takes_bounded_time() {
        let index = index(&vec![7; 5000], 1..=3);
        assert_eq!(index.matches().count(), Occurrences::MOST);
        assert_eq!(index.matches().next(), Some(Match { next: 4999, length: 3 }));
    }

    #[test]
    fn colliding_hashes_are_no_matches() {
        let mut index = index(&[1, 2, 1, 3, 1], 1..=1);
        let hash = Suffixes::new(&[2]).hash(1).unwrap();
        // Pretend that [2] hashes like [1].
        let of_one = Suffixes::new(&[1]).hash(1).unwrap();
        let end = index.orders[0].last[&hash];
        index.orders[0].last.insert(of_one, end);
        assert_eq!(index.matches().collect::<Vec<_>>(), []);
    }
}
