//! Whatever is guessed, what comes out is plain decoding's.

use foretoken_core::blocking::BlockingDecoder;
use foretoken_core::{Request, TokenSet};
use foretoken_decoder::{BudgetMode, Config as DecoderConfig, GuessAndVerify};
use foretoken_lookahead::{Advance, Config, Lookahead};
use foretoken_testkit::toy::ToyModel;
use foretoken_testkit::{assert_lossless, generators, oracle};
use proptest::prelude::*;

fn shape(window: usize, ngram: usize, guesses: usize) -> Config {
    Config::default().with_window(window).with_ngram(ngram).with_guesses(guesses)
}

fn check(config: Config) {
    let coverage = assert_lossless!(Lookahead::new(config).unwrap());
    assert!(coverage.accepted > 0, "{config:?}: {coverage}");
}

#[test]
fn is_lossless_with_either_advance() {
    check(Config::default());
    check(Config::default().with_advance(Advance::Accepted));
}

#[test]
fn is_lossless_at_the_smallest_shapes() {
    check(shape(1, 2, 1));
    check(shape(1, 5, 1).with_advance(Advance::Accepted));
    check(shape(4, 2, 3).with_advance(Advance::Accepted));
}

#[test]
fn is_lossless_with_only_the_window_and_a_tiny_pool() {
    check(shape(6, 3, 2).with_prompt(false).with_output(false).with_capacity(3));
}

#[test]
fn is_lossless_when_ngrams_outlive_their_sequence() {
    check(shape(3, 4, 4).with_keep(true).with_seed(9));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn any_shape_and_budget_give_the_oracles_tokens(
        (toy, prompt) in generators::toys()
            .prop_flat_map(|toy| (Just(toy.clone()), generators::prompts(toy.vocabulary, 11))),
        budget in generators::budgets(),
        (window, ngram, guesses) in (1..10_usize, 2..7_usize, 1..7_usize),
        accepted in any::<bool>(),
        (prompt_grams, output_grams, keep) in any::<(bool, bool, bool)>(),
    ) {
        let mut model = ToyModel::new(toy.clone());
        let ends: TokenSet = toy.end_of_sequence;
        let expected = oracle::greedy(&mut model, &prompt, 40, &ends).unwrap();
        let config = shape(window, ngram, guesses)
            .with_advance(if accepted { Advance::Accepted } else { Advance::One })
            .with_prompt(prompt_grams)
            .with_output(output_grams)
            .with_keep(keep);
        let mut decoder = GuessAndVerify::new(model, Lookahead::new(config).unwrap())
            .with_config(DecoderConfig::default().with_budget(BudgetMode::Fixed).with_max_nodes(budget));
        for _ in 0..2 {
            let request = Request::new(prompt.clone()).with_max_new_tokens(40);
            let output = decoder.decode_blocking(&request, &mut ()).unwrap();
            prop_assert_eq!(&output.tokens, &expected);
        }
    }
}
