//! The n-gram pool against its definition, and what peers get wrong.

mod step;

use std::collections::BTreeSet;

use foretoken_core::{CandidateSource, NodeId, Options, Strategy as _, Token};
use foretoken_pool::{NgramPool, NgramPoolConfig};
use proptest::prelude::*;
use step::{Step, guesses, leaves};

fn pool(config: NgramPoolConfig) -> NgramPool {
    NgramPool::new(config).unwrap()
}

/// Large enough that nothing is ever evicted.
fn roomy(key: usize, tokens: usize) -> NgramPoolConfig {
    NgramPoolConfig::default().with_key(key).with_tokens(tokens).with_candidates(64)
}

fn configs() -> impl Strategy<Value = NgramPoolConfig> {
    (1..4usize, 1..6usize, 1..5usize, 1..40usize).prop_map(|(key, tokens, candidates, capacity)| {
        NgramPoolConfig::default()
            .with_key(key)
            .with_tokens(tokens)
            .with_candidates(candidates)
            .with_capacity(capacity)
    })
}

fn texts() -> impl Strategy<Value = Vec<Token>> {
    (1..6u32).prop_flat_map(|most| prop::collection::vec(0..most, 1..50))
}

/// What followed each earlier occurrence of the last `key` tokens, cut to `tokens`.
fn naive(text: &[Token], key: usize, tokens: usize) -> BTreeSet<Vec<Token>> {
    let earlier = (key..text.len())
        .filter(|&next| text[next - key..next] == text[text.len() - key..])
        .map(|next| text[next..].iter().copied().take(tokens).collect());
    earlier.collect()
}

proptest! {
    /// Without evictions the tree of a single key length holds all that followed it.
    #[test]
    fn an_ample_pool_guesses_all_that_followed(text in texts(), tokens in 1..6usize) {
        let (tree, _) = Step::new(&text).propose(&mut pool(roomy(1, tokens)));
        let found: BTreeSet<Vec<Token>> =
            tree.nodes().skip(1).map(|node| tree.path_tokens(node)[1..].to_vec()).collect();
        let expected: BTreeSet<Vec<Token>> = naive(&text, 1, tokens)
            .into_iter()
            .flat_map(|path| (1..=path.len()).map(move |end| path[..end].to_vec()))
            .collect();
        prop_assert_eq!(found, expected);
    }

    /// N-grams that cross a step boundary, or the end of the prompt, are there.
    #[test]
    fn text_that_grows_is_text_at_once(
        text in texts(),
        pieces in prop::collection::vec(1..6usize, 1..60),
        config in configs(),
        prompt in 1..50usize,
    ) {
        let mut growing = pool(config);
        let mut end = prompt.min(text.len());
        growing.begin(&text[..end], 0);
        for piece in pieces {
            let expected = guesses(&mut pool(config), &text[..end]);
            prop_assert_eq!(guesses(&mut growing, &text[..end]), expected.clone());
            prop_assert_eq!(guesses(&mut growing.fork(), &text[..end]), expected);
            end = (end + piece).min(text.len());
        }
    }

    /// No n-gram is made of tokens before a cut and tokens that never followed them.
    #[test]
    fn a_cut_joins_nothing_that_was_apart(
        first in texts(),
        cut in 1..50usize,
        second in texts(),
        key in 1..3usize,
        tokens in 1..5usize,
    ) {
        let mut source = pool(roomy(key, tokens));
        guesses(&mut source, &first);
        let cut = cut.min(first.len());
        source.truncate(cut);
        let text = [&first[..cut], &second].concat();
        let found = guesses(&mut source, &text);
        let occurs = |guess: &Vec<Token>| {
            let ngram: Vec<Token> = [&text[text.len() - 1..], guess].concat();
            [&first, &text].iter().any(|text| text.windows(ngram.len()).any(|at| at == ngram))
        };
        prop_assert!(found.iter().all(occurs), "{:?}", found);
        // And what the new text repeats is found, across the cut too.
        let whole: BTreeSet<Vec<Token>> = naive(&text, 1, tokens);
        let covered = |path: &Vec<Token>| found.iter().any(|guess| guess.starts_with(path));
        prop_assert!(whole.iter().all(covered), "{:?} lacks some of {:?}", found, whole);
    }

    #[test]
    fn a_new_sequence_forgets_the_last(
        first in texts(),
        second in texts(),
        config in configs(),
        reused in 0..50usize,
    ) {
        let mut used = pool(config);
        guesses(&mut used, &first);
        used.end(&first);
        used.begin(&second, reused);
        prop_assert_eq!(guesses(&mut used, &second), guesses(&mut pool(config), &second));
    }

    #[test]
    fn limits_are_kept_without_refusals(
        text in texts(),
        config in configs(),
        nodes in 0..8usize,
        remaining in 1..8usize,
        ends in prop::collection::vec(0..6u32, 0..2),
    ) {
        let step = Step { history: &text, nodes, remaining, ends: &ends };
        let (tree, refused) = step.propose(&mut pool(config));
        prop_assert_eq!(refused, 0);
        prop_assert!(tree.guesses() <= nodes && tree.height() < remaining);
        prop_assert!(tree.height() <= config.tokens);
        prop_assert!(leaves(&tree).len() <= config.candidates);
        prop_assert!(tree.nodes().skip(1).all(|node| !ends.contains(&tree.token(node))));
        for node in tree.nodes().skip(1) {
            let parent = tree.probability(tree.parent(node).unwrap_or(NodeId::ROOT));
            prop_assert!(tree.probability(node) > 0.0 && tree.probability(node) <= parent);
        }
    }
}

#[test]
fn the_continuation_seen_most_often_comes_first() {
    let config = NgramPoolConfig::default().with_key(1).with_tokens(1).with_candidates(2);
    let text = [1, 20, 1, 20, 1, 30, 1];
    assert_eq!(guesses(&mut pool(config), &text), [[20], [30]]);
    let text = [1, 20, 1, 30, 1, 30, 1];
    assert_eq!(guesses(&mut pool(config), &text), [[30], [20]]);
}

#[test]
fn longer_keys_come_first_and_shorter_ones_fill_up() {
    let config = NgramPoolConfig::default().with_key(2).with_tokens(1);
    let text = [2, 50, 2, 60, 1, 2, 40, 1, 2];
    let (tree, _) = Step::new(&text).propose(&mut pool(config));
    assert_eq!(leaves(&tree), [[40], [60], [50]]);
    let alone = guesses(&mut pool(config.with_candidates(1)), &text);
    assert_eq!(alone, [[40]]);
}

#[test]
fn what_followed_in_part_is_a_guess_too() {
    let config = NgramPoolConfig::default().with_tokens(8);
    assert_eq!(guesses(&mut pool(config), &[5, 6, 5]), [[6, 5]]);
    assert_eq!(guesses(&mut pool(config), &[5]).len(), 0);
}

/// A pool reset must not lose the prompt that it was reset for.
#[test]
fn the_prompt_is_known_from_the_first_step() {
    let mut source = NgramPool::default();
    source.begin(&[9, 9, 9, 9, 9, 9], 0);
    source.begin(&[1, 2, 3, 4, 5, 1], 0);
    assert_eq!(guesses(&mut source, &[1, 2, 3, 4, 5, 1]), [[2, 3, 4, 5]]);
}

/// Nothing that happened before keeps a source silent.
#[test]
fn failures_do_not_silence() {
    let mut source = NgramPool::default();
    let mut text = vec![1, 2];
    for new in 100..400 {
        text.extend([1, 2, new]);
        guesses(&mut source, &text); // Always another continuation: always wrong.
    }
    text.extend([1, 2]);
    assert!(!guesses(&mut source, &text).is_empty());
}

/// One continuation per key at most, so the oldest n-grams must go.
#[test]
fn a_full_pool_forgets_the_oldest() {
    let config = NgramPoolConfig::default().with_key(1).with_tokens(1).with_capacity(50);
    let mut source = pool(config);
    let text: Vec<Token> = (0..200).collect();
    source.begin(&text, 0);
    let guessed = |source: &mut NgramPool, token: Token| {
        guesses(source, &[text.as_slice(), &[token]].concat())
    };
    assert_eq!(guessed(&mut source, 190), [[191]]);
    assert!(guessed(&mut source, 20).is_empty());
}

#[test]
fn one_repeated_token_is_one_ngram() {
    let text = vec![7; 20_000];
    let mut source = pool(NgramPoolConfig::default().with_capacity(2));
    let start = std::time::Instant::now();
    for end in 10_000..text.len() {
        let step = Step { nodes: 8, ..Step::new(&text[..end]) };
        assert_eq!(leaves(&step.propose(&mut source).0), [[7; 4]]);
    }
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}

#[test]
fn options_make_the_round_trip_and_are_checked() {
    let mut options: Options = "key=3,tokens=5,candidates=2,capacity=99".parse().unwrap();
    let source = NgramPool::from_options(&mut options).unwrap();
    assert_eq!(
        source.config(),
        NgramPoolConfig::default().with_key(3).with_tokens(5).with_candidates(2).with_capacity(99)
    );
    let text: Vec<String> =
        source.options().iter().map(|(key, value)| format!("{key}={value}")).collect();
    let again = NgramPool::from_options(&mut text.join(",").parse().unwrap()).unwrap();
    assert_eq!(again.config(), source.config());
    assert_eq!(NgramPool::OPTIONS.len(), source.options().len());
    let plain = NgramPool::from_options(&mut Options::new()).unwrap();
    assert_eq!(plain.config(), NgramPool::default().config());
    for wrong in [
        "key=0",
        "key=17",
        "tokens=0",
        "tokens=65",
        "candidates=0",
        "candidates=65",
        "capacity=0",
        "capacity=16777217",
    ] {
        let error = NgramPool::from_options(&mut wrong.parse().unwrap()).unwrap_err();
        assert!(error.to_string().contains(wrong), "{error}");
    }
}
