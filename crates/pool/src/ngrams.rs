use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foretoken_core::Token;

/// N-grams: for each key, some continuations that were seen after it.
///
/// Bounded: at most `per_key` continuations of one key and `capacity` in all;
/// the one that was not seen for the longest time makes room. Ranked by how
/// often each was seen, the more recent first among equals.
#[derive(Clone, Debug)]
pub(crate) struct Ngrams {
    per_key: usize,
    capacity: usize,
    by_key: HashMap<Arc<[Token]>, Vec<u32>>,
    entries: Vec<Entry>,
    /// Entries by the time when they were last seen, the oldest first.
    by_age: BTreeMap<u64, u32>,
    now: u64,
}

#[derive(Clone, Debug)]
struct Entry {
    key: Arc<[Token]>,
    continuation: Box<[Token]>,
    seen: u32,
    last: u64,
}

impl Ngrams {
    /// An empty pool; both bounds are at least 1.
    pub(crate) fn new(per_key: usize, capacity: usize) -> Self {
        Self {
            per_key,
            capacity,
            by_key: HashMap::new(),
            entries: Vec::new(),
            by_age: BTreeMap::new(),
            now: 0,
        }
    }

    /// Forgets everything and returns the memory.
    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.per_key, self.capacity);
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// `continuation` was seen after `key`.
    pub(crate) fn insert(&mut self, key: &[Token], continuation: &[Token]) {
        self.now += 1;
        let of_key = self.by_key.get(key).map_or(&[][..], Vec::as_slice);
        let entry = |at: &u32| &self.entries[*at as usize];
        if let Some(&at) = of_key.iter().find(|at| *entry(at).continuation == *continuation) {
            let entry = &mut self.entries[at as usize];
            entry.seen = entry.seen.saturating_add(1);
            self.by_age.remove(&std::mem::replace(&mut entry.last, self.now));
            self.by_age.insert(self.now, at);
            return;
        }
        let evicted = if of_key.len() >= self.per_key {
            of_key.iter().copied().min_by_key(|at| entry(at).last)
        } else if self.entries.len() >= self.capacity {
            self.by_age.first_key_value().map(|(_, &at)| at)
        } else {
            None
        };
        if let Some(at) = evicted {
            self.unlink(at);
        }
        let key = match self.by_key.get_key_value(key) {
            Some((known, _)) => Arc::clone(known),
            None => Arc::from(key),
        };
        let added = Entry {
            key: Arc::clone(&key),
            continuation: continuation.into(),
            seen: 1,
            last: self.now,
        };
        let at = if let Some(at) = evicted {
            self.entries[at as usize] = added;
            at
        } else {
            self.entries.push(added);
            (self.entries.len() - 1) as u32
        };
        self.by_key.entry(key).or_default().push(at);
        self.by_age.insert(self.now, at);
    }

    /// The continuations of `key`, the most often seen first.
    pub(crate) fn ranked(&self, key: &[Token]) -> Vec<&[Token]> {
        let of_key = self.by_key.get(key).map_or(&[][..], Vec::as_slice);
        let mut entries: Vec<&Entry> =
            of_key.iter().map(|&at| &self.entries[at as usize]).collect();
        entries.sort_by_key(|entry| Reverse((entry.seen, entry.last)));
        entries.into_iter().map(|entry| &*entry.continuation).collect()
    }

    /// Takes an entry out of everything but `entries`.
    fn unlink(&mut self, at: u32) {
        let Entry { key, last, .. } = &self.entries[at as usize];
        self.by_age.remove(last);
        if let Some(of_key) = self.by_key.get_mut(key) {
            of_key.retain(|&other| other != at);
            if of_key.is_empty() {
                self.by_key.remove(key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition: a list of n-grams, the one seen longest ago first.
    #[derive(Default)]
    struct Naive(Vec<(Vec<Token>, Vec<Token>, u32)>);

    impl Naive {
        fn insert(&mut self, key: &[Token], tokens: &[Token], per_key: usize, capacity: usize) {
            let known = self.0.iter().position(|(k, t, _)| k == key && t == tokens);
            let mut seen = 0;
            if let Some(at) = known {
                seen = self.0.remove(at).2;
            } else if self.0.iter().filter(|(k, ..)| k == key).count() >= per_key {
                let at = self.0.iter().position(|(k, ..)| k == key).unwrap();
                self.0.remove(at);
            } else if self.0.len() >= capacity {
                self.0.remove(0);
            }
            self.0.push((key.to_vec(), tokens.to_vec(), seen + 1));
        }

        fn ranked(&self, key: &[Token]) -> Vec<&[Token]> {
            let mut found: Vec<_> = self.0.iter().rev().filter(|(k, ..)| k == key).collect();
            found.sort_by_key(|(.., seen)| Reverse(*seen));
            found.into_iter().map(|(_, tokens, _)| tokens.as_slice()).collect()
        }
    }

    proptest! {
        #[test]
        fn keeps_what_the_definition_says(
            seen in prop::collection::vec((prop::collection::vec(0..3u32, 1..3), 0..4u32), 0..80),
            per_key in 1..4usize,
            capacity in 1..12usize,
        ) {
            let (mut pool, mut naive) = (Ngrams::new(per_key, capacity), Naive::default());
            for (key, token) in &seen {
                pool.insert(key, &[*token, 9]);
                naive.insert(key, &[*token, 9], per_key, capacity);
                prop_assert_eq!(pool.ranked(key), naive.ranked(key));
                prop_assert_eq!(pool.len(), naive.0.len());
                prop_assert_eq!(pool.by_age.len(), pool.len());
                prop_assert_eq!(pool.by_key.values().map(Vec::len).sum::<usize>(), pool.len());
                prop_assert!(pool.by_key.values().all(|of_key| !of_key.is_empty()));
            }
            for (key, _) in &seen {
                prop_assert_eq!(pool.ranked(key), naive.ranked(key));
            }
        }
    }

    #[test]
    fn branches_with_equal_sums_stay_apart() {
        let mut pool = Ngrams::new(4, 10);
        pool.insert(&[1], &[2, 5]);
        pool.insert(&[1], &[5, 2]);
        pool.insert(&[1], &[3, 4]);
        assert_eq!(pool.ranked(&[1]), [[3, 4], [5, 2], [2, 5]]);
    }

    #[test]
    fn tokens_beyond_sixteen_bits_stay_apart() {
        let mut pool = Ngrams::new(4, 10);
        pool.insert(&[1], &[7]);
        pool.insert(&[65_537], &[65_543]);
        assert_eq!(pool.ranked(&[1]), [[7]]);
        assert_eq!(pool.ranked(&[65_537]), [[65_543]]);
    }
}
