//! Recycling against its definition, and what peers get wrong.

mod step;

use std::collections::HashMap;

use foretoken_core::tree::Limits;
use foretoken_core::{
    CandidateSource, NodeId, Options, Outcome, Predictions, SourceId, Strategy as _, Token,
    TokenTree, Want,
};
use foretoken_pool::{Recycling, RecyclingConfig};
use proptest::prelude::*;
use step::{Step, guesses};

fn recycling(config: RecyclingConfig) -> Recycling {
    Recycling::new(config).unwrap()
}

/// A model that predicts by the last two tokens: tokens with logits, the best first.
fn predicts(before: Option<Token>, last: Token) -> Vec<(Token, f32)> {
    let mix = before.map_or(7, |before| before * 5 + 3) + last * 11;
    (0..4).map(|rank| ((mix + rank * rank * 3) % 17, -(rank as f32) * 0.7)).collect()
}

/// What a pass over `tree` says of every node but the `skipped`, after `before`.
fn predictions(tree: &TokenTree, before: Option<Token>, skipped: &[NodeId]) -> Predictions {
    let mut predictions = Predictions::default();
    predictions.reset(tree.len());
    for node in tree.nodes().filter(|node| !skipped.contains(node)) {
        let before = tree.parent(node).map_or(before, |parent| Some(tree.token(parent)));
        predictions.set_top_k(node, predicts(before, tree.token(node)));
    }
    predictions
}

/// Runs `prompt` through the source in chunks of `chunk` tokens.
fn prefill(source: &mut Recycling, prompt: &[Token], chunk: usize) {
    source.begin(prompt, 0);
    let mut before = None;
    for chunk in prompt.chunks(chunk) {
        let tree = TokenTree::chain(chunk[0], &chunk[1..]);
        let path: Vec<NodeId> = tree.nodes().collect();
        source.prefilled(&Outcome::new(&tree, &predictions(&tree, before, &[]), &path, &[]));
        before = chunk.last().copied();
    }
}

/// A step over `tree` after `history`, with nothing accepted.
fn observe(source: &mut Recycling, history: &[Token], tree: &TokenTree, skipped: &[NodeId]) {
    Step { nodes: 0, ..Step::new(history) }.propose(source);
    let before = history.iter().rev().nth(1).copied();
    let predictions = predictions(tree, before, skipped);
    source.observe(&Outcome::new(tree, &predictions, &[NodeId::ROOT], &[0]));
}

/// `paths` below `root` as a tree.
fn tree(root: Token, paths: &[Vec<Token>]) -> TokenTree {
    let mut tree = TokenTree::new(root, Limits::default());
    for path in paths {
        path.iter().try_fold(NodeId::ROOT, |parent, &token| {
            tree.add(parent, token, SourceId::new(0), 0.5).ok()
        });
    }
    tree
}

fn prompts() -> impl Strategy<Value = Vec<Token>> {
    prop::collection::vec(0..17u32, 2..60)
}

proptest! {
    /// All that was seen, without bounds: pairs first, single tokens for what they leave.
    #[test]
    fn guesses_what_the_definition_says(
        prompt in prompts(),
        key in 1..3usize,
        k in 1..6usize,
        percent in 1..30u32,
    ) {
        let floor = percent as f32 / 100.0;
        let config = RecyclingConfig::default().with_key(key).with_k(k).with_floor(floor);
        let mut source = recycling(config);
        prefill(&mut source, &prompt, 512);
        let mut rows = HashMap::new();
        for (at, &last) in prompt.iter().enumerate() {
            let before = at.checked_sub(1).map(|at| prompt[at]);
            let mut row = predicts(before, last);
            row.truncate(k);
            let sum: f32 = row.iter().map(|(_, logit)| logit.exp()).sum();
            for (_, logit) in &mut row {
                *logit = logit.exp() / sum;
            }
            if let (2, Some(before)) = (key, before) {
                rows.insert(vec![before, last], row.clone());
            }
            // After the last token alone, three tenths go by rank.
            let ranks: f32 = (1..=k.min(4)).map(|rank| 1.0 / rank as f32).sum();
            for (index, (_, weight)) in row.iter_mut().enumerate() {
                *weight = 0.7 * *weight + 0.3 / (index + 1) as f32 / ranks;
            }
            rows.insert(vec![last], row);
        }
        let found = Step::new(&prompt).propose(&mut source).0;
        for node in found.nodes() {
            let all = [&prompt[..], &found.path_tokens(node)[1..]].concat();
            let (mut left, mut shares) = (0.98, HashMap::<Token, f32>::new());
            for (length, trust) in [(2, 0.7), (1, 0.55)] {
                if let Some(row) = rows.get(&all[all.len() - length..]) {
                    for &(token, weight) in row {
                        *shares.entry(token).or_default() += left * trust * weight;
                    }
                    left *= 1.0 - trust;
                }
            }
            for (token, share) in shares {
                let probability = found.probability(node) * share;
                let child = found.child(node, token);
                if (probability - floor).abs() > 1e-4 && found.guesses() < 1000 {
                    prop_assert_eq!(child.is_some(), probability > floor);
                }
                if let Some(child) = child {
                    prop_assert!((found.probability(child) - probability).abs() < 1e-4);
                }
            }
            for child in found.children(node) {
                prop_assert!(found.probability(child) >= floor);
            }
        }
    }

    /// What crosses the border of two chunks is learnt, too.
    #[test]
    fn chunks_of_the_prompt_make_no_difference(prompt in prompts(), chunk in 1..9usize) {
        let (mut whole, mut pieces) = (Recycling::default(), Recycling::default());
        prefill(&mut whole, &prompt, 512);
        prefill(&mut pieces, &prompt, chunk);
        prop_assert_eq!(guesses(&mut pieces, &prompt), guesses(&mut whole, &prompt));
    }

    /// Nodes that were rejected teach as well; those that were not verified do not.
    #[test]
    fn every_verified_node_teaches(
        paths in prop::collection::vec(prop::collection::vec(0..17u32, 1..4), 1..6),
        skip in 0..3usize,
    ) {
        let history = [3, 4];
        let tree = tree(4, &paths);
        let skipped: Vec<NodeId> = tree.nodes().filter(|node| node.index() % 3 == skip).collect();
        let mut source = Recycling::default();
        observe(&mut source, &history, &tree, &skipped);
        for node in tree.nodes() {
            let before = tree.parent(node).map_or(3, |parent| tree.token(parent));
            let pair = [before, tree.token(node)];
            let best = predicts(Some(before), pair[1])[0].0;
            let known = tree.nodes().any(|other| {
                let before = tree.parent(other).map_or(3, |parent| tree.token(parent));
                [before, tree.token(other)] == pair && !skipped.contains(&other)
            });
            // Tokens with no pair may be known from other places.
            let guessed = Step::new(&pair).propose(&mut source).0;
            let first = guessed.nodes().nth(1).map(|node| guessed.token(node));
            prop_assert!(!known || first == Some(best));
            let seen = |other| tree.token(other) == pair[1] && !skipped.contains(&other);
            let elsewhere = tree.nodes().any(seen);
            prop_assert!(known || elsewhere || first.is_none());
        }
    }

    #[test]
    fn nothing_is_left_for_the_next_sequence(prompt in prompts(), next in prompts()) {
        let mut used = Recycling::default();
        prefill(&mut used, &prompt, 512);
        let mut ended = used.clone();
        ended.end(&prompt);
        prop_assert!(guesses(&mut ended, &prompt).is_empty());
        // Even if the end was never told.
        prefill(&mut used, &next, 512);
        let mut fresh = Recycling::default();
        prefill(&mut fresh, &next, 512);
        prop_assert_eq!(guesses(&mut used, &prompt), guesses(&mut fresh, &prompt));
        let mut keeping = recycling(RecyclingConfig::default().with_keep(true));
        prefill(&mut keeping, &prompt, 512);
        let before = guesses(&mut keeping, &prompt);
        keeping.end(&prompt);
        keeping.begin(&[], 0);
        prop_assert_eq!(guesses(&mut keeping, &prompt), before);
    }

    #[test]
    fn forks_go_their_own_ways(prompt in prompts(), next in prompts()) {
        let mut source = Recycling::default();
        prefill(&mut source, &prompt, 512);
        let before = guesses(&mut source, &prompt);
        let mut fork = source.fork();
        prefill(&mut source, &next, 512);
        prop_assert_eq!(guesses(&mut fork, &prompt), before);
    }

    #[test]
    fn limits_are_kept_without_refusals(
        prompt in prompts(),
        nodes in 0..8usize,
        remaining in 1..8usize,
        ends in prop::collection::vec(0..17u32, 0..2),
    ) {
        let mut source = Recycling::default();
        prefill(&mut source, &prompt, 512);
        let step = Step { history: &prompt, nodes, remaining, ends: &ends };
        let (tree, refused) = step.propose(&mut source);
        prop_assert_eq!(refused, 0);
        prop_assert!(tree.guesses() <= nodes && tree.height() < remaining);
        prop_assert!(tree.nodes().skip(1).all(|node| !ends.contains(&tree.token(node))));
    }
}

/// The table is by prediction and not by text: what was only ever predicted is guessed.
#[test]
fn a_token_that_never_occurred_is_a_guess() {
    let prompt = [1, 2];
    let mut source = Recycling::default();
    prefill(&mut source, &prompt, 512);
    let first = guesses(&mut source, &prompt)[0][0];
    assert_eq!(first, predicts(Some(1), 2)[0].0);
    assert!(!prompt.contains(&first));
}

/// On one key, what the model said on the accepted path counts.
#[test]
fn the_accepted_path_has_the_last_word() {
    // Token 5 is at the root, accepted; and again in a branch, rejected.
    let tree = tree(5, &[vec![6, 5]]);
    let mut source = recycling(RecyclingConfig::default().with_key(1));
    observe(&mut source, &[9, 5], &tree, &[]);
    assert_eq!(guesses(&mut source, &[5])[0][0], predicts(Some(9), 5)[0].0);
}

#[test]
fn tokens_beyond_sixteen_bits_stay_apart() {
    let (low, high) = (3, 3 + (1 << 16));
    let mut source = Recycling::default();
    let tree = TokenTree::new(low, Limits::default());
    observe(&mut source, &[1, low], &tree, &[]);
    assert!(guesses(&mut source, &[1, high]).is_empty());
    assert!(!guesses(&mut source, &[1, low]).is_empty());
}

#[test]
fn it_wants_what_it_learns_from() {
    let config = RecyclingConfig::default().with_k(5);
    for (prompt, want) in [(false, Want::Nothing), (true, Want::TopK(5))] {
        let wants = recycling(config.with_prompt(prompt)).wants();
        assert_eq!((wants.every_node, wants.prompt), (Want::TopK(5), want));
    }
}

#[test]
fn options_make_the_round_trip_and_are_checked() {
    let mut options: Options =
        "k=3,key=1,floor=0.125,capacity=99,keep=on,prompt=on".parse().unwrap();
    let source = Recycling::from_options(&mut options).unwrap();
    let expected = RecyclingConfig::default()
        .with_k(3)
        .with_key(1)
        .with_floor(0.125)
        .with_capacity(99)
        .with_keep(true)
        .with_prompt(true);
    assert_eq!(source.config(), expected);
    let text: Vec<String> =
        source.options().iter().map(|(key, value)| format!("{key}={value}")).collect();
    let again = Recycling::from_options(&mut text.join(",").parse().unwrap()).unwrap();
    assert_eq!(again.config(), source.config());
    assert_eq!(Recycling::OPTIONS.len(), source.options().len());
    let plain = Recycling::from_options(&mut Options::new()).unwrap();
    assert_eq!(plain.config(), Recycling::default().config());
    for wrong in [
        "k=0",
        "k=65",
        "key=0",
        "key=3",
        "floor=0",
        "floor=2",
        "capacity=0",
        "keep=maybe",
        "prompt=1",
    ] {
        let error = Recycling::from_options(&mut wrong.parse().unwrap()).unwrap_err();
        assert!(error.to_string().contains(wrong), "{error}");
    }
}
