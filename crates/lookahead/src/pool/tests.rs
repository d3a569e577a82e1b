use proptest::prelude::*;

use super::*;

/// The same pool as one list, the most recent last, and no cleverness.
struct Naive {
    per_key: usize,
    capacity: usize,
    entries: Vec<Entry>,
}

#[derive(Clone)]
struct Entry {
    key: Token,
    tokens: Vec<Token>,
    uses: u32,
}

impl Naive {
    fn insert(&mut self, key: Token, tokens: &[Token]) {
        let known = self.entries.iter().position(|e| e.key == key && e.tokens == tokens);
        let entry = match known {
            Some(at) => self.entries.remove(at),
            None => Entry { key, tokens: tokens.to_vec(), uses: 0 },
        };
        if known.is_none() {
            if self.of(key).len() == self.per_key {
                let oldest = self.entries.iter().position(|e| e.key == key).unwrap();
                self.entries.remove(oldest);
            } else if self.entries.len() == self.capacity {
                self.entries.remove(0);
            }
        }
        self.entries.push(entry);
    }

    fn credit(&mut self, key: Token, text: &[Token]) {
        let agreed = |e: &Entry| {
            if e.key != key {
                return 0;
            }
            (0..=text.len().min(e.tokens.len())).rfind(|&n| e.tokens[..n] == text[..n]).unwrap()
        };
        let (mut used, unused): (Vec<_>, Vec<_>) =
            self.entries.drain(..).partition(|e| agreed(e) > 0);
        for entry in &mut used {
            entry.uses += agreed(entry) as u32;
        }
        self.entries = [unused, used].concat();
    }

    fn of(&self, key: Token) -> Vec<&Entry> {
        self.entries.iter().filter(|e| e.key == key).collect()
    }

    fn ranked(&self, key: Token) -> Vec<&[Token]> {
        let mut found = self.of(key);
        found.reverse();
        found.sort_by_key(|e| std::cmp::Reverse(e.uses));
        found.into_iter().map(|e| e.tokens.as_slice()).collect()
    }
}

#[derive(Clone, Debug)]
enum Op {
    Insert(Token, Vec<Token>),
    Credit(Token, Vec<Token>),
    Clear,
}

fn ops(length: usize) -> impl Strategy<Value = Vec<Op>> {
    let key = 0..5_u32;
    let op = prop_oneof![
        30 => (key.clone(), prop::collection::vec(0..3_u32, length)).prop_map(|(k, t)| Op::Insert(k, t)),
        10 => (key, prop::collection::vec(0..3_u32, 0..5)).prop_map(|(k, t)| Op::Credit(k, t)),
        1 => Just(Op::Clear),
    ];
    prop::collection::vec(op, 0..120)
}

proptest! {
    #[test]
    fn agrees_with_one_list_in_order_of_use(
        (length, ops) in (1..4_usize).prop_flat_map(|length| (Just(length), ops(length))),
        per_key in 1..4_usize,
        capacity in 1..12_usize,
    ) {
        let mut pool = NgramPool::new(length, per_key, capacity);
        let mut naive = Naive { per_key, capacity, entries: Vec::new() };
        for op in ops {
            match op {
                Op::Insert(key, tokens) => {
                    pool.insert(key, &tokens, SeenBy::Text);
                    naive.insert(key, &tokens);
                }
                Op::Credit(key, text) => {
                    pool.credit(key, &text);
                    naive.credit(key, &text);
                }
                Op::Clear => {
                    pool.clear();
                    naive.entries.clear();
                }
            }
            prop_assert_eq!(pool.len(), naive.entries.len());
            for key in 0..5 {
                prop_assert_eq!(pool.ranked(key), naive.ranked(key));
            }
        }
    }
}

/// The published pool has no bound on its keys.
#[test]
fn the_pool_is_bounded_over_all_keys() {
    let mut pool = NgramPool::new(2, 4, 100);
    for key in 0..10_000 {
        pool.insert(key, &[key, key], SeenBy::Text);
    }
    assert_eq!(pool.len(), 100);
    assert_eq!(pool.by_key.len(), 100);
    assert_eq!(pool.tokens.len(), 200);
    assert!(pool.ranked(9_899).is_empty());
    assert_eq!(pool.ranked(9_900), [[9_900, 9_900]]);
}

/// The published pool guesses in order of arrival.
#[test]
fn the_pool_ranks_by_what_came_true() {
    let mut pool = NgramPool::new(2, 3, 100);
    pool.insert(1, &[10, 11], SeenBy::Text);
    pool.insert(1, &[20, 21], SeenBy::Text);
    pool.insert(1, &[30, 31], SeenBy::Text);
    assert_eq!(pool.ranked(1), [[30, 31], [20, 21], [10, 11]]);
    pool.credit(1, &[10, 99]);
    pool.credit(1, &[20, 21, 22]);
    pool.credit(2, &[30, 31]);
    assert_eq!(pool.ranked(1), [[20, 21], [10, 11], [30, 31]]);
    // What proved useful was used recently: it is not what makes room.
    pool.insert(1, &[40, 41], SeenBy::Text);
    assert_eq!(pool.ranked(1), [[20, 21], [10, 11], [40, 41]]);
}
