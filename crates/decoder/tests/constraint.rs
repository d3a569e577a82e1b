//! Constraints: what comes out obeys them, and guesses that do not are not verified.

use foretoken_core::blocking::BlockingDecoder;
use foretoken_core::{
    CandidateSource, Constraint, Context, DecodeErrorKind, Forced, Request, Sampling, StopReason,
    Token, TokenMask,
};
use foretoken_decoder::{BudgetMode, Config, GuessAndVerify};
use foretoken_testkit::sources::{Clairvoyant, Hostile};
use foretoken_testkit::toy::{ToyConfig, ToyModel};
use proptest::prelude::*;

/// Allows the tokens of some set, another one for each place of a cycle.
#[derive(Clone, Debug)]
struct Cycle(Vec<Vec<Token>>);

impl Constraint for Cycle {
    fn allow(&mut self, context: &Context<'_>, allowed: &mut TokenMask) {
        let here = &self.0[context.emitted().len() % self.0.len()];
        allowed.retain(|token| here.contains(&token));
    }

    fn fork(&self) -> Box<dyn Constraint> {
        Box::new(self.clone())
    }
}

fn nothing() -> Vec<Box<dyn CandidateSource>> {
    Vec::new()
}

/// Plain decoding by hand: the model's logits, a filter, the largest.
fn truth(cycle: &Cycle, prompt: &[Token], tokens: usize) -> Vec<Token> {
    let model = ToyModel::default();
    let mut path = prompt.to_vec();
    for place in 0..tokens {
        let logits = model.logits_after(&path);
        let allowed = &cycle.0[place % cycle.0.len()];
        let best = allowed.iter().copied().max_by(|&a, &b| {
            logits[a as usize].partial_cmp(&logits[b as usize]).unwrap().then(b.cmp(&a))
        });
        path.push(best.unwrap());
    }
    path.split_off(prompt.len())
}

fn cycles() -> impl Strategy<Value = Cycle> {
    let place = prop_oneof![
        1 => (0u32..12).prop_map(|token| vec![token]),
        2 => prop::collection::vec(0u32..12, 1..8),
    ];
    prop::collection::vec(place, 1..7).prop_map(Cycle)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn outputs_obey_whatever_is_guessed(
        cycle in cycles(),
        prompt in prop::collection::vec(0u32..12, 1..6),
        seed in any::<u64>(),
        nodes in 0..20usize,
    ) {
        let expected = truth(&cycle, &prompt, 30);
        let known = vec![[prompt.as_slice(), &expected].concat()];
        let request = Request::new(prompt).with_max_new_tokens(30);
        let sources: [Vec<Box<dyn CandidateSource>>; 3] = [
            nothing(),
            vec![Box::new(Hostile::new(seed)), Box::new(Clairvoyant::new(seed, known))],
            vec![Box::new(Forced::new(cycle.clone())), Box::new(Hostile::new(seed))],
        ];
        for source in sources {
            let mut decoder = GuessAndVerify::new(ToyModel::default(), source)
                .with_config(Config::default().with_max_nodes(nodes))
                .with_constraint(cycle.clone());
            let output = decoder.decode_blocking(&request, &mut ()).unwrap();
            prop_assert_eq!(&output.tokens, &expected);
        }
        // Sampled, all strategies agree, and the constraint holds.
        let sampling = Sampling::default().with_temperature(1.1).with_seed(seed);
        let request = request.with_sampling(sampling);
        let decode = |source: Vec<Box<dyn CandidateSource>>| {
            GuessAndVerify::new(ToyModel::default(), source)
                .with_constraint(cycle.clone())
                .decode_blocking(&request, &mut ())
                .unwrap()
                .tokens
        };
        let plain = decode(nothing());
        for (place, token) in plain.iter().enumerate() {
            prop_assert!(cycle.0[place % cycle.0.len()].contains(token));
        }
        let known = vec![[request.prompt.as_slice(), &plain].concat()];
        prop_assert_eq!(decode(vec![Box::new(Clairvoyant::new(seed, known))]), plain.clone());
        prop_assert_eq!(decode(vec![Box::new(Forced::new(cycle.clone()))]), plain);
    }
}

#[test]
fn forced_tokens_cost_no_steps_of_their_own() {
    let cycle = Cycle(vec![vec![1], vec![2], vec![3], vec![4, 5]]);
    let request = Request::new([7]).with_max_new_tokens(40);
    let mut model = ToyModel::default().with_log();
    let output = GuessAndVerify::new(&mut model, Forced::new(cycle.clone()))
        .with_constraint(cycle.clone())
        .decode_blocking(&request, &mut ())
        .unwrap();
    assert_eq!(output.tokens, truth(&cycle, &[7], 40));
    assert_eq!(output.statistics.steps, 10, "three forced tokens and one free one a step");
    let forced = &output.statistics.sources[0];
    assert_eq!((forced.name.as_str(), forced.proposed, forced.accepted), ("forced", 30, 30));
}

#[test]
fn forbidden_guesses_are_not_verified() {
    let cycle = Cycle(vec![vec![1], vec![2, 3]]);
    let request = Request::new([7]).with_max_new_tokens(40);
    let fixed = Config::default().with_budget(BudgetMode::Fixed);
    let hostile = |constrained: bool| {
        let mut decoder =
            GuessAndVerify::new(ToyModel::default(), Hostile::new(5)).with_config(fixed);
        decoder.set_constraint(constrained.then(|| cycle.fork()));
        decoder.decode_blocking(&request, &mut ()).unwrap().statistics
    };
    let (free, bound) = (hostile(false), hostile(true));
    assert!(bound.nodes_per_step() < free.nodes_per_step() / 2.0, "{bound:?}");
    assert!(bound.sources[0].refused > free.sources[0].refused);

    let banned = request.clone().with_sampling(Sampling::default().with_banned(0..11));
    let output = GuessAndVerify::new(ToyModel::default(), Hostile::new(5))
        .with_config(fixed)
        .decode_blocking(&banned, &mut ())
        .unwrap();
    assert!(output.tokens.iter().all(|&token| token == 11));
    assert!(output.statistics.nodes_per_step() < free.nodes_per_step() / 2.0);
}

#[test]
fn an_end_of_sequence_comes_where_it_is_allowed() {
    let toy = ToyConfig { end_of_sequence: [9].into_iter().collect(), ..ToyConfig::default() };
    let cycle = Cycle(vec![vec![1, 2], vec![3], vec![4], vec![9]]);
    let source = (Forced::new(cycle.clone()), Hostile::new(1));
    let output = GuessAndVerify::new(ToyModel::new(toy), source)
        .with_constraint(cycle)
        .decode_blocking(&Request::new([1]), &mut ())
        .unwrap();
    assert_eq!((output.stop, output.tokens.len()), (StopReason::EndOfSequence, 4));
}

#[test]
fn a_constraint_that_can_never_match_is_an_error() {
    let cycle = Cycle(vec![vec![1, 2], vec![3, 4], vec![]]);
    let mut decoder = GuessAndVerify::new(ToyModel::default(), Hostile::new(1));
    decoder.set_constraint(Some(Box::new(cycle)));
    let request = Request::new([1]).with_max_new_tokens(9);
    let error = decoder.decode_blocking(&request, &mut ()).unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::NoTokenLeft);
    assert_eq!(error.generated().tokens.len(), 2);
    assert!(error.to_string().contains("position 3") && !error.to_string().contains('\n'));
    decoder.set_constraint(None);
    assert_eq!(decoder.decode_blocking(&request, &mut ()).unwrap().tokens.len(), 9);
}
