use foretoken_core::Token;

use crate::recency::Recency;

/// The part of the weight that goes by rank after a single token.
const BY_RANK: f32 = 0.3;

/// The last one or two tokens of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// The token before the last, for keys of two.
    pub(crate) before: Option<Token>,
    pub(crate) last: Token,
}

/// What the model predicted where it last saw a key: the most likely tokens
/// with weights that sum up to 1, the best first.
///
/// Bounded: the key that was not predicted from for the longest time makes room.
#[derive(Clone, Debug)]
pub(crate) struct Successors {
    k: usize,
    /// Whether keys of two tokens are kept, besides those of one.
    pairs: bool,
    rows: Recency<Key, Vec<(Token, f32)>>,
}

impl Successors {
    /// `k` predictions each for at most `capacity` keys.
    pub(crate) fn new(k: usize, pairs: bool, capacity: usize) -> Self {
        Self { k, pairs, rows: Recency::new(capacity) }
    }

    /// Forgets everything and returns the memory.
    pub(crate) fn clear(&mut self) {
        self.rows.clear();
    }

    /// After `last`, which came after `before`, the model predicted `ranked`:
    /// tokens with logits, the best first.
    pub(crate) fn learn(&mut self, before: Option<Token>, last: Token, ranked: &[(Token, f32)]) {
        let ranked = &ranked[..ranked.len().min(self.k)];
        if ranked.is_empty() {
            return;
        }
        let mut row = weights(ranked);
        if let (true, Some(_)) = (self.pairs, before) {
            self.rows.write(Key { before, last }, Vec::new).clone_from(&row);
        }
        flatten(&mut row);
        *self.rows.write(Key { before: None, last }, Vec::new) = row;
    }

    /// What was predicted after both tokens, and after the last one alone.
    pub(crate) fn after(&self, before: Option<Token>, last: Token) -> [&[(Token, f32)]; 2] {
        let row = |key: Key| self.rows.get(&key).map_or(&[][..], Vec::as_slice);
        let pair = before.map_or(&[][..], |_| row(Key { before, last }));
        [pair, row(Key { before: None, last })]
    }

    /// The number of keys.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }
}

/// The softmax of the logits; one that is no number weighs as much as the best.
fn weights(ranked: &[(Token, f32)]) -> Vec<(Token, f32)> {
    let best = ranked[0].1;
    let weigh = |&(token, logit): &(Token, f32)| (token, (logit - best).min(0.0).exp());
    let mut row: Vec<(Token, f32)> = ranked.iter().map(weigh).collect();
    // The first weighs 1, so the sum is at least that.
    let sum: f32 = row.iter().map(|(_, weight)| weight).sum();
    for (_, weight) in &mut row {
        *weight /= sum;
    }
    row
}

/// Gives a part of the weight to ranks, `1 / (rank + 1)` each: after another
/// token before it, the model is not as sure as it was.
fn flatten(row: &mut [(Token, f32)]) {
    let share = |rank: usize| 1.0 / (rank + 1) as f32;
    let sum: f32 = (0..row.len()).map(share).sum();
    for (rank, (_, weight)) in row.iter_mut().enumerate() {
        *weight = (1.0 - BY_RANK) * *weight + BY_RANK * share(rank) / sum;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn rankings() -> impl Strategy<Value = Vec<(Token, f32)>> {
        prop::collection::vec((0..20u32, -9.0..9.0f32), 0..6).prop_map(|mut ranked| {
            ranked.sort_by(|(_, left), (_, right)| right.total_cmp(left));
            ranked
        })
    }

    proptest! {
        /// The last ranking of each key counts, its first `k`.
        #[test]
        fn keeps_what_was_predicted_last(
            seen in prop::collection::vec((prop::option::of(0..3u32), 0..3u32, rankings()), 0..40),
            k in 1..5usize,
        ) {
            let mut successors = Successors::new(k, true, 100);
            let mut naive = BTreeMap::<(Option<Token>, Token), Vec<Token>>::new();
            for (before, last, ranked) in &seen {
                successors.learn(*before, *last, ranked);
                let tokens: Vec<Token> = ranked.iter().take(k).map(|&(token, _)| token).collect();
                if !tokens.is_empty() {
                    naive.insert((*before, *last), tokens.clone());
                    naive.insert((None, *last), tokens);
                }
            }
            prop_assert_eq!(successors.len(), naive.len());
            for before in [None, Some(0), Some(1), Some(2), Some(3)] {
                for last in 0..4 {
                    let [pair, single] = successors.after(before, last);
                    for (row, key) in [(pair, (before, last)), (single, (None, last))] {
                        let tokens: Vec<Token> = row.iter().map(|&(token, _)| token).collect();
                        let expected = naive.get(&key).cloned().unwrap_or_default();
                        // A pair needs two tokens; without the first there is the single key only.
                        let expected = if before.is_none() && std::ptr::eq(row, pair) { vec![] } else { expected };
                        prop_assert_eq!(tokens, expected);
                        let sum: f32 = row.iter().map(|(_, weight)| weight).sum();
                        prop_assert!(row.is_empty() || (sum - 1.0).abs() < 1e-5);
                        prop_assert!(row.is_sorted_by(|(_, left), (_, right)| left >= right));
                    }
                }
            }
        }

        #[test]
        fn never_more_keys_than_there_is_room(
            seen in prop::collection::vec((0..30u32, 0..30u32), 0..90),
            capacity in 1..20usize,
        ) {
            let mut successors = Successors::new(2, true, capacity);
            for (before, last) in seen {
                successors.learn(Some(before), last, &[(7, 1.0)]);
                prop_assert!(successors.len() <= capacity);
                prop_assert_eq!(successors.after(Some(before), last)[1], [(7, 1.0)]);
            }
        }
    }

    #[test]
    fn logits_that_are_no_numbers_do_no_harm() {
        for logits in [[f32::NAN, 1.0], [f32::INFINITY, f32::INFINITY], [1.0, f32::NAN]] {
            let row = weights(&[(1, logits[0]), (2, logits[1])]);
            assert_eq!(row, [(1, 0.5), (2, 0.5)]);
        }
        assert_eq!(weights(&[(1, 0.0), (2, f32::NEG_INFINITY)]), [(1, 1.0), (2, 0.0)]);
    }
}
