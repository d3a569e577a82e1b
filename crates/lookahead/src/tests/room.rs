//! Budgets, depths and passes that show less than was asked for.

use foretoken_core::tree::Limits;
use foretoken_core::{NodeId, Token, TokenSet};
use proptest::prelude::*;

use super::{Bench, clock, noise};
use crate::{Advance, Config};

#[test]
fn the_window_is_full_from_the_first_step() {
    let prompt: Vec<Token> = (100..200).collect();
    let config = Config::default().with_window(5).with_ngram(4).with_prompt(false);
    let mut bench = Bench::new(config, &prompt, noise);
    bench.propose();
    assert_eq!(bench.source.cells.len(), 5);
    let cells = bench.cells();
    assert!(cells.iter().flatten().all(|cell| prompt.contains(cell)));
    // Start values differ here, so nothing is merged.
    assert_eq!(bench.tree.guesses(), 5 * 3 - 1);
    for (index, &node) in bench.source.cells.iter().enumerate() {
        assert_eq!(bench.tree.depth(node), index + 2);
        let trunk: Vec<Token> = cells[..=index].iter().map(|column| column[0]).collect();
        assert_eq!(bench.tree.path_tokens(node), [&trunk[..], &cells[index][1..]].concat());
    }
}

#[test]
fn cells_that_share_a_node_each_get_its_prediction() {
    let config = Config::default().with_window(4).with_ngram(3).with_prompt(false);
    let mut bench = Bench::new(config, &[7], clock);
    bench.step(); // All start values are 7: the window is one chain.
    assert_eq!(bench.tree.guesses(), 4);
    assert_eq!(bench.cells(), [[7, 2], [7, 3], [7, 4], [7, 5]]);
    assert_eq!(bench.guesses(7), [[7, 5], [7, 4], [7, 3], [7, 2]]);
}

/// What a pool that has the answer and a window of start values make of `nodes`.
fn first_step(nodes: usize) -> Bench<fn(&[Token]) -> Token> {
    // Start values come from the first part and are in no guess: nothing is merged.
    let known = [1, 2, 3, 4, 1, 6, 7, 8, 1, 10, 11, 12, 1];
    let prompt: Vec<Token> = (100..400).chain(known).collect();
    let config = Config::default().with_window(4).with_ngram(4).with_guesses(3).with_seed(2);
    let mut bench: Bench<fn(&[Token]) -> Token> = Bench::new(config, &prompt, noise);
    bench.limits = Limits { nodes, depth: usize::MAX };
    bench.propose();
    bench
}

#[test]
fn a_small_budget_goes_half_to_guesses_and_then_to_whole_columns() {
    let guessed = |bench: &Bench<_>| {
        let chain = |first: Token, rest: [Token; 2]| {
            let nodes = [first, rest[0], rest[1]].into_iter();
            let mut node = Some(NodeId::ROOT);
            nodes
                .filter(|&token| {
                    node = node.and_then(|node| bench.tree.child(node, token));
                    node.is_some()
                })
                .count()
        };
        [chain(10, [11, 12]), chain(6, [7, 8]), chain(2, [3, 4])]
    };
    let bench = first_step(64);
    assert_eq!((guessed(&bench), bench.source.cells.len()), ([3, 3, 3], 4));
    // Four of eight for guesses, two for column 0; no other column fits: two more for guesses.
    let bench = first_step(8);
    assert_eq!((guessed(&bench), bench.source.cells.len()), ([3, 3, 0], 1));
    assert_eq!(bench.tree.guesses(), 8);
    let bench = first_step(1);
    assert_eq!((guessed(&bench), bench.source.cells.len()), ([1, 0, 0], 0));
    let bench = first_step(0);
    assert_eq!((guessed(&bench), bench.source.cells.len()), ([0, 0, 0], 0));
}

#[test]
fn probabilities_fall_with_rank_and_depth_and_cells_have_little() {
    let bench = first_step(64);
    let path = |tokens: [Token; 3]| {
        let mut node = NodeId::ROOT;
        tokens.map(|token| {
            node = bench.tree.child(node, token).unwrap();
            bench.tree.probability(node)
        })
    };
    let guesses = [path([10, 11, 12]), path([6, 7, 8]), path([2, 3, 4])];
    assert!(guesses.is_sorted_by(|better, worse| better[0] > worse[0]));
    for path in guesses {
        assert!(path.is_sorted_by(|shallow, deep| shallow > deep), "{path:?}");
    }
    for &node in &bench.source.cells {
        let mut path = bench.tree.path(node);
        path.remove(0);
        let cells: Vec<f32> = path.iter().map(|&n| bench.tree.probability(n)).collect();
        assert!(cells.is_sorted_by(|shallow, deep| shallow > deep), "{cells:?}");
        assert!(cells[0] < guesses[0][0]);
    }
    let first: f32 = bench.tree.children(NodeId::ROOT).map(|n| bench.tree.probability(n)).sum();
    assert!(first <= 1.0, "{first}");
}

#[test]
fn columns_that_do_not_fit_keep_their_values() {
    let config = Config::default().with_window(4).with_ngram(4).with_prompt(false);
    let prompt: Vec<Token> = (100..200).collect();
    let mut bench = Bench::new(config, &prompt, noise);
    bench.propose();
    let before = bench.cells();
    bench.limits.nodes = 6; // Column 0 takes 2 nodes, column 1 takes 3.
    bench.step();
    let after = bench.cells();
    assert_eq!(after[0][..2], before[0][1..]);
    assert_eq!(after[1][..2], before[1][1..]);
    assert_eq!(after[2..], before[2..]);
    bench.limits.nodes = 0;
    bench.step();
    assert_eq!(bench.cells()[1..], after[1..]);
}

#[test]
fn columns_beyond_the_last_token_are_left_out() {
    let mut bench = Bench::new(Config::default().with_prompt(false), &[1, 2, 3, 4, 5], noise);
    for (remaining, columns) in [(usize::MAX, 5), (7, 5), (6, 4), (4, 2), (3, 1), (2, 0), (1, 0)] {
        bench.remaining = remaining;
        bench.propose();
        assert_eq!(bench.source.cells.len(), columns, "{remaining} tokens remain");
        assert!(bench.tree.height() < remaining);
    }
}

#[test]
fn a_pruned_column_keeps_its_values() {
    let config = Config::default().with_window(3).with_ngram(3).with_prompt(false);
    let prompt: Vec<Token> = (100..200).collect();
    let mut bench = Bench::new(config, &prompt, noise);
    bench.propose();
    let before = bench.cells();
    bench.verifies = |node| node.index() <= 1;
    bench.step();
    let after = bench.cells();
    assert_eq!(after[0][0], before[0][1]);
    assert_eq!(after[1..], before[1..]);
}

proptest! {
    /// Whatever room there is and whatever a pass shows: the state stays sound.
    #[test]
    fn state_survives_every_budget_and_every_outcome(
        (window, ngram, guesses) in (1..7_usize, 2..6_usize, 1..5_usize),
        accepted in any::<bool>(),
        capacity in 1..30_usize,
        prompt in prop::collection::vec(0..9_u32, 1..20),
        steps in prop::collection::vec(
            (0..40_usize, 0..12_usize, 0..9_usize, 1..5_usize, 0..10_u8, 0..30_usize), 1..25),
    ) {
        let advance = if accepted { Advance::Accepted } else { Advance::One };
        let config = Config::default()
            .with_window(window).with_ngram(ngram).with_guesses(guesses)
            .with_advance(advance).with_capacity(capacity);
        let model = |path: &[Token]| noise(path) % 9;
        let mut bench = Bench::new(config, &prompt, model);
        bench.ends = TokenSet::from(vec![3]);
        for (nodes, depth, remaining, limit, how, len) in steps {
            bench.limits = Limits { nodes, depth };
            bench.remaining = remaining;
            bench.limit = limit;
            bench.verifies = match how % 3 {
                0 => |_| true,
                1 => |node| node.index() % 2 == 0,
                _ => |_| false,
            };
            bench.propose();
            prop_assert!(bench.tree.guesses() <= nodes);
            prop_assert!(bench.tree.height() <= depth.min(remaining.saturating_sub(1)));
            prop_assert!(bench.tree.tokens()[1..].iter().all(|&token| token < 9 && token != 3));
            let cells = bench.cells();
            prop_assert_eq!(cells.len(), window);
            prop_assert!(cells.iter().all(|column| column.len() == ngram - 1));
            prop_assert!(cells.iter().flatten().skip(1).all(|&cell| cell < 9 && cell != 3));
            let (path, emitted) = bench.walk();
            match how {
                0..6 => bench.observe(&path, &emitted),
                6 => bench.unobserved(&emitted),
                7 => {
                    // Observed twice, or without having proposed.
                    bench.observe(&path, &emitted);
                    let told = bench.cells();
                    bench.observe(&[NodeId::ROOT], &[1]);
                    prop_assert_eq!(bench.cells(), told);
                }
                8 => {
                    let len = len.clamp(1, bench.text.len());
                    bench.text.truncate(len);
                    foretoken_core::CandidateSource::truncate(&mut bench.source, len);
                }
                _ => {
                    // Proposed again for the same text: nothing moves.
                    bench.propose();
                    prop_assert_eq!(&bench.cells(), &cells);
                }
            }
            prop_assert!(bench.source.pool.len() <= capacity);
        }
    }
}
