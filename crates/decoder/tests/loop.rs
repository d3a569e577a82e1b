//! The loop: what ends it, what it counts, and what it leaves behind.

use std::ops::ControlFlow;
use std::task::{Context as TaskContext, Poll, Waker};

use foretoken_core::blocking::BlockingDecoder;
use foretoken_core::{
    CandidateSource, Context, DecodeErrorKind, Decoder, Draft, Emitted, Model, NodeId, Outcome,
    Request, SourceError, Stepped, StopReason, Token, TokenSet, TokenSink, Want, Wants,
    async_trait,
};
use foretoken_decoder::{Config, GuessAndVerify};
use foretoken_testkit::oracle;
use foretoken_testkit::toy::{Call, ToyConfig, ToyModel};

/// Guesses from a script: the true continuation, given in advance.
#[derive(Clone, Default)]
struct Script {
    text: Vec<Token>,
    guesses: usize,
    wants: Wants,
    prompt_len: usize,
    observed: Vec<Token>,
    prefilled: usize,
    ended_with: Vec<Token>,
    fail_at_step: Option<usize>,
    step: usize,
}

#[async_trait]
impl CandidateSource for Script {
    fn name(&self) -> &'static str {
        "script"
    }

    fn wants(&self) -> Wants {
        self.wants
    }

    fn begin(&mut self, prompt: &[Token], _reused: usize) {
        self.prompt_len = prompt.len();
        self.observed.clear();
        self.prefilled = 0;
        self.step = 0;
    }

    async fn propose(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), SourceError> {
        self.step += 1;
        let next = (context.history.len() - self.prompt_len).min(self.text.len());
        let end = (next + self.guesses).min(self.text.len());
        draft.add_chain(NodeId::ROOT, &self.text[next..end], 0.9);
        if self.fail_at_step == Some(self.step) {
            return Err(SourceError::new("the script has a hole"));
        }
        Ok(())
    }

    fn observe(&mut self, outcome: &Outcome<'_>) {
        self.observed.extend(outcome.emitted());
        for (node, token) in outcome.accepted().iter().zip(outcome.emitted()) {
            assert_eq!(outcome.argmax(*node), Some(*token));
        }
    }

    fn prefilled(&mut self, chunk: &Outcome<'_>) {
        assert_eq!(chunk.accepted().len(), chunk.tree().len());
        for node in chunk.tree().nodes() {
            assert_eq!(chunk.top_k(node).len(), 3);
        }
        self.prefilled += chunk.tree().len();
    }

    fn fork(&self) -> Box<dyn CandidateSource> {
        Box::new(self.clone())
    }

    fn end(&mut self, tokens: &[Token]) {
        self.ended_with = tokens.to_vec();
    }
}

const PROMPT: [Token; 5] = [1, 2, 3, 1, 2];

fn truth(tokens: usize) -> Vec<Token> {
    let none = TokenSet::default();
    oracle::greedy(&mut ToyModel::default(), &PROMPT, tokens, &none).unwrap()
}

fn script(guesses: usize) -> Script {
    Script { text: truth(64), guesses, ..Script::default() }
}

#[test]
fn a_path_of_d_guesses_yields_d_plus_one_tokens() {
    for guesses in 0..6 {
        let mut model = ToyModel::default().with_log();
        let request = Request::new(PROMPT).with_max_new_tokens(24);
        let output = GuessAndVerify::new(&mut model, script(guesses))
            .decode_blocking(&request, &mut ())
            .unwrap();
        assert_eq!(output.tokens, truth(24));
        assert_eq!(output.stop, StopReason::MaxNewTokens);
        let statistics = output.statistics;
        assert_eq!(statistics.steps, 24usize.div_ceil(guesses + 1), "with {guesses} guesses");
        assert_eq!(statistics.generated_tokens, 24);
        let accepted: usize = statistics.sources.iter().map(|source| source.accepted).sum();
        assert_eq!(accepted, 24 - statistics.steps);
    }
}

#[test]
fn after_every_step_the_cache_holds_all_but_the_last_token() {
    let mut model = ToyModel::default().with_log();
    let mut decoder = GuessAndVerify::new(&mut model, script(3));
    let output =
        decoder.decode_blocking(&Request::new(PROMPT).with_max_new_tokens(17), &mut ()).unwrap();
    drop(decoder);
    let committed: usize = model
        .log()
        .iter()
        .map(|call| if let Call::Commit(_, nodes) = call { *nodes } else { 0 })
        .sum();
    assert_eq!(committed, PROMPT.len() + output.tokens.len() - 1);
    assert_eq!(model.open_sequences(), 0);
}

#[test]
fn any_of_a_set_of_tokens_ends_the_output_in_the_middle_of_a_step() {
    let text = truth(64);
    for end in [4usize, 5, 6, 9] {
        let token = text[end];
        let first = text.iter().position(|&other| other == token).unwrap();
        let request = Request::new(PROMPT).with_end_of_sequence([99, token]);
        let mut model = ToyModel::default();
        let mut decoder = GuessAndVerify::new(&mut model, script(5));
        let output = decoder.decode_blocking(&request, &mut ()).unwrap();
        assert_eq!(output.tokens, text[..=first]);
        assert_eq!(output.stop, StopReason::EndOfSequence);
        assert_eq!(decoder.source().observed, output.tokens, "the source saw where it ended");
        assert_eq!(decoder.source().ended_with, [&PROMPT, &*output.tokens].concat());
    }
}

#[test]
fn a_sink_that_breaks_ends_the_output_right_there() {
    for wanted in 1..12 {
        let mut seen = Vec::new();
        let mut sink = |emitted: &Emitted<'_>| {
            assert_eq!(emitted.index, seen.len());
            assert_eq!(emitted.depth > 0, emitted.sources().next() == Some("script"));
            seen.push(emitted.token);
            if seen.len() == wanted { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let mut model = ToyModel::default();
        let mut decoder = GuessAndVerify::new(&mut model, script(4));
        let output = decoder.decode_blocking(&Request::new(PROMPT), &mut sink).unwrap();
        assert_eq!(output.tokens, truth(wanted));
        assert_eq!(output.stop, StopReason::Sink);
        assert_eq!(decoder.source().observed, output.tokens);
        assert_eq!(seen, output.tokens);
    }
}

#[test]
fn the_context_fills_to_its_last_token() {
    let config = ToyConfig { context_length: 16, ..ToyConfig::default() };
    for guesses in [0, 3, 40] {
        let mut model = ToyModel::new(config.clone());
        let output = GuessAndVerify::new(&mut model, script(guesses))
            .decode_blocking(&Request::new(PROMPT), &mut ())
            .unwrap();
        assert_eq!(output.tokens, truth(16 - PROMPT.len()));
        assert_eq!(output.stop, StopReason::ContextFull);
    }
}

#[test]
fn the_prompt_runs_in_chunks_and_sources_may_learn_from_it() {
    for chunk in [1, 2, 3, 4, 512] {
        let mut model = ToyModel::default().with_log();
        let source = Script { wants: Wants::default().prompt(Want::TopK(3)), ..script(2) };
        let config = Config::default().with_prefill_chunk(chunk);
        let mut decoder = GuessAndVerify::new(&mut model, source).with_config(config);
        let request = Request::new(PROMPT).with_max_new_tokens(9);
        assert_eq!(decoder.decode_blocking(&request, &mut ()).unwrap().tokens, truth(9));
        assert_eq!(decoder.source().prefilled, PROMPT.len() - 1);
        drop(decoder);
        let sizes = model.pass_sizes();
        let passes = (PROMPT.len() - 1).div_ceil(chunk);
        assert_eq!(sizes[..passes].iter().sum::<usize>(), PROMPT.len() - 1);
        assert!(sizes[..passes].iter().all(|&size| size <= chunk));
    }
}

#[test]
fn a_sink_may_stop_during_prefill() {
    struct Impatient(usize);
    impl TokenSink for Impatient {
        fn token(&mut self, _: &Emitted<'_>) -> ControlFlow<()> {
            panic!("no token is wanted")
        }
        fn prefilled(&mut self, done: usize, total: usize) -> ControlFlow<()> {
            assert_eq!(total, PROMPT.len() - 1);
            if done >= self.0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    }
    let mut model = ToyModel::default();
    let output = GuessAndVerify::new(&mut model, script(2))
        .with_config(Config::default().with_prefill_chunk(1))
        .decode_blocking(&Request::new(PROMPT), &mut Impatient(2))
        .unwrap();
    assert!(output.tokens.is_empty());
    assert_eq!(output.stop, StopReason::Sink);
}

/// Sees the steps, and how many tokens were told before each ended.
#[derive(Default)]
struct Spectator {
    told: Vec<Token>,
    nodes: Vec<usize>,
    stop_after: Option<usize>,
}

impl TokenSink for Spectator {
    fn token(&mut self, emitted: &Emitted<'_>) -> ControlFlow<()> {
        self.told.push(emitted.token);
        let enough = self.stop_after == Some(self.told.len());
        if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn stepped(&mut self, step: &Stepped<'_>) {
        assert!(self.told.ends_with(step.emitted), "tokens are told before their step is over");
        for (&node, &token) in step.accepted[1..].iter().zip(step.emitted) {
            assert_eq!(step.tree.token(node), token);
            assert_eq!(step.sources(node).collect::<Vec<_>>(), ["script"]);
        }
        assert_eq!(step.sources(NodeId::ROOT).count(), 0);
        self.nodes.push(step.tree.len());
    }
}

#[test]
fn a_sink_sees_what_was_verified() {
    for (max_nodes, stop_after) in [(64, None), (1, None), (0, None), (64, Some(5))] {
        let mut model = ToyModel::default().with_log();
        let mut sink = Spectator { stop_after, ..Spectator::default() };
        let config = Config::default().with_max_nodes(max_nodes).with_prefill_chunk(64);
        let output = GuessAndVerify::new(&mut model, script(3))
            .with_config(config)
            .decode_blocking(&Request::new(PROMPT).with_max_new_tokens(20), &mut sink)
            .unwrap();
        assert_eq!(sink.told, output.tokens);
        assert_eq!(sink.nodes.len(), output.statistics.steps);
        // Not the draft, of which the budget leaves out what is not worth its time.
        assert_eq!(sink.nodes, model.pass_sizes()[1..], "the prompt is the first pass");
    }
}

#[test]
fn a_failing_source_is_counted_and_costs_nothing_else() {
    let mut model = ToyModel::default();
    let source = Script { fail_at_step: Some(2), ..script(2) };
    let output = GuessAndVerify::new(&mut model, source)
        .decode_blocking(&Request::new(PROMPT).with_max_new_tokens(20), &mut ())
        .unwrap();
    assert_eq!(output.tokens, truth(20));
    let script = &output.statistics.sources[0];
    assert_eq!((script.failures, script.name.as_str()), (1, "script"));
    assert_eq!(script.last_failure.as_deref(), Some("the script has a hole"));
}

#[test]
fn the_budget_is_kept() {
    for nodes in [0, 1, 2, 5] {
        let mut model = ToyModel::default().with_log();
        let output = GuessAndVerify::new(&mut model, script(9))
            .with_config(Config::default().with_max_nodes(nodes))
            .decode_blocking(&Request::new(PROMPT).with_max_new_tokens(20), &mut ())
            .unwrap();
        assert_eq!(output.tokens, truth(20));
        assert!(model.pass_sizes()[1..].iter().all(|&size| size <= nodes + 1));
    }
}

#[test]
fn bad_requests_are_refused_before_anything_runs() {
    let mut model = ToyModel::default().with_log();
    let mut decoder = GuessAndVerify::new(&mut model, script(2));
    let mut refuse = |request: &Request| {
        let error = decoder.decode_blocking(request, &mut ()).unwrap_err();
        assert!(!error.to_string().contains('\n'));
        error.kind()
    };
    assert_eq!(refuse(&Request::new([])), DecodeErrorKind::EmptyPrompt);
    assert_eq!(refuse(&Request::new([3, 12])), DecodeErrorKind::TokenOutOfRange);
    assert_eq!(refuse(&Request::new(vec![1; 512])), DecodeErrorKind::PromptTooLong);
    let config = Config::default().with_prefill_chunk(0);
    let error = GuessAndVerify::new(&mut ToyModel::default(), script(2))
        .with_config(config)
        .decode_blocking(&Request::new(PROMPT), &mut ())
        .unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::Config);
    drop(decoder);
    assert!(model.log().is_empty());
}

#[test]
fn an_error_keeps_what_came_out_before_it() {
    /// Fails after some passes.
    struct Flaky(ToyModel, usize);

    #[async_trait]
    impl Model for Flaky {
        fn info(&self) -> &foretoken_core::ModelInfo {
            self.0.info()
        }
        fn open(&mut self) -> Result<foretoken_core::SeqId, foretoken_core::ModelError> {
            self.0.open()
        }
        fn close(&mut self, seq: foretoken_core::SeqId) {
            self.0.close(seq);
        }
        fn len(&self, seq: foretoken_core::SeqId) -> usize {
            self.0.len(seq)
        }
        async fn forward<'m>(
            &'m mut self,
            steps: &[foretoken_core::Step<'_>],
        ) -> Result<Box<dyn foretoken_core::Pass + 'm>, foretoken_core::ModelError> {
            if self.1 == 0 {
                return Err(foretoken_core::ModelError::backend("the backend is gone"));
            }
            self.1 -= 1;
            self.0.forward(steps).await
        }
        fn commit(
            &mut self,
            seq: foretoken_core::SeqId,
            path: &[NodeId],
        ) -> Result<(), foretoken_core::ModelError> {
            self.0.commit(seq, path)
        }
        fn truncate(
            &mut self,
            seq: foretoken_core::SeqId,
            len: usize,
        ) -> Result<(), foretoken_core::ModelError> {
            self.0.truncate(seq, len)
        }
    }

    let mut model = Flaky(ToyModel::default(), 4);
    let mut decoder = GuessAndVerify::new(&mut model, script(2));
    let mut seen: Vec<Token> = Vec::new();
    let error = decoder.decode_blocking(&Request::new(PROMPT), &mut seen).unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::Model);
    assert_eq!(error.to_string(), "the model failed: the backend is gone");
    assert_eq!(error.generated().tokens, truth(9), "three steps of three tokens");
    assert_eq!(seen, truth(9));
    drop(decoder);
    assert_eq!(model.0.open_sequences(), 0);
}

#[test]
fn dropping_the_future_cancels_and_leaves_the_decoder_usable() {
    let mut model = ToyModel::default();
    let mut decoder = GuessAndVerify::new(&mut model, script(2));
    let request = Request::new(PROMPT).with_max_new_tokens(40);
    for polls in 1..12 {
        let mut seen: Vec<Token> = Vec::new();
        let mut future = decoder.decode(&request, &mut seen);
        let mut context = TaskContext::from_waker(Waker::noop());
        for _ in 0..polls {
            assert!(matches!(future.as_mut().poll(&mut context), Poll::Pending));
        }
        drop(future);
        assert_eq!(seen, truth(seen.len()), "what came out before is right");
        assert_eq!(seen.len(), 3 * (polls - 1), "one step a poll, after the prefill");
    }
    assert_eq!(decoder.decode_blocking(&request, &mut ()).unwrap().tokens, truth(40));
    assert_eq!(decoder.model().open_sequences(), 0);
    let mut sink = Vec::new();
    let mut future = decoder.decode(&request, &mut sink);
    assert!(future.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_pending());
    drop(future);
    drop(decoder);
    assert_eq!(model.open_sequences(), 0, "a dropped decoder closes what it left open");
}

#[test]
fn no_token_is_wanted() {
    let mut model = ToyModel::default();
    let output = GuessAndVerify::new(&mut model, script(2))
        .decode_blocking(&Request::new(PROMPT).with_max_new_tokens(0), &mut ())
        .unwrap();
    assert!(output.tokens.is_empty());
    assert_eq!(output.statistics.tokens_per_step(), 0.0);
}

#[test]
fn statistics_survive_serde() {
    let mut model = ToyModel::default();
    let output = GuessAndVerify::new(&mut model, script(2))
        .decode_blocking(&Request::new(PROMPT).with_max_new_tokens(10), &mut ())
        .unwrap();
    let text = serde_json::to_string(&output).unwrap();
    let mut back: foretoken_core::Generation = serde_json::from_str(&text).unwrap();
    let close = (back.statistics.decode_time().as_secs_f64()
        - output.statistics.decode_time().as_secs_f64())
    .abs();
    assert!(close < 1e-6);
    back.statistics = output.statistics.clone();
    assert_eq!(back, output);
}
