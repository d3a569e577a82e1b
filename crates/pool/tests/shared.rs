//! Shared pools against their definition, and what peers get wrong.

mod step;

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use foretoken_core::{CandidateSource, NodeId, Token, TokenTree};
use foretoken_pool::{SharedPool, SharedPoolConfig, Suffix, SuffixConfig};
use proptest::prelude::*;
use step::{Step, guesses};

fn pool(config: SharedPoolConfig) -> SharedPool {
    SharedPool::new("tested", config).unwrap()
}

fn sharing(pool: &SharedPool) -> Suffix {
    Suffix::default().with_shared(pool.clone())
}

fn tree(source: &mut Suffix, text: &[Token]) -> TokenTree {
    Step { nodes: 200, ..Step::new(text) }.propose(source).0
}

/// What one context is followed by, with decayed counts.
type Counts = BTreeMap<Vec<Token>, BTreeMap<Token, f32>>;

/// The definition: each context and continuation of a sequence counts once,
/// halved for every `half_life` sequences since.
fn count(sequences: &[Vec<Token>], order: usize, half_life: usize) -> Counts {
    let mut counts = Counts::new();
    let published = sequences.iter().filter(|sequence| sequence.len() > 1);
    for (age, sequence) in published.rev().enumerate() {
        let weight = (-(age as f32) / half_life as f32).exp2();
        let mut seen = BTreeSet::new();
        for end in 1..sequence.len() {
            for length in 1..=order.min(end) {
                seen.insert((sequence[end - length..end].to_vec(), sequence[end]));
            }
        }
        for (context, token) in seen {
            *counts.entry(context).or_default().entry(token).or_default() += weight;
        }
    }
    counts
}

/// What the counts say of the token after `path`, nothing else being known.
fn naive(counts: &Counts, path: &[Token], order: usize) -> BTreeMap<Token, f32> {
    let (mut shares, mut left, mut seen) = (BTreeMap::new(), 0.98, 0.0);
    for length in (1..=order.min(path.len())).rev() {
        let Some(next) = counts.get(&path[path.len() - length..]) else { continue };
        let followed: f32 = next.values().sum();
        if followed <= seen * 1.001 {
            continue;
        }
        seen = followed;
        let odds = 0.2 * (length as f32).powf(0.7) * followed / next.len() as f32;
        let claimed = left * odds / (1.0 + odds);
        left -= claimed;
        for (&token, count) in next {
            *shares.entry(token).or_default() += claimed * count / followed;
        }
    }
    shares
}

fn sequences() -> impl Strategy<Value = Vec<Vec<Token>>> {
    prop::collection::vec(prop::collection::vec(0..8u32, 0..40), 0..6)
}

proptest! {
    /// A text without repetitions of its own gets what others said, by their counts.
    #[test]
    fn guesses_what_the_definition_says(
        sequences in sequences(),
        text in Just((0..8).collect::<Vec<Token>>()).prop_shuffle(),
        kept in 1..8usize,
        order in 1..9usize,
        half_life in 1..9usize,
    ) {
        let text = &text[..kept];
        let pool = pool(SharedPoolConfig::default().with_order(order).with_half_life(half_life));
        for sequence in &sequences {
            pool.publish(sequence, 0);
        }
        let counts = count(&sequences, order, half_life);
        prop_assert_eq!(pool.len(), counts.len());
        // Only the first guesses: the text of a path has no repetitions either then.
        let tree = Step { remaining: 2, ..Step::new(text) }.propose(&mut sharing(&pool)).0;
        let floor = SuffixConfig::default().floor;
        for (token, share) in naive(&counts, text, order) {
            let child = tree.child(NodeId::ROOT, token);
            // Shares of less than 1/32 of the floor may be missing.
            let exact = share - 8.0 / 32.0 * floor..=share * 1.001;
            if !exact.contains(&floor) {
                prop_assert_eq!(child.is_some(), share > floor, "{} {}", token, share);
            }
            if let Some(child) = child {
                prop_assert!(exact.contains(&tree.probability(child)));
            }
        }
    }

    /// However the pool was filled, it is never larger than it may be, and the
    /// last sequence is still known if there is room for it.
    #[test]
    fn the_bound_holds(sequences in sequences(), capacity in 1..60usize, order in 1..4usize) {
        let config = SharedPoolConfig::default().with_capacity(capacity).with_order(order);
        let pool = pool(config.with_half_life(1));
        for sequence in &sequences {
            pool.publish(sequence, 0);
            prop_assert!(pool.len() <= capacity);
        }
        if let [.., last] = &sequences[..] {
            let newest = count(std::slice::from_ref(last), order, 1);
            if newest.len() < capacity / 2 && last.len() > 1 {
                let end = &last[..last.len() - 1];
                prop_assert!(tree(&mut sharing(&pool), end).guesses() > 0);
            }
        }
    }

    /// A sequence and its forks count what they have in common once.
    #[test]
    fn forks_do_not_count_twice(
        prompt in prop::collection::vec(0..8u32, 2..20),
        ends in prop::collection::vec(prop::collection::vec(0..8u32, 1..20), 1..4),
    ) {
        let forked = pool(SharedPoolConfig::default());
        let mut source = sharing(&forked);
        source.begin(&prompt, 0);
        guesses(&mut source, &prompt);
        let mut forks: Vec<_> = ends.iter().map(|_| source.fork()).collect();
        source.end(&prompt);
        let expected = pool(SharedPoolConfig::default());
        expected.publish(&prompt, 0);
        for (fork, end) in forks.iter_mut().zip(&ends) {
            let text = [&prompt[..], end].concat();
            fork.end(&text);
            expected.publish(&text, prompt.len());
        }
        prop_assert_eq!(forked.sequences(), expected.sequences());
        let [left, right] = [&forked, &expected].map(|pool| tree(&mut sharing(pool), &prompt));
        prop_assert_eq!(left.tokens(), right.tokens());
        for node in left.nodes() {
            prop_assert_eq!(left.probability(node), right.probability(node));
        }
    }

    #[test]
    fn merging_adds(first in sequences(), second in sequences(), order in 1..5usize) {
        // No decay to speak of, so that the order of sequences does not matter.
        let config = SharedPoolConfig::default().with_order(order).with_half_life(1 << 20);
        let [left, right, both] = [pool(config), pool(config), pool(config)];
        for sequence in &first {
            left.publish(sequence, 0);
            both.publish(sequence, 0);
        }
        for sequence in &second {
            right.publish(sequence, 0);
            both.publish(sequence, 0);
        }
        left.merge(&right).unwrap();
        prop_assert_eq!(left.len(), both.len());
        for last in 0..8 {
            let [left, both] = [&left, &both].map(|pool| {
                let tree = Step { remaining: 2, ..Step::new(&[last]) }.propose(&mut sharing(pool)).0;
                let paths: BTreeMap<Token, f32> =
                    tree.nodes().skip(1).map(|node| (tree.token(node), tree.probability(node))).collect();
                paths
            });
            // At the floor itself rounding decides.
            let floor = SuffixConfig::default().floor;
            for token in left.keys().chain(both.keys()) {
                let [left, both] = [&left, &both].map(|paths| *paths.get(token).unwrap_or(&floor));
                prop_assert!((left - both).abs() < 1e-3);
            }
        }
    }
}

#[test]
fn what_one_sequence_said_the_next_one_guesses() {
    let pool = pool(SharedPoolConfig::default());
    let mut source = sharing(&pool);
    let first = [1, 2, 3, 4, 5, 6, 7, 8];
    source.begin(&first[..2], 0);
    source.end(&first);
    assert_eq!(pool.sequences(), 1);
    let mut other = sharing(&pool);
    other.begin(&[9, 3, 4], 0);
    assert_eq!(guesses(&mut other, &[9, 3, 4])[0][..2], [5, 6]);
    // Its own text counts more.
    let text = [3, 4, 7, 3, 4];
    let tree = tree(&mut other, &text);
    let first = tree.children(NodeId::ROOT).map(|node| tree.token(node)).next();
    assert_eq!(first, Some(7));
}

#[test]
fn scopes_never_mix() {
    let pools =
        ["a", "b"].map(|scope| SharedPool::new(scope, SharedPoolConfig::default()).unwrap());
    sharing(&pools[0]).end(&[1, 2, 3]);
    assert!(pools[1].is_empty() && guesses(&mut sharing(&pools[1]), &[1, 2]).is_empty());
    let error = pools[1].merge(&pools[0]).unwrap_err();
    assert!(error.to_string().contains("\"a\"") && error.to_string().contains("\"b\""), "{error}");
    assert!(pools[1].is_empty());
    // A source without a pool neither tells nor asks.
    let mut alone = Suffix::default();
    alone.end(&[1, 2, 3]);
    assert!(guesses(&mut alone, &[1, 2]).is_empty());
}

/// A conversation's next turn begins with the turns before.
#[test]
fn what_a_sequence_reuses_is_not_published_again() {
    let twice = pool(SharedPoolConfig::default());
    let mut source = sharing(&twice);
    let text: Vec<Token> = (0..20).collect();
    source.begin(&text[..5], 0);
    source.end(&text[..10]);
    source.begin(&text[..15], 10);
    source.end(&text);
    let expected = pool(SharedPoolConfig::default());
    expected.publish(&text[..10], 0);
    expected.publish(&text, 10);
    assert_eq!(twice.len(), expected.len());
    let probability = |pool| tree(&mut sharing(pool), &[3]).probability(NodeId::new(1));
    assert_eq!(probability(&twice), probability(&expected));
}

/// One sequence that ran into a loop weighs no more than any other.
#[test]
fn a_degenerate_sequence_does_not_swamp_the_pool() {
    let pool = pool(SharedPoolConfig::default());
    for _ in 0..3 {
        pool.publish(&[1, 2], 0);
    }
    pool.publish(&[1, 3].repeat(500), 0);
    let tree = tree(&mut sharing(&pool), &[1]);
    let first = tree.children(NodeId::ROOT).map(|node| tree.token(node)).next();
    assert_eq!(first, Some(2));
}

/// What was true long ago loses against what is true now.
#[test]
fn counts_decay() {
    let pool = pool(SharedPoolConfig::default().with_half_life(2));
    for _ in 0..20 {
        pool.publish(&[1, 2], 0);
    }
    for _ in 0..4 {
        pool.publish(&[1, 3], 0);
    }
    let tree = tree(&mut sharing(&pool), &[1]);
    let first = tree.children(NodeId::ROOT).map(|node| tree.token(node)).next();
    assert_eq!(first, Some(3));
}

#[test]
fn tokens_beyond_sixteen_bits_and_equal_sums_stay_apart() {
    let pool = pool(SharedPoolConfig::default());
    pool.publish(&[1, 4, 50], 0);
    pool.publish(&[2, 3, 60], 0);
    pool.publish(&[65_537, 4, 70], 0);
    let mut source = sharing(&pool);
    assert_eq!(guesses(&mut source, &[1, 4])[0], [50]);
    assert_eq!(guesses(&mut source, &[2, 3])[0], [60]);
    assert_eq!(guesses(&mut source, &[65_537, 4])[0], [70]);
}

#[test]
fn readers_and_writers_run_side_by_side() {
    let pool = pool(SharedPoolConfig::default());
    let text: Vec<Token> = (0..400).map(|token| token * token % 97).collect();
    thread::scope(|scope| {
        for offset in 0..4 {
            let (pool, text) = (&pool, &text);
            scope.spawn(move || {
                for round in 0..20 {
                    pool.publish(&text[offset..], 0);
                    guesses(&mut sharing(pool), &text[..10 + round]);
                }
            });
        }
    });
    assert_eq!(pool.sequences(), 80);
    assert!(tree(&mut sharing(&pool), &text[..50]).guesses() > 0);
}

#[test]
fn settings_are_checked() {
    for (config, message) in [
        (SharedPoolConfig::default().with_order(0), "order is 0: it takes 1 to 8"),
        (SharedPoolConfig::default().with_order(9), "order is 9: it takes 1 to 8"),
        (SharedPoolConfig::default().with_capacity(0), "capacity is 0: it takes 1 to 67108864"),
        (SharedPoolConfig::default().with_half_life(0), "half_life is 0: it takes 1 to 1048576"),
    ] {
        assert_eq!(SharedPool::new("", config).unwrap_err().to_string(), message);
    }
}
