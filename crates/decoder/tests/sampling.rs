//! Sampling: the same seed gives the same tokens, whatever is guessed.

use foretoken_core::blocking::BlockingDecoder;
use foretoken_core::{
    CandidateSource, Context, DecodeErrorKind, LogitsProcessor, Model, Request, Sampling, Token,
    TokenSet,
};
use foretoken_decoder::{Config, GuessAndVerify};
use foretoken_testkit::sources::{Clairvoyant, Hostile};
use foretoken_testkit::toy::{ToyConfig, ToyModel};
use foretoken_testkit::{TestModel, generators, oracle};
use proptest::prelude::*;

fn nothing() -> Vec<Box<dyn CandidateSource>> {
    Vec::new()
}

#[derive(Clone, Debug)]
struct Case {
    model: TestModel,
    prompt: Vec<Token>,
    sampling: Sampling,
    nodes: usize,
    seed: u64,
}

fn cases() -> impl Strategy<Value = Case> {
    generators::models().prop_flat_map(|model| {
        let vocabulary = model.vocabulary();
        let longest = model.context_length().min(20) - 1;
        let prompt = generators::prompts(vocabulary, longest);
        let settings = (generators::samplings(vocabulary), generators::budgets(), any::<u64>());
        (prompt, settings).prop_map(move |(prompt, (sampling, nodes, seed))| Case {
            model: model.clone(),
            prompt,
            sampling,
            nodes,
            seed,
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Right guesses, wrong guesses and none at all yield the oracle's tokens.
    #[test]
    fn sampling_is_lossless(case in cases()) {
        let request =
            Request::new(case.prompt).with_max_new_tokens(40).with_sampling(case.sampling);
        let Ok(truth) = oracle::decode(case.model.build().as_mut(), &request) else {
            // A tiny vocabulary may be banned as a whole until enough tokens came out.
            let error = GuessAndVerify::new(case.model.build(), nothing())
                .decode_blocking(&request, &mut ())
                .unwrap_err();
            prop_assert_eq!(error.kind(), DecodeErrorKind::NoTokenLeft);
            return Ok(());
        };
        let known = vec![[request.prompt.as_slice(), &truth].concat()];
        let sources: [Vec<Box<dyn CandidateSource>>; 2] = [
            nothing(),
            vec![Box::new(Clairvoyant::new(case.seed, known)), Box::new(Hostile::new(case.seed))],
        ];
        for source in sources {
            let output = GuessAndVerify::new(case.model.build(), source)
                .with_config(Config::default().with_max_nodes(case.nodes))
                .decode_blocking(&request, &mut ())
                .unwrap();
            prop_assert_eq!(&output.tokens, &truth);
        }
    }

    /// A continuation asked for on its own is the rest of the whole: draws hang on absolute positions.
    #[test]
    fn a_continuation_is_the_rest_of_the_whole(seed in any::<u64>(), cut in 1..39usize) {
        let sampling = Sampling::default().with_temperature(1.0).with_seed(seed);
        let mut decoder = GuessAndVerify::new(ToyModel::default(), nothing());
        let mut decode = |prompt: &[Token], tokens: usize| {
            let request = Request::new(prompt).with_sampling(sampling.clone());
            decoder.decode_blocking(&request.with_max_new_tokens(tokens), &mut ()).unwrap().tokens
        };
        let whole = decode(&[1, 2, 3], 40);
        let rest = decode(&[&[1, 2, 3], &whole[..cut]].concat(), 40 - cut);
        prop_assert_eq!(&whole[cut..], rest);
    }
}

/// The longer a path is, the more it dislikes its own beginning; counts how often it is asked.
#[derive(Clone, Default)]
struct Forgetful {
    asked: usize,
}

impl LogitsProcessor for Forgetful {
    fn process(&mut self, context: &Context<'_>, logits: &mut [f32]) {
        self.asked += 1;
        assert_eq!(context.remaining, 30 - context.emitted().len());
        for &token in &context.history[..context.history.len() / 2] {
            logits[token as usize] -= 0.4;
        }
        logits[4] += 50.0;
        logits[5] += 50.0;
    }

    fn fork(&self) -> Box<dyn LogitsProcessor> {
        Box::new(self.clone())
    }
}

#[test]
fn a_processor_of_ones_own_is_obeyed_before_the_bans() {
    for temperature in [0.0, 0.9] {
        let sampling =
            Sampling::default().with_temperature(temperature).with_banned([4]).with_seed(3);
        let request = Request::new([1, 2, 3]).with_max_new_tokens(30).with_sampling(sampling);
        let decode = |source: Vec<Box<dyn CandidateSource>>| {
            GuessAndVerify::new(ToyModel::default(), source)
                .with_processor(Forgetful::default())
                .decode_blocking(&request, &mut ())
                .unwrap()
        };
        let plain = decode(nothing());
        assert!(!plain.tokens.contains(&4));
        let fives = plain.tokens.iter().filter(|&&token| token == 5).count();
        assert_eq!(fives, 30, "the other one stays far ahead: {:?}", plain.tokens);
        let known = vec![[&[1, 2, 3], plain.tokens.as_slice()].concat()];
        let guessed = decode(vec![Box::new(Clairvoyant::new(8, known))]);
        assert_eq!(guessed.tokens, plain.tokens);
        assert!(guessed.statistics.steps < 25, "{}", guessed.statistics.steps);
    }
}

#[test]
fn settings_that_do_not_fit_are_refused_before_anything_runs() {
    let mut model = ToyModel::default().with_log();
    let mut decoder = GuessAndVerify::new(&mut model, nothing());
    let plain = Sampling::default;
    for (sampling, setting) in [
        (plain().with_temperature(-0.1), "temperature"),
        (plain().with_temperature(f32::NAN), "temperature"),
        (plain().with_temperature(f32::INFINITY), "temperature"),
        (plain().with_top_p(0.0), "top_p"),
        (plain().with_top_p(1.01), "top_p"),
        (plain().with_min_p(-0.1), "min_p"),
        (plain().with_min_p(f32::NAN), "min_p"),
        (plain().with_typical_p(0.0), "typical_p"),
        (plain().with_repetition_penalty(0.0), "repetition_penalty"),
        (plain().with_presence_penalty(f32::NAN), "presence_penalty"),
        (plain().with_frequency_penalty(f32::INFINITY), "frequency_penalty"),
        (plain().with_penalty_window(0), "penalty_window"),
        (plain().with_logit_bias(3, f32::NAN), "logit_bias"),
        (plain().with_logit_bias(12, 1.0), "logit_bias"),
        (plain().with_banned([12]), "banned"),
        (plain().with_banned(0..12), "banned"),
    ] {
        let request = Request::new([1, 2]).with_sampling(sampling);
        let error = decoder.decode_blocking(&request, &mut ()).unwrap_err();
        assert_eq!(error.kind(), DecodeErrorKind::Sampling);
        let text = error.to_string();
        assert!(text.starts_with(setting) && !text.contains('\n'), "{text}");
        assert!(std::error::Error::source(&error).is_none(), "a chain would say it twice");
    }
    drop(decoder);
    assert!(model.log().is_empty());
}

#[test]
fn nothing_left_to_choose_is_an_error_that_keeps_the_output() {
    struct DeadEnd;
    impl LogitsProcessor for DeadEnd {
        fn process(&mut self, context: &Context<'_>, logits: &mut [f32]) {
            if context.emitted().len() == 7 {
                logits.fill(f32::NEG_INFINITY);
            }
        }
        fn fork(&self) -> Box<dyn LogitsProcessor> {
            Box::new(Self)
        }
    }
    let request = Request::new([1, 2, 3]).with_max_new_tokens(20);
    let truth = oracle::greedy(&mut ToyModel::default(), &[1, 2, 3], 20, &TokenSet::default());
    let truth = truth.unwrap();
    let known = vec![[&[1, 2, 3], truth.as_slice()].concat()];
    for (temperature, top_k) in [(0.0, 0), (0.7, 0), (0.7, 5)] {
        let sampling = Sampling::default().with_temperature(temperature).with_top_k(top_k);
        let request = request.clone().with_sampling(sampling);
        for seed in 0..8 {
            let source = Clairvoyant::new(seed, known.clone());
            let mut decoder =
                GuessAndVerify::new(ToyModel::default(), source).with_processor(DeadEnd);
            let mut seen: Vec<Token> = Vec::new();
            let error = decoder.decode_blocking(&request, &mut seen).unwrap_err();
            assert_eq!(error.kind(), DecodeErrorKind::NoTokenLeft);
            assert_eq!(error.to_string().lines().count(), 1);
            assert_eq!(error.generated().tokens.len(), 7, "all that came out before");
            assert_eq!(seen, error.generated().tokens);
            assert_eq!(decoder.model().open_sequences(), 0);
        }
    }
}

#[test]
fn an_end_of_sequence_token_waits_for_enough_others() {
    let toy = ToyConfig { end_of_sequence: [3, 7].into_iter().collect(), ..ToyConfig::default() };
    let mut ended = 0;
    for seed in 0..40 {
        let sampling = Sampling::default().with_temperature(1.2).with_seed(seed);
        let model = ToyModel::new(toy.clone());
        let ends = model.info().end_of_sequence.clone();
        let request = Request::new([1])
            .with_max_new_tokens(20)
            .with_sampling(sampling.with_min_new_tokens(9));
        let output = GuessAndVerify::new(model, Hostile::new(seed))
            .decode_blocking(&request, &mut ())
            .unwrap();
        let end = output.tokens.iter().position(|&token| ends.contains(token));
        assert!(end.is_none_or(|end| end >= 9), "{:?}", output.tokens);
        ended += usize::from(end.is_some());
    }
    assert!(ended > 10, "{ended}");
}
