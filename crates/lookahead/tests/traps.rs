//! What public implementations got wrong at the decoder's end.

use std::ops::ControlFlow;

use foretoken_core::blocking::BlockingDecoder;
use foretoken_core::{DepthCount, Emitted, Generation, Request, StopReason, Token};
use foretoken_decoder::{BudgetMode, Config as DecoderConfig, GuessAndVerify};
use foretoken_lookahead::{Config, Lookahead};
use foretoken_testkit::oracle;
use foretoken_testkit::toy::{ToyConfig, ToyModel};

/// A toy whose text repeats itself.
fn toy(seed: u64) -> ToyModel {
    ToyModel::new(ToyConfig { seed, order: 1, surprise: 0, ..ToyConfig::default() })
}

fn decode(seed: u64, request: &Request, sink: &mut dyn foretoken_core::TokenSink) -> Generation {
    let source = Lookahead::new(Config::default().with_ngram(5)).unwrap();
    let fixed = DecoderConfig::default().with_budget(BudgetMode::Fixed);
    let mut decoder = GuessAndVerify::new(toy(seed), source).with_config(fixed);
    decoder.decode_blocking(request, sink).unwrap()
}

fn plain(seed: u64, request: &Request) -> Vec<Token> {
    let ends = request.end_of_sequence.clone().unwrap_or_default();
    oracle::greedy(&mut toy(seed), &request.prompt, request.max_new_tokens, &ends).unwrap()
}

fn request() -> Request {
    Request::new([1, 2, 3]).with_max_new_tokens(120)
}

#[test]
fn no_step_loses_its_bonus_token() {
    for seed in 0..8 {
        let mut accepted = 0;
        let output = decode(seed, &request(), &mut |emitted: &Emitted<'_>| {
            accepted += usize::from(emitted.depth > 0);
            ControlFlow::Continue(())
        });
        // Each step emits what it accepted and one token more.
        assert_eq!(output.tokens.len(), accepted + output.statistics.steps);
        // An n-gram of 5 that is right to its end yields 5 tokens.
        let full = |by_depth: &[DepthCount]| by_depth.get(3).is_some_and(|d| d.accepted > 0);
        assert!(output.statistics.sources.iter().any(|s| full(&s.by_depth)), "seed {seed}");
    }
}

#[test]
fn multi_token_accepts_neither_repeat_nor_skip_a_token() {
    for seed in 0..8 {
        let output = decode(seed, &request(), &mut ());
        assert!(output.statistics.tokens_per_step() > 1.5);
        assert_eq!(output.tokens, plain(seed, &request()));
    }
}

#[test]
fn the_sink_gets_every_token_on_its_own_and_in_order() {
    let mut seen = Vec::new();
    let mut sink = |emitted: &Emitted<'_>| {
        assert_eq!(emitted.index, seen.len());
        seen.push(emitted.token);
        ControlFlow::Continue(())
    };
    let output = decode(1, &request(), &mut sink);
    assert_eq!(seen, output.tokens);
    assert_eq!(seen.len(), 120);
}

#[test]
fn any_end_of_sequence_token_ends_the_text_at_once() {
    for seed in 0..8 {
        let text = plain(seed, &request());
        for end in text.iter().copied() {
            // Two ends, of which the second is the one that comes; 999 never does.
            let request = request().with_end_of_sequence([999, end]);
            let output = decode(seed, &request, &mut ());
            let at = text.iter().position(|&token| token == end).unwrap();
            assert_eq!(output.tokens, text[..=at]);
            assert_eq!(output.stop, StopReason::EndOfSequence);
        }
    }
}

#[test]
fn the_sink_stops_the_text_in_the_middle_of_an_accepted_path() {
    let text = plain(1, &request());
    for stop in 1..60 {
        let mut seen = 0;
        let mut sink = |_: &Emitted<'_>| {
            seen += 1;
            if seen < stop { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        let output = decode(1, &request(), &mut sink);
        assert_eq!(output.tokens, text[..stop]);
        assert_eq!(output.stop, StopReason::Sink);
    }
}

#[test]
fn the_limit_counts_tokens_and_not_steps() {
    let text = plain(1, &request());
    for limit in 0..60 {
        let output = decode(1, &request().with_max_new_tokens(limit), &mut ());
        assert_eq!(output.tokens, text[..limit]);
    }
}

#[test]
fn repetitive_text_takes_fewer_steps_than_tokens_even_without_text_ngrams() {
    for seed in 0..8 {
        let config = Config::default().with_prompt(false).with_output(false);
        let source = Lookahead::new(config).unwrap();
        let fixed = DecoderConfig::default().with_budget(BudgetMode::Fixed);
        let output = GuessAndVerify::new(toy(seed), source)
            .with_config(fixed)
            .decode_blocking(&request(), &mut ())
            .unwrap();
        let per_step = output.statistics.tokens_per_step();
        assert!(per_step > 1.3, "seed {seed}: {per_step}");
    }
}
