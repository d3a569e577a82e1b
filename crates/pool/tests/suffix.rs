//! The suffix source against its definition, and what peers get wrong.

mod step;

use std::collections::BTreeMap;

use foretoken_core::{CandidateSource, NodeId, Options, Strategy as _, Token, TokenTree};
use foretoken_pool::{Suffix, SuffixConfig};
use proptest::prelude::*;
use step::{Step, guesses, leaves};

fn suffix(config: SuffixConfig) -> Suffix {
    Suffix::new(config).unwrap()
}

/// More than most texts have guesses, fewer than a loop.
const NODES: usize = 200;

fn tree(source: &mut Suffix, text: &[Token]) -> TokenTree {
    Step { nodes: NODES, ..Step::new(text) }.propose(source).0
}

/// Every path of a tree with its probability.
fn paths(tree: &TokenTree) -> BTreeMap<Vec<Token>, f32> {
    let path = |node: NodeId| (tree.path_tokens(node)[1..].to_vec(), tree.probability(node));
    tree.nodes().skip(1).map(path).collect()
}

/// The definition of the next token's probabilities after `path`, which
/// follows `text`: all suffixes of both, from the longest that counts, each
/// asked once for each set of places where it occurred.
fn naive(text: &[Token], path: &[Token], longest: usize) -> BTreeMap<Token, f32> {
    let all = [text, path].concat();
    let (mut probabilities, mut left, mut asked) = (BTreeMap::new(), 0.98, 0);
    let mut before = Vec::new();
    for length in (1..=longest.min(all.len())).rev() {
        let context = &all[all.len() - length..];
        let ends: Vec<usize> =
            (length..text.len()).filter(|&end| text[..end].ends_with(context)).collect();
        let seen = (length..=text.len()).filter(|&end| text[..end].ends_with(context)).count();
        if ends.is_empty() || before == [ends.len(), seen] || asked == 8 {
            continue;
        }
        before = vec![ends.len(), seen];
        asked += 1;
        let mut counts = BTreeMap::<Token, f32>::new();
        for &end in &ends {
            *counts.entry(text[end]).or_default() += 1.0;
        }
        let followed = ends.len() as f32;
        let odds = 0.3 * (length as f32).powf(0.7) * followed / counts.len() as f32;
        let claimed = left * odds / (1.0 + odds);
        left -= claimed;
        *counts.get_mut(&text[*ends.last().unwrap()]).unwrap() += 1.0;
        for (token, count) in counts {
            *probabilities.entry(token).or_default() += claimed * count / (followed + 1.0);
        }
    }
    probabilities
}

fn texts() -> impl Strategy<Value = Vec<Token>> {
    let random = (1..6u32).prop_flat_map(|most| prop::collection::vec(0..most, 1..50));
    let loops = (prop::collection::vec(0..4u32, 0..8), prop::collection::vec(0..4u32, 1..6))
        .prop_map(|(start, round)| [start, round.repeat(7)].concat());
    prop_oneof![random, loops]
}

fn configs() -> impl Strategy<Value = SuffixConfig> {
    (1..9usize, 1..40u32).prop_map(|(context, percent)| {
        SuffixConfig::default().with_context(context).with_floor(percent as f32 / 100.0)
    })
}

proptest! {
    /// Which guesses there are, and what each path's probability is.
    #[test]
    fn guesses_what_the_definition_says(text in texts(), config in configs()) {
        let found = paths(&tree(&mut suffix(config), &text));
        let parents = std::iter::once((vec![], 1.0)).chain(found.clone());
        let mut expected = 0;
        for (path, probability) in parents {
            for (token, share) in naive(&text, &path, config.context) {
                let probability = probability * share;
                let child = [&path[..], &[token]].concat();
                // Shares of less than 1/32 of the floor may be missing, from 7 contexts at most.
                let exact = probability - 7.0 / 32.0 * config.floor..=probability * 1.0001;
                let guessed = found.contains_key(&child);
                let full = found.len() == NODES; // Then any guess may be missing.
                if !exact.contains(&config.floor) && !full {
                    prop_assert_eq!(guessed, probability > config.floor, "{:?}", child);
                }
                if let Some(found) = found.get(&child) {
                    prop_assert!(exact.contains(&(found * 0.9999)), "{} {}", found, probability);
                    expected += 1;
                }
            }
        }
        prop_assert!(found.len() == expected);
    }

    /// With less room the most probable guesses stay.
    #[test]
    fn the_most_probable_come_first(text in texts(), config in configs(), nodes in 0..30usize) {
        let all = tree(&mut suffix(config), &text);
        let some = Step { nodes, ..Step::new(&text) }.propose(&mut suffix(config)).0;
        prop_assert_eq!(some.guesses(), nodes.min(all.guesses()));
        for node in some.nodes().skip(1) {
            prop_assert_eq!(some.path_tokens(node), all.path_tokens(node));
            prop_assert_eq!(some.probability(node), all.probability(node));
            if node.index() > 1 {
                let before = NodeId::new(node.index() - 1);
                prop_assert!(some.probability(node) <= some.probability(before));
            }
        }
    }

    #[test]
    fn text_that_grows_is_text_at_once(
        text in texts(),
        pieces in prop::collection::vec(1..6usize, 1..60),
        config in configs(),
        tokens in 2..60usize,
    ) {
        let config = config.with_tokens(tokens);
        let mut growing = suffix(config);
        growing.begin(&text[..1], 0);
        let mut end = 1;
        for piece in pieces {
            let expected = tree(&mut suffix(config), &text[..end]);
            prop_assert_eq!(paths(&tree(&mut growing, &text[..end])), paths(&expected));
            end = (end + piece).min(text.len());
        }
    }

    #[test]
    fn a_cut_text_is_the_shorter_text(
        first in texts(),
        cut in 0..50usize,
        second in texts(),
        config in configs(),
        tokens in 2..60usize,
    ) {
        let config = config.with_tokens(tokens);
        let mut source = suffix(config);
        guesses(&mut source, &first);
        let mut fork = source.fork();
        source.truncate(cut);
        let kept = &first[..cut.min(first.len())];
        let text = [kept, &second].concat();
        let expected = guesses(&mut suffix(config), &text);
        prop_assert_eq!(guesses(&mut source.fork(), &text), expected.clone());
        prop_assert_eq!(guesses(&mut source, &text), expected);
        // What happens to one says nothing to the other.
        prop_assert_eq!(guesses(&mut fork, &first), guesses(&mut suffix(config), &first));
    }

    #[test]
    fn a_new_sequence_forgets_the_last(first in texts(), second in texts(), config in configs()) {
        let mut used = suffix(config);
        guesses(&mut used, &first);
        used.end(&first);
        let shared = first.iter().zip(&second).take_while(|(a, b)| a == b).count();
        for reused in [0, shared] {
            let mut used = used.clone();
            used.begin(&second, reused);
            prop_assert_eq!(guesses(&mut used, &second), guesses(&mut suffix(config), &second));
        }
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
        let (tree, refused) = step.propose(&mut suffix(config));
        prop_assert_eq!(refused, 0);
        prop_assert!(tree.guesses() <= nodes && tree.height() < remaining);
        prop_assert!(tree.nodes().skip(1).all(|node| !ends.contains(&tree.token(node))));
    }

    #[test]
    fn the_probabilities_of_siblings_sum_up_to_no_more_than_their_parent(
        text in texts(),
        config in configs(),
    ) {
        let tree = tree(&mut suffix(config), &text);
        for node in tree.nodes() {
            let sum: f32 = tree.children(node).map(|child| tree.probability(child)).sum();
            prop_assert!(sum <= tree.probability(node) * 1.0001);
        }
    }
}

#[test]
fn the_longest_match_wins_and_shorter_ones_branch() {
    let text = [1, 2, 3, 40, 9, 3, 50, 1, 2, 3];
    let tree = tree(&mut Suffix::default(), &text);
    let first: Vec<Token> = tree.children(NodeId::ROOT).map(|node| tree.token(node)).collect();
    assert_eq!(first, [40, 50]);
}

#[test]
fn a_short_continuation_is_a_guess_too_and_none_is_none() {
    assert_eq!(guesses(&mut Suffix::default(), &[5, 6, 5])[0][..1], [6]);
    for text in [&[1][..], &[1, 2, 3, 4]] {
        assert!(guesses(&mut Suffix::default(), text).is_empty());
    }
}

/// A guess is not cut where the text ends, and the more rounds there were, the surer it is.
#[test]
fn a_loop_goes_round() {
    let round: Vec<Token> = (0..6).collect();
    let mut last = 0.0;
    for rounds in 3..6 {
        let text = round.repeat(rounds);
        let tree = tree(&mut Suffix::default(), &text);
        let longest = tree.nodes().max_by_key(|&node| tree.depth(node)).unwrap();
        let path = &tree.path_tokens(longest)[1..];
        assert!(path.len() > 2 * round.len() && round.repeat(99).starts_with(path), "{path:?}");
        let probability = tree.probability(NodeId::new(6));
        assert!(probability > last, "{probability} {last}");
        last = probability;
    }
}

#[test]
fn longer_matches_are_more_probable() {
    let probability = |length: u32| {
        let matched: Vec<Token> = (0..length).collect();
        let text = [&matched[..], &[99], &matched].concat();
        let tree = tree(&mut Suffix::default(), &text);
        assert_eq!(tree.token(NodeId::new(1)), 99);
        tree.probability(NodeId::new(1))
    };
    let all: Vec<f32> = [1, 2, 4, 8, 16, 32].map(probability).into();
    assert!(all.is_sorted() && all[0] < 0.4 && all[3] > 0.5 && all[5] > 0.7, "{all:?}");
}

/// Whatever was wrong before, a match is a guess.
#[test]
fn failures_do_not_silence() {
    let mut source = Suffix::default();
    let mut text = vec![1, 2];
    for new in 100..400 {
        text.extend([1, 2, new]);
        guesses(&mut source, &text); // Always another continuation: always wrong.
    }
    text.extend([1, 2, 100, 1, 2]);
    assert!(!guesses(&mut source, &text).is_empty());
}

#[test]
fn guesses_end_before_an_end_of_sequence() {
    let text = [1, 2, 7, 3, 4, 1, 2];
    let ends_at = |end: Token| {
        let step = Step { ends: &[end], ..Step::new(&text) };
        leaves(&step.propose(&mut Suffix::default()).0)
    };
    assert_eq!(ends_at(3), [[7]]);
    assert!(ends_at(7).is_empty());
}

/// Neither loops nor contexts that anything may follow make a step slow.
#[test]
fn the_time_of_a_step_does_not_grow_with_the_text() {
    let repeated = vec![7; 40_000];
    let spread: Vec<Token> = (0..20_000).flat_map(|token| [100_000, token]).collect();
    for text in [repeated, spread] {
        let mut source = Suffix::default();
        source.begin(&text[..30_000], 0);
        let start = std::time::Instant::now();
        for end in (30_000..text.len()).step_by(2) {
            Step { nodes: 64, ..Step::new(&text[..=end]) }.propose(&mut source);
        }
        // 5,000 steps that each looked at all of the text would take much longer.
        assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    }
}

#[test]
fn options_make_the_round_trip_and_are_checked() {
    let mut options: Options = "context=5,floor=0.125,tokens=99".parse().unwrap();
    let source = Suffix::from_options(&mut options).unwrap();
    let expected = SuffixConfig::default().with_context(5).with_floor(0.125).with_tokens(99);
    assert_eq!(source.config(), expected);
    let text: Vec<String> =
        source.options().iter().map(|(key, value)| format!("{key}={value}")).collect();
    let again = Suffix::from_options(&mut text.join(",").parse().unwrap()).unwrap();
    assert_eq!(again.config(), source.config());
    assert_eq!(Suffix::OPTIONS.len(), source.options().len());
    let plain = Suffix::from_options(&mut Options::new()).unwrap();
    assert_eq!(plain.config(), Suffix::default().config());
    for wrong in [
        "context=0",
        "context=65",
        "floor=0",
        "floor=1.5",
        "floor=NaN",
        "tokens=1",
        "tokens=16777217",
    ] {
        let error = Suffix::from_options(&mut wrong.parse().unwrap()).unwrap_err();
        assert!(error.to_string().contains(wrong), "{error}");
    }
}
