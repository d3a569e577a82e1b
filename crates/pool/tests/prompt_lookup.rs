//! Prompt lookup against its definition, and what peers get wrong.

mod step;

use foretoken_core::{CandidateSource, NodeId, Options, Strategy as _, Token};
use foretoken_pool::{PromptLookup, PromptLookupConfig};
use proptest::prelude::*;
use step::{Step, guesses, leaves};

fn lookup(config: PromptLookupConfig) -> PromptLookup {
    PromptLookup::new(config).unwrap()
}

/// The definition, by brute force: the n-gram lengths from long to short, all
/// earlier ends from the right, and what follows them.
fn naive(text: &[Token], config: PromptLookupConfig) -> Vec<Vec<Token>> {
    let mut chosen = Vec::<Vec<Token>>::new();
    for length in (config.min_ngram..=config.max_ngram.min(text.len())).rev() {
        for next in (length..text.len()).rev() {
            if text[next - length..next] != text[text.len() - length..] {
                continue;
            }
            let distance = text.len() - next;
            // A loop: the last tokens equal those one distance before, once around at least.
            let looping = |&matched: &usize| {
                matched <= next && text[next - matched..next] == text[text.len() - matched..]
            };
            let evidence = distance.max(config.max_ngram);
            let mut tokens = text[next..].to_vec();
            if looping(&evidence) {
                tokens = tokens.into_iter().cycle().take(config.tokens).collect();
            }
            tokens.truncate(config.tokens);
            if chosen.len() < config.candidates && !chosen.iter().any(|c| c.starts_with(&tokens)) {
                chosen.push(tokens);
            }
        }
    }
    chosen
}

/// The leaves of the trie of `paths`.
fn trie_leaves(paths: &[Vec<Token>]) -> Vec<Vec<Token>> {
    let inner = |path: &&Vec<Token>| {
        !paths.iter().any(|other| other.len() > path.len() && other.starts_with(path))
    };
    let mut leaves: Vec<Vec<Token>> = paths.iter().filter(inner).cloned().collect();
    leaves.sort();
    leaves
}

fn configs() -> impl Strategy<Value = PromptLookupConfig> {
    // Seldom a match that may be longer than what convinces by itself.
    let more = prop_oneof![9 => 0..4usize, 1 => 30..50usize];
    (1..4usize, more, 1..12usize, 1..4usize).prop_map(|(min, more, tokens, candidates)| {
        PromptLookupConfig::default()
            .with_ngrams(min..=min + more)
            .with_tokens(tokens)
            .with_candidates(candidates)
    })
}

fn texts() -> impl Strategy<Value = Vec<Token>> {
    (1..6u32).prop_flat_map(|most| prop::collection::vec(0..most, 1..50))
}

proptest! {
    #[test]
    fn guesses_what_the_definition_says(text in texts(), config in configs()) {
        let mut found = guesses(&mut lookup(config), &text);
        found.sort();
        prop_assert_eq!(found, trie_leaves(&naive(&text, config)));
    }

    #[test]
    fn text_that_grows_is_text_at_once(
        text in texts(),
        pieces in prop::collection::vec(1..6usize, 1..60),
        config in configs(),
    ) {
        let mut growing = lookup(config);
        growing.begin(&text[..1], 0);
        let mut end = 1;
        for piece in pieces {
            let expected = guesses(&mut lookup(config), &text[..end]);
            prop_assert_eq!(guesses(&mut growing, &text[..end]), expected);
            end = (end + piece).min(text.len());
        }
    }

    #[test]
    fn a_cut_text_is_the_shorter_text(
        first in texts(),
        cut in 0..50usize,
        second in texts(),
        config in configs(),
    ) {
        let mut source = lookup(config);
        guesses(&mut source, &first);
        source.truncate(cut);
        let kept = &first[..cut.min(first.len())];
        let text = [kept, &second].concat();
        let expected = guesses(&mut lookup(config), &text);
        prop_assert_eq!(guesses(&mut source.fork(), &text), expected.clone());
        prop_assert_eq!(guesses(&mut source, &text), expected);
    }

    /// A caller that forgets to announce a new text gets no worse than a fresh start.
    #[test]
    fn another_text_is_noticed(
        first in texts(),
        second in texts(),
        kept in 0..50usize,
        config in configs(),
    ) {
        let mut source = lookup(config);
        guesses(&mut source, &first);
        let others = second.iter().map(|token| token + 100);
        let text: Vec<Token> =
            first[..kept.min(first.len() - 1)].iter().copied().chain(others).collect();
        prop_assert_eq!(guesses(&mut source, &text), guesses(&mut lookup(config), &text));
    }

    #[test]
    fn a_new_sequence_forgets_the_last(first in texts(), second in texts(), config in configs()) {
        let mut used = lookup(config);
        guesses(&mut used, &first);
        used.end(&first);
        let shared = first.iter().zip(&second).take_while(|(a, b)| a == b).count();
        for reused in [0, shared, second.len()] {
            let mut used = used.clone();
            used.begin(&second, reused);
            prop_assert_eq!(guesses(&mut used, &second), guesses(&mut lookup(config), &second));
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
        let (tree, refused) = step.propose(&mut lookup(config));
        prop_assert_eq!(refused, 0);
        prop_assert!(tree.guesses() <= nodes && tree.height() < remaining);
        prop_assert!(tree.nodes().skip(1).all(|node| !ends.contains(&tree.token(node))));
        for node in tree.nodes().skip(1) {
            let parent = tree.probability(tree.parent(node).unwrap_or(NodeId::ROOT));
            prop_assert!(tree.probability(node) > 0.0 && tree.probability(node) <= parent);
        }
    }
}

/// Two conversations of one shape: what only the first one said must not come up.
#[test]
fn a_new_sequence_of_the_same_shape_forgets_the_last() {
    let shape: Vec<Token> = (100..130).collect();
    let first = [&[1, 2, 77][..], &shape].concat();
    let second = [&[1, 5, 6][..], &shape, &[1]].concat();
    let mut source = PromptLookup::default();
    source.begin(&first, 0);
    source.begin(&second, 1);
    assert_eq!(guesses(&mut source, &second)[0][..3], [5, 6, 100]);
}

#[test]
fn the_longest_match_wins_over_the_most_recent() {
    let text = [1, 2, 3, 40, 9, 3, 50, 1, 2, 3];
    assert_eq!(guesses(&mut PromptLookup::default(), &text), [[40, 9, 3, 50, 1, 2, 3]]);
    let single = lookup(PromptLookupConfig::default().with_ngrams(1..=1));
    assert_eq!(guesses(&mut { single }, &text), [[50, 1, 2, 3]]);
}

#[test]
fn the_most_recent_match_wins_over_the_earliest() {
    let text = [1, 2, 30, 1, 2, 40, 1, 2];
    let mut source = lookup(PromptLookupConfig::default().with_tokens(1));
    assert_eq!(guesses(&mut source, &text), [[40]]);
}

#[test]
fn a_short_continuation_is_a_guess_too() {
    assert_eq!(guesses(&mut PromptLookup::default(), &[5, 6, 5]), [[6, 5]]);
    assert_eq!(guesses(&mut PromptLookup::default(), &[5, 5]), [[5]]);
}

#[test]
fn nothing_is_guessed_without_a_match() {
    for text in [&[1][..], &[1, 2, 3, 4]] {
        assert_eq!(Step::new(text).propose(&mut PromptLookup::default()).0.guesses(), 0);
    }
}

#[test]
fn a_loop_goes_round() {
    let text = [9, 1, 2, 1, 2, 1, 2];
    assert_eq!(guesses(&mut PromptLookup::default(), &text), [[1, 2, 1, 2, 1, 2, 1, 2]]);
    // Twice the same token is no loop yet.
    assert_eq!(guesses(&mut PromptLookup::default(), &[9, 8, 1, 1]), [[1]]);
    assert_eq!(guesses(&mut PromptLookup::default(), &[9, 1, 1, 1, 1]), [[1; 8]]);
}

#[test]
fn several_candidates_branch() {
    let text = [1, 2, 30, 1, 2, 40, 41, 2, 50, 1, 2];
    let mut source = lookup(PromptLookupConfig::default().with_tokens(2).with_candidates(3));
    let (tree, _) = Step::new(&text).propose(&mut source);
    assert_eq!(leaves(&tree), [[40, 41], [30, 1], [50, 1]]);
    let first: Vec<f32> = tree.children(NodeId::ROOT).map(|node| tree.probability(node)).collect();
    assert!(first[0] > first[1] && first[1] > first[2], "{first:?}");
}

#[test]
fn longer_matches_are_more_probable() {
    let probability = |text: &[Token]| {
        let (tree, _) = Step::new(text).propose(&mut PromptLookup::default());
        tree.probability(NodeId::new(1))
    };
    let one = probability(&[1, 9, 1]);
    let three = probability(&[1, 2, 3, 9, 1, 2, 3]);
    let six = probability(&[1, 2, 3, 4, 5, 6, 9, 1, 2, 3, 4, 5, 6]);
    assert!((one - 0.4).abs() < 1e-6 && (three - 2.0 / 3.0).abs() < 1e-6 && six > three);
}

/// Where a guess ends the output, the model says so itself.
#[test]
fn guesses_end_before_an_end_of_sequence() {
    let text = [1, 2, 7, 3, 4, 1, 2];
    let ends_at = |end: Token| {
        let step = Step { ends: &[end], ..Step::new(&text) };
        leaves(&step.propose(&mut PromptLookup::default()).0)
    };
    assert_eq!(ends_at(3), [[7]]);
    assert!(ends_at(7).is_empty());
}

/// A text in which every n-gram occurs once: nothing to find but short matches.
#[test]
fn de_bruijn_sequences_have_no_long_match() {
    let text = de_bruijn(4, 3);
    let mut long = lookup(PromptLookupConfig::default().with_ngrams(3..=3));
    let mut short = lookup(PromptLookupConfig::default().with_ngrams(1..=3));
    for end in 1..=text.len() {
        assert_eq!(guesses(&mut long, &text[..end]).len(), 0);
        guesses(&mut short, &text[..end]);
    }
    assert_eq!(guesses(&mut short, &text).len(), 1);
}

/// The cyclic sequence over `0..tokens` with each n-gram of `length` once.
fn de_bruijn(tokens: usize, length: usize) -> Vec<Token> {
    fn extend(t: usize, p: usize, tokens: usize, word: &mut [usize], out: &mut Vec<Token>) {
        let length = word.len() - 1;
        if t > length {
            if length.is_multiple_of(p) {
                out.extend(word[1..=p].iter().map(|&token| token as Token));
            }
            return;
        }
        word[t] = word[t - p];
        extend(t + 1, p, tokens, word, out);
        for token in word[t - p] + 1..tokens {
            word[t] = token;
            extend(t + 1, t, tokens, word, out);
        }
    }
    let mut out = Vec::new();
    extend(1, 1, tokens, &mut vec![0; length + 1], &mut out);
    assert_eq!(out.len(), tokens.pow(length as u32));
    out
}

/// The time of a step does not grow with the text, however it repeats.
#[test]
fn one_repeated_token_costs_no_more_than_a_short_text() {
    let text = vec![7; 40_000];
    let mut source = lookup(PromptLookupConfig::default().with_candidates(4));
    source.begin(&text[..20_000], 0);
    let start = std::time::Instant::now();
    for end in 20_000..text.len() {
        let step = Step { nodes: 4, ..Step::new(&text[..end]) };
        assert_eq!(step.propose(&mut source).0.guesses(), 4);
    }
    // 20,000 steps that each scanned the text would take minutes.
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}

#[test]
fn options_make_the_round_trip_and_are_checked() {
    let mut options: Options = "max_ngram=5,min_ngram=2,tokens=9,candidates=3".parse().unwrap();
    let source = PromptLookup::from_options(&mut options).unwrap();
    assert_eq!(
        source.config(),
        PromptLookupConfig::default().with_ngrams(2..=5).with_tokens(9).with_candidates(3)
    );
    let text: Vec<String> =
        source.options().iter().map(|(key, value)| format!("{key}={value}")).collect();
    let again = PromptLookup::from_options(&mut text.join(",").parse().unwrap()).unwrap();
    assert_eq!(again.config(), source.config());
    assert_eq!(PromptLookup::OPTIONS.len(), source.options().len());
    let plain = PromptLookup::from_options(&mut Options::new()).unwrap();
    assert_eq!(plain.config(), PromptLookup::default().config());
    for wrong in [
        "max_ngram=0",
        "max_ngram=65",
        "min_ngram=0",
        "min_ngram=4",
        "tokens=0",
        "tokens=1025",
        "candidates=0",
        "candidates=65",
    ] {
        let error = PromptLookup::from_options(&mut wrong.parse().unwrap()).unwrap_err();
        assert!(error.to_string().contains(wrong), "{error}");
    }
}
