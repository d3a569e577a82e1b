//! What ends an output, token by token, and what a decoder keeps for the next one.

use std::ops::ControlFlow;
use std::task::{Context as TaskContext, Waker};
use std::time::Duration;

use foretoken_core::blocking::BlockingDecoder;
use foretoken_core::{
    Cancellation, CandidateSource, Context, DecodeErrorKind, Decoder, Detokenized, Detokenizer,
    Draft, Emitted, Model, RepetitionGuard, Request, Sampling, SourceError, StopReason,
    StopStrings, Token, TokenSet, TokenSink, WhenContextFull, async_trait,
};
use foretoken_decoder::{Config, GuessAndVerify};
use foretoken_testkit::sources::{Clairvoyant, Hostile};
use foretoken_testkit::toy::{Call, ToyConfig, ToyModel};
use foretoken_testkit::{generators, oracle};
use proptest::prelude::*;

const PROMPT: [Token; 3] = [1, 2, 3];

fn truth(tokens: usize) -> Vec<Token> {
    oracle::greedy(&mut ToyModel::default(), &PROMPT, tokens, &TokenSet::default()).unwrap()
}

/// Knows the greedy output.
fn knowing(seed: u64) -> Clairvoyant {
    Clairvoyant::new(seed, vec![[&PROMPT, truth(100).as_slice()].concat()])
}

/// Token n is the n-th letter, a multiple of three a single byte of a longer character.
#[derive(Default)]
struct Letters {
    waiting: usize,
}

impl Detokenizer for Letters {
    fn push(&mut self, token: Token) -> String {
        if token.is_multiple_of(3) {
            self.waiting += 1;
            return if self.waiting.is_multiple_of(2) { "é".to_owned() } else { String::new() };
        }
        char::from(b'a' + token as u8).to_string()
    }

    fn finish(&mut self) -> String {
        let cut = !self.waiting.is_multiple_of(2);
        self.waiting = 0;
        if cut { "\u{fffd}".to_owned() } else { String::new() }
    }
}

fn text(tokens: &[Token]) -> String {
    let mut letters = Letters::default();
    let text: String = tokens.iter().map(|&token| letters.push(token)).collect();
    text + &letters.finish()
}

#[test]
fn a_stop_string_ends_the_output_where_it_is_complete() {
    let output = truth(100);
    for (from, length) in [(3, 1), (8, 4), (20, 2), (33, 7)] {
        let whole: Vec<char> = text(&output).chars().collect();
        let stop: String = whole[from..from + length].iter().collect();
        let before = text(&output).find(&stop).unwrap();
        for seed in 0..20 {
            let mut model = ToyModel::default().with_log();
            let mut decoder = GuessAndVerify::new(&mut model, knowing(seed));
            let stops = StopStrings::new([stop.as_str(), "zzz"]).unwrap();
            let mut sink = Detokenized::new(Letters::default(), stops, String::new());
            let request = Request::new(PROMPT).with_max_new_tokens(100);
            let ended = decoder.decode_blocking(&request, &mut sink).unwrap();
            drop(decoder);
            assert_eq!(ended.stop, StopReason::StopString);
            assert_eq!(sink.finish().as_deref(), Some(stop.as_str()));
            assert_eq!(sink.into_inner(), text(&output)[..before]);
            assert_eq!(ended.tokens, output[..ended.tokens.len()]);
            let said = text(&ended.tokens);
            assert!(said.contains(&stop), "{said} ends with {stop}");
            let shorter = &ended.tokens[..ended.tokens.len() - 1];
            assert!(!text(shorter).replace('\u{fffd}', "").contains(&stop), "at once");
            assert_eq!(committed(&model), PROMPT.len() + ended.tokens.len() - 1);
            let found: usize = ended.statistics.sources.iter().map(|s| s.accepted).sum();
            assert!(ended.tokens.len() <= ended.statistics.steps + found);
        }
    }
}

/// Tokens that all commits in the log put into the cache.
fn committed(model: &ToyModel) -> usize {
    let nodes = model.log().iter().map(|call| match call {
        Call::Commit(_, nodes) => *nodes,
        _ => 0,
    });
    nodes.sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// However a text is cut, the same comes out, and it is what searching the whole finds.
    #[test]
    fn cuts_do_not_matter(
        text in "[abé]{0,30}",
        stops in prop::collection::vec("[abé]{1,4}", 0..4),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
        cuts.retain(|&cut| text.is_char_boundary(cut));
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let mut matcher = StopStrings::new(&stops).unwrap();
        let mut out = String::new();
        for pair in cuts.windows(2) {
            out.push_str(&matcher.push(&text[pair[0]..pair[1]]));
            for stop in &stops {
                prop_assert!(!out.contains(stop.as_str()));
            }
        }
        let found = matcher.found().is_some();
        out.push_str(&matcher.finish());
        // The shortest beginning that has a stop string, without the longest of those at its end.
        let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
        let first = ends.map(|end| &text[..end]).find(|part| stops.iter().any(|s| part.ends_with(s)));
        prop_assert_eq!(found, first.is_some());
        let expected = first.map_or(text.as_str(), |part| {
            let longest = stops.iter().filter(|s| part.ends_with(s.as_str())).map(String::len).max();
            &part[..part.len() - longest.unwrap()]
        });
        prop_assert_eq!(out, expected);
    }

    /// What may be the beginning of a stop string is never passed on while it may still become one.
    #[test]
    fn nothing_of_a_stop_string_leaks(
        tokens in prop::collection::vec(0u32..6, 0..40),
        stops in prop::collection::vec("[abcefé]{1,4}", 1..4),
    ) {
        let strings = StopStrings::new(&stops).unwrap();
        let mut sink = Detokenized::new(Letters::default(), strings, String::new());
        for (index, &token) in tokens.iter().enumerate() {
            let broken = sink.token(&Emitted::plain(token, index)).is_break();
            let released = sink.inner();
            let mut letters = Letters::default();
            let said: String = tokens[..=index].iter().map(|&token| letters.push(token)).collect();
            for stop in &stops {
                prop_assert!(!released.contains(stop.as_str()));
                let beginnings = stop.char_indices().map(|(at, _)| &stop[..at]);
                let begun = beginnings.filter(|part| said.ends_with(part)).map(str::len).max();
                prop_assert!(broken || released.len() <= said.len() - begun.unwrap_or(0));
            }
            if broken {
                break;
            }
        }
    }

    /// A next turn is decoded as if nothing had come before it, and computes only what is new.
    #[test]
    fn prefixes_are_reused_and_nothing_changes(
        model in generators::toys(),
        turns in prop::collection::vec((0..30usize, prop::collection::vec(0u32..24, 1..6), 0..20usize, any::<u64>()), 1..6),
        polls in prop::collection::vec(0..8usize, 6),
    ) {
        let vocabulary = model.vocabulary as Token;
        let source: Vec<Box<dyn CandidateSource>> = vec![Box::new(Hostile::new(turns[0].3))];
        let config = Config::default().with_reuse_prefix(true).with_prefill_chunk(3);
        let mut toy = ToyModel::new(model.clone()).with_log();
        let mut decoder = GuessAndVerify::new(&mut toy, source).with_config(config);
        let mut text: Vec<Token> = Vec::new();
        for ((keep, more, tokens, seed), polls) in turns.into_iter().zip(polls) {
            text.truncate(keep);
            text.extend(more.iter().map(|token| token % vocabulary));
            if text.len() >= model.context_length { break; }
            let sampling = Sampling::default().with_temperature(1.0).with_seed(seed);
            let request =
                Request::new(text.clone()).with_max_new_tokens(tokens).with_sampling(sampling);
            let mut sink = Vec::new();
            let mut future = decoder.decode(&request, &mut sink);
            for _ in 0..polls {
                if future.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_ready() { break; }
            }
            drop(future);
            let output = decoder.decode_blocking(&request, &mut ()).unwrap();
            let expected = oracle::decode(&mut ToyModel::new(model.clone()), &request).unwrap();
            prop_assert_eq!(&output.tokens, &expected);
            prop_assert!(output.statistics.reused_tokens < text.len());
            prop_assert_eq!(decoder.model().open_sequences(), 1);
            text.extend(&output.tokens);
        }
        decoder.release();
        prop_assert_eq!(decoder.model().open_sequences(), 0);
    }
}

#[test]
fn a_next_turn_computes_only_what_is_new() {
    let mut model = ToyModel::default().with_log();
    let config = Config::default().with_reuse_prefix(true);
    let mut decoder = GuessAndVerify::new(&mut model, knowing(3)).with_config(config);
    let first = Request::new(PROMPT).with_max_new_tokens(20);
    let output = decoder.decode_blocking(&first, &mut ()).unwrap();
    assert_eq!(output.statistics.reused_tokens, 0);
    let turn = [&PROMPT, output.tokens.as_slice(), &[5, 5, 5]].concat();
    let second = Request::new(turn).with_max_new_tokens(4);
    let output = decoder.decode_blocking(&second, &mut ()).unwrap();
    // All but the last token that came out is in the cache; that one and two of the three new ones run.
    assert_eq!(output.statistics.reused_tokens, 22);
    let again = decoder.decode_blocking(&first, &mut ()).unwrap();
    assert_eq!((again.tokens, again.statistics.reused_tokens), (truth(20), 2));
    drop(decoder);
    assert_eq!(model.open_sequences(), 0);
    let prefills: Vec<usize> = model.pass_sizes().into_iter().filter(|&size| size == 3).collect();
    assert!(!prefills.is_empty());
}

#[test]
fn another_source_may_go_on_with_the_same_cache() {
    #[derive(Clone, Default)]
    struct Told(Vec<usize>);
    #[async_trait]
    impl CandidateSource for Told {
        fn name(&self) -> &'static str {
            "told"
        }
        fn begin(&mut self, _: &[Token], reused: usize) {
            self.0.push(reused);
        }
        async fn propose(&mut self, _: &Context<'_>, _: &mut Draft<'_>) -> Result<(), SourceError> {
            Ok(())
        }
        fn fork(&self) -> Box<dyn CandidateSource> {
            Box::new(self.clone())
        }
    }
    let config = Config::default().with_reuse_prefix(true);
    let mut decoder = GuessAndVerify::new(ToyModel::default(), Told::default()).with_config(config);
    let request = Request::new(PROMPT).with_max_new_tokens(5);
    let mut reused = || {
        let output = decoder.decode_blocking(&request, &mut ()).unwrap();
        output.statistics.reused_tokens
    };
    assert_eq!((reused(), reused()), (0, 2));
    assert_eq!(decoder.source().0, [0, 2]);
    decoder.set_source(Told::default());
    let output = decoder.decode_blocking(&request, &mut ()).unwrap();
    assert_eq!(output.statistics.reused_tokens, 2, "the cache is still there");
    assert_eq!(decoder.source().0, [0], "but a new source knows nothing of it");
}

#[test]
fn cancelling_stops_within_one_step() {
    for seed in 0..500 {
        let mut model = ToyModel::default();
        let mut decoder = GuessAndVerify::new(&mut model, knowing(seed));
        let cancellation = Cancellation::new();
        let after = seed as usize % 30;
        let mut late = 0;
        let mut sink = |emitted: &Emitted<'_>| {
            if emitted.index + 1 >= after {
                cancellation.cancel();
                late += usize::from(emitted.depth == 0);
            }
            ControlFlow::Continue(())
        };
        let request = Request::new(PROMPT).with_cancellation(cancellation.clone());
        if after == 0 {
            cancellation.cancel();
        }
        let output = decoder.decode_blocking(&request, &mut sink).unwrap();
        assert_eq!(output.stop, StopReason::Cancelled);
        assert_eq!(output.tokens, truth(output.tokens.len()));
        assert!(late <= 1, "the rest of one step at most, which the model's own token ends");
        assert_eq!(output.tokens.is_empty(), after == 0);
        let whole = Request::new(PROMPT).with_max_new_tokens(30);
        assert_eq!(decoder.decode_blocking(&whole, &mut ()).unwrap().tokens, truth(30));
        assert_eq!(decoder.model().open_sequences(), 0);
    }
}

#[test]
fn five_hundred_dropped_futures_leak_nothing() {
    for reuse in [false, true] {
        let mut model = ToyModel::default();
        let config = Config::default().with_prefill_chunk(1).with_reuse_prefix(reuse);
        let mut decoder = GuessAndVerify::new(&mut model, knowing(9)).with_config(config);
        let request = Request::new(PROMPT).with_max_new_tokens(40);
        for cycle in 0..500 {
            let mut seen: Vec<Token> = Vec::new();
            let mut future = decoder.decode(&request, &mut seen);
            for _ in 0..cycle % 9 {
                if future.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_ready() {
                    break;
                }
            }
            drop(future);
            assert_eq!(seen, truth(seen.len()));
            assert!(decoder.model().open_sequences() <= 1);
        }
        assert_eq!(decoder.decode_blocking(&request, &mut ()).unwrap().tokens, truth(40));
        drop(decoder);
        assert_eq!(model.open_sequences(), 0);
    }
}

#[test]
fn time_that_is_up_ends_the_output() {
    let request = Request::new(PROMPT).with_max_new_tokens(100);
    let mut model = ToyModel::default();
    let mut decoder = GuessAndVerify::new(&mut model, knowing(1));
    let none = request.clone().with_time_budget(Duration::ZERO);
    let output = decoder.decode_blocking(&none, &mut ()).unwrap();
    assert_eq!((output.stop, output.tokens.len()), (StopReason::TimeBudget, 0));
    let mut slow = |_: &Emitted<'_>| {
        std::thread::sleep(Duration::from_millis(10));
        ControlFlow::Continue(())
    };
    let some = request.clone().with_time_budget(Duration::from_millis(35));
    let output = decoder.decode_blocking(&some, &mut slow).unwrap();
    assert_eq!(output.stop, StopReason::TimeBudget);
    assert!((1..40).contains(&output.tokens.len()), "{}", output.tokens.len());
    assert_eq!(output.tokens, truth(output.tokens.len()));
    let ample = request.with_time_budget(Duration::MAX);
    assert_eq!(decoder.decode_blocking(&ample, &mut ()).unwrap().tokens, truth(100));
}

#[test]
fn a_full_context_is_an_error_by_choice() {
    let config = ToyConfig { context_length: 16, ..ToyConfig::default() };
    let mut decoder = GuessAndVerify::new(ToyModel::new(config), knowing(2));
    let request = Request::new(PROMPT).with_when_context_full(WhenContextFull::Fail);
    let error = decoder.decode_blocking(&request, &mut ()).unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::ContextFull);
    assert_eq!(error.generated().tokens, truth(13));
    let enough = request.with_max_new_tokens(13);
    assert_eq!(decoder.decode_blocking(&enough, &mut ()).unwrap().stop, StopReason::MaxNewTokens);
}

#[test]
fn circles_end_by_choice_at_the_same_token_for_every_source() {
    // Repetition is made certain by bans: two tokens are left.
    let sampling = Sampling::default().with_banned(2..12);
    let guard = RepetitionGuard::new(3, 9).unwrap();
    let request = Request::new(PROMPT).with_sampling(sampling).with_max_new_tokens(200);
    let free = oracle::decode(&mut ToyModel::default(), &request).unwrap();
    let known = vec![[&PROMPT, free.as_slice()].concat()];
    let request = request.with_repetition_guard(guard);
    let round = |end: usize| {
        let tail = &free[end - 9..end];
        (1..=3).any(|period| tail.iter().skip(period).eq(&tail[..9 - period]))
    };
    let end = (9..=free.len()).find(|&end| round(end)).expect("two tokens repeat");
    for seed in 0..30 {
        let source = Clairvoyant::new(seed, known.clone());
        let mut decoder = GuessAndVerify::new(ToyModel::default(), source);
        let output = decoder.decode_blocking(&request, &mut ()).unwrap();
        assert_eq!((output.stop, output.tokens.len()), (StopReason::Repetition, end));
        assert_eq!(output.tokens, free[..end]);
    }
    let wrong: RepetitionGuard = serde_json::from_str(r#"{"period":9,"tokens":3}"#).unwrap();
    let request = request.with_repetition_guard(wrong);
    let error = GuessAndVerify::new(ToyModel::default(), knowing(0))
        .decode_blocking(&request, &mut ())
        .unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::Config);
}

#[test]
fn scores_are_the_models_own_probabilities() {
    let mut model = ToyModel::default();
    for (sampling, plain) in [
        (Sampling::default(), true),
        (Sampling::default().with_temperature(0.7).with_presence_penalty(1.0).with_seed(2), false),
    ] {
        let request =
            Request::new(PROMPT).with_max_new_tokens(25).with_sampling(sampling).with_scores(3);
        let mut seen = Vec::new();
        let mut sink = |emitted: &Emitted<'_>| {
            seen.push(emitted.score.expect("scores were asked for").clone());
            ControlFlow::Continue(())
        };
        let source = knowing(4);
        let output =
            GuessAndVerify::new(&mut model, source).decode_blocking(&request, &mut sink).unwrap();
        assert_eq!(output.tokens, oracle::decode(&mut ToyModel::default(), &request).unwrap());
        if plain {
            assert_eq!(output.tokens, truth(25));
            assert!(output.statistics.steps < 25);
        }
        assert_eq!(seen, output.scores);
        let mut path = PROMPT.to_vec();
        for (score, &token) in output.scores.iter().zip(&output.tokens) {
            let logits = model.logits_after(&path);
            let whole: f64 = logits.iter().map(|&logit| f64::from(logit).exp()).sum();
            let expected = |token: Token| (f64::from(logits[token as usize]) - whole.ln()) as f32;
            assert!((score.log_probability - expected(token)).abs() < 1e-5);
            assert_eq!(score.top.len(), 3);
            assert!(score.top.is_sorted_by(|a, b| a.1 > b.1 || (a.1 == b.1 && a.0 < b.0)));
            for &(token, likelihood) in &score.top {
                assert!((likelihood - expected(token)).abs() < 1e-5);
            }
            let least = score.top[2].1;
            let better = (0..12).filter(|&token| expected(token) > least + 1e-4).count();
            assert!(better <= 2, "the most likely ones");
            path.push(token);
        }
        let text = serde_json::to_string(&request).unwrap();
        assert_eq!(serde_json::from_str::<Request>(&text).unwrap(), request);
    }
    assert_eq!(model.info().vocabulary, 12);
}
