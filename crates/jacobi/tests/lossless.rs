//! Whatever is guessed, what comes out is plain decoding's.

use foretoken_core::blocking::BlockingDecoder;
use foretoken_core::{Request, TokenSet};
use foretoken_decoder::{BudgetMode, Config as DecoderConfig, GuessAndVerify};
use foretoken_jacobi::{Config, Init, Jacobi};
use foretoken_testkit::toy::{ToyConfig, ToyModel};
use foretoken_testkit::{assert_lossless, generators, oracle};
use proptest::prelude::*;

fn jacobi(window: usize, init: Init) -> Jacobi {
    Jacobi::new(Config::default().with_window(window).with_init(init)).unwrap()
}

#[test]
fn is_lossless_with_every_initial_guess() {
    for init in [Init::Repeat, Init::Prompt, Init::Random] {
        let coverage = assert_lossless!(jacobi(5, init));
        assert!(coverage.accepted > 0, "{init}: {coverage}");
    }
}

#[test]
fn is_lossless_with_the_shortest_and_with_long_windows() {
    for window in [1, 2, 40] {
        let coverage = assert_lossless!(jacobi(window, Init::Repeat));
        assert!(coverage.proposed > 0, "{window}: {coverage}");
    }
}

#[test]
fn repetitive_text_takes_fewer_steps_than_tokens() {
    let (mut tokens, mut steps) = (0, 0);
    for seed in 0..8 {
        let toy = ToyConfig { seed, order: 1, surprise: 0, ..ToyConfig::default() };
        let request = Request::new([1, 2, 3]).with_max_new_tokens(120);
        let output = GuessAndVerify::new(ToyModel::new(toy), Jacobi::default())
            .with_config(DecoderConfig::default().with_budget(BudgetMode::Fixed))
            .decode_blocking(&request, &mut ())
            .unwrap();
        tokens += output.tokens.len();
        steps += output.statistics.steps;
    }
    // Not for every text: one whose tokens all differ from their neighbours converges slowly.
    assert!(tokens > steps + steps / 5, "{tokens} tokens in {steps} steps");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn any_window_and_budget_give_the_oracles_tokens(
        (toy, prompt) in generators::toys()
            .prop_flat_map(|toy| (Just(toy.clone()), generators::prompts(toy.vocabulary, 11))),
        budget in generators::budgets(),
        window in 1..20_usize,
        init in prop_oneof![Just(Init::Repeat), Just(Init::Prompt), Just(Init::Random)],
    ) {
        let mut model = ToyModel::new(toy.clone());
        let ends: TokenSet = toy.end_of_sequence;
        let expected = oracle::greedy(&mut model, &prompt, 40, &ends).unwrap();
        let output = GuessAndVerify::new(model, jacobi(window, init))
            .with_config(DecoderConfig::default().with_budget(BudgetMode::Fixed).with_max_nodes(budget))
            .decode_blocking(&Request::new(prompt).with_max_new_tokens(40), &mut ())
            .unwrap();
        prop_assert_eq!(output.tokens, expected);
    }
}
