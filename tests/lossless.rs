//! Every strategy, alone and composed, against the oracle.

#[path = "roster/mod.rs"]
mod roster;

use foretoken::blocking::BlockingDecoder;
use foretoken::decoder::{BudgetMode, Config};
use foretoken::strategy;
use foretoken::testkit::toy::{ToyConfig, ToyModel};
use foretoken::testkit::{generators, lossless, oracle};
use foretoken::{GuessAndVerify, Request, Sampling, Token};
use proptest::prelude::*;

#[test]
fn the_whole_roster_is_lossless() {
    for spec in roster::specs() {
        if let Err(violation) = lossless::check(|| spec.build()) {
            panic!("{spec}: {violation}");
        }
    }
}

#[derive(Clone, Debug)]
struct Case {
    model: ToyConfig,
    prompts: Vec<Vec<Token>>,
    strategy: String,
    fixed: bool,
    nodes: usize,
    chunk: usize,
    tokens: usize,
    sampling: Sampling,
}

/// Models, prompts and random compositions of the roster.
fn cases() -> impl Strategy<Value = Case> {
    let strategy = prop::collection::vec(prop::sample::select(roster::ROSTER), 1..4)
        .prop_map(|entries| entries.join("+"));
    let settings = (generators::budgets(), 1..9usize, 0..70usize, any::<bool>());
    (generators::toys(), strategy, settings).prop_flat_map(|(model, strategy, settings)| {
        let longest = model.context_length.min(30) - 1;
        let prompts = prop::collection::vec(generators::prompts(model.vocabulary, longest), 1..4);
        let sampling = generators::samplings(model.vocabulary);
        (prompts, sampling).prop_map(move |(prompts, sampling)| Case {
            model: model.clone(),
            prompts,
            strategy: strategy.clone(),
            nodes: settings.0,
            chunk: settings.1,
            tokens: settings.2,
            fixed: settings.3,
            sampling,
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// One source decodes several sequences one after another, as a decoder is used.
    #[test]
    fn random_compositions_are_lossless(case in cases()) {
        let source = strategy::by_name(&case.strategy).unwrap();
        let budget = if case.fixed { BudgetMode::Fixed } else { BudgetMode::Adaptive };
        let config = Config::default()
            .with_budget(budget)
            .with_max_nodes(case.nodes)
            .with_prefill_chunk(case.chunk);
        let mut decoder =
            GuessAndVerify::new(ToyModel::new(case.model.clone()), source).with_config(config);
        for prompt in &case.prompts {
            let request = Request::new(prompt.clone()).with_max_new_tokens(case.tokens);
            let output = decoder.decode_blocking(&request, &mut ()).unwrap();
            let truth = oracle::greedy(
                &mut ToyModel::new(case.model.clone()),
                prompt,
                case.tokens,
                &case.model.end_of_sequence,
            ).unwrap();
            prop_assert_eq!(&output.tokens, &truth);
            prop_assert_eq!(output.statistics.generated_tokens, truth.len());
        }
    }

    /// The same sampled, with the cache reused from prompt to prompt: equal
    /// seeds, equal tokens.
    #[test]
    fn random_compositions_sample_the_same(case in cases()) {
        let source = strategy::by_name(&case.strategy).unwrap();
        let config = Config::default()
            .with_max_nodes(case.nodes)
            .with_prefill_chunk(case.chunk)
            .with_reuse_prefix(true);
        let mut decoder =
            GuessAndVerify::new(ToyModel::new(case.model.clone()), source).with_config(config);
        for prompt in &case.prompts {
            let request = Request::new(prompt.clone())
                .with_max_new_tokens(case.tokens)
                .with_sampling(case.sampling.clone());
            let truth = oracle::decode(&mut ToyModel::new(case.model.clone()), &request);
            match decoder.decode_blocking(&request, &mut ()) {
                Ok(output) => prop_assert_eq!(&output.tokens, &truth.unwrap()),
                Err(_) => prop_assert!(truth.is_err(), "nothing is left to choose for both"),
            }
        }
    }

    /// A decoder that is cancelled at any moment goes on as if nothing had happened.
    #[test]
    fn cancelling_leaves_no_trace(case in cases(), polls in 1..20usize) {
        use foretoken::Decoder;
        let source = strategy::by_name(&case.strategy).unwrap();
        let mut decoder = GuessAndVerify::new(ToyModel::new(case.model.clone()), source)
            .with_config(Config::default().with_prefill_chunk(case.chunk));
        for prompt in &case.prompts {
            let request = Request::new(prompt.clone()).with_max_new_tokens(case.tokens);
            let mut sink = Vec::new();
            let mut future = decoder.decode(&request, &mut sink);
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            for _ in 0..polls {
                if future.as_mut().poll(&mut context).is_ready() { break; }
            }
            drop(future);
            let truth = oracle::greedy(
                &mut ToyModel::new(case.model.clone()),
                prompt,
                case.tokens,
                &case.model.end_of_sequence,
            ).unwrap();
            prop_assert!(truth.starts_with(&sink));
            let whole = decoder.decode_blocking(&request, &mut ()).unwrap();
            prop_assert_eq!(whole.tokens, truth);
        }
    }
}
