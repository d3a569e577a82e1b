//! With `advance=one` and without text n-grams, the state machine is the published one.

use std::collections::BTreeMap;

use foretoken_core::Token;
use foretoken_testkit::toy::{ToyConfig, ToyModel};
use proptest::prelude::*;

use super::Bench;
use crate::{Advance, Config};

/// The published algorithm as it is usually written: one list per level, the
/// first of them without its first column, which is the input token.
struct Published<'m> {
    model: &'m dyn Fn(&[Token]) -> Token,
    guesses: usize,
    text: Vec<Token>,
    levels: Vec<Vec<Token>>,
    pool: BTreeMap<Token, Vec<Vec<Token>>>,
}

impl Published<'_> {
    fn step(&mut self) -> Vec<Token> {
        let Self { model, text, levels, pool, guesses } = self;
        let input = *text.last().unwrap();
        let columns = levels[0].len() + 1;
        let column = |i: usize| levels[1..].iter().map(|level| level[i]).collect::<Vec<_>>();
        let after = |path: &[Token]| model(&[text.as_slice(), path].concat());

        // The lookahead branch: one more token after each column.
        let path = |i: usize| [&levels[0][..i], &column(i)].concat();
        let new: Vec<Token> = (0..columns).map(|i| after(&path(i))).collect();

        // The verification branch; window paths are candidates, too.
        let mut candidates: Vec<Vec<Token>> = pool.get(&input).cloned().unwrap_or_default();
        candidates.extend((0..columns).map(path));
        let mut emitted: Vec<Token> = Vec::new();
        loop {
            emitted.push(after(&emitted));
            if !candidates.iter().any(|candidate| candidate.starts_with(&emitted)) {
                break;
            }
        }

        // What came true counts as seen again, which is the one departure.
        if let Some(known) = pool.get_mut(&input) {
            let (true_ones, others): (Vec<_>, Vec<_>) =
                known.drain(..).partition(|gram| gram[0] == emitted[0]);
            *known = [others, true_ones].concat();
        }
        // N-grams: refreshed if known, the oldest dropped if there are too many.
        for (i, &newest) in new.iter().enumerate() {
            let key = if i == 0 { input } else { levels[0][i - 1] };
            let gram = [column(i), vec![newest]].concat();
            let known = pool.entry(key).or_default();
            known.retain(|other| *other != gram);
            known.push(gram);
            if known.len() > *guesses {
                known.remove(0);
            }
        }

        levels.remove(0);
        levels.push(new);
        levels[0].remove(0);
        text.extend(&emitted);
        emitted
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn window_pool_and_output_are_those_of_the_published_algorithm(
        seed in any::<u64>(),
        order in 1..3_usize,
        surprise in 0..6_u32,
        prompt in prop::collection::vec(0..12_u32, 1..12),
        (window, ngram, guesses) in (1..7_usize, 2..6_usize, 1..5_usize),
    ) {
        let toy = ToyModel::new(ToyConfig { seed, order, surprise, ..ToyConfig::default() });
        let argmax = |path: &[Token]| {
            let logits = toy.logits_after(path);
            (0..logits.len()).rev().max_by(|&a, &b| logits[a].partial_cmp(&logits[b]).unwrap()).unwrap() as Token
        };
        let config = Config::default()
            .with_window(window).with_ngram(ngram).with_guesses(guesses)
            .with_advance(Advance::One).with_prompt(false).with_output(false);
        let mut ours = Bench::new(config, &prompt, argmax);
        ours.propose();

        // Start values are free to choose: both begin with ours.
        let start = ours.cells();
        let mut levels: Vec<Vec<Token>> =
            (0..ngram - 1).map(|l| start.iter().map(|column| column[l]).collect()).collect();
        levels[0].remove(0);
        let mut published =
            Published { model: &argmax, guesses, text: prompt.clone(), levels, pool: BTreeMap::new() };

        for _ in 0..30 {
            prop_assert_eq!(ours.step(), published.step());
            ours.propose();
            let cells = ours.cells();
            for (l, level) in published.levels.iter().enumerate() {
                let skipped = usize::from(l == 0);
                let ours: Vec<Token> = cells[skipped..].iter().map(|column| column[l]).collect();
                prop_assert_eq!(&ours, level, "level {}", l);
            }
            for key in 0..12 {
                let mut ours = ours.guesses(key);
                let mut theirs = published.pool.get(&key).cloned().unwrap_or_default();
                ours.sort();
                theirs.sort();
                prop_assert_eq!(ours, theirs, "key {}", key);
            }
        }
    }
}
