//! The check passes what is lossless, and fails every defect it is meant to find.

use std::ops::ControlFlow;

use foretoken_core::{
    CandidateSource, DecodeError, Decoder, Emitted, Generation, Model, NodeId, Pass, Request,
    Sampling, Step, StopReason, Token, TokenSet, TokenSink, TokenTree, Want, async_trait,
};
use foretoken_decoder::Chooser;
use foretoken_testkit::lossless::{self, Difference, Settings, Violation};
use foretoken_testkit::{assert_lossless, sources::Hostile};

fn no_source() -> Box<dyn CandidateSource> {
    Box::new(Vec::<Box<dyn CandidateSource>>::new())
}

#[test]
fn hostility_is_lossless_and_sometimes_right() {
    let coverage = assert_lossless!(Hostile::new(1));
    assert!(coverage.outputs > 500 && coverage.tokens > 5000, "{coverage}");
    assert!(coverage.accepted > 100 && coverage.steps + 100 < coverage.tokens, "{coverage}");
}

#[test]
fn a_source_that_guesses_nothing_shows_in_the_coverage() {
    let coverage = assert_lossless!(Vec::<Box<dyn CandidateSource>>::new());
    assert_eq!((coverage.proposed, coverage.accepted), (0, 0));
}

#[test]
fn captured_configuration_may_be_used() {
    let seed = 4;
    assert_lossless!(Hostile::new(seed));
}

/// What a [`Broken`] decoder does wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Defect {
    None,
    /// Emits a guess (the last token again) that the model did not choose.
    AcceptsAGuess,
    /// Takes the highest token on a tie.
    HighestOnTies,
    /// Goes on after an end of sequence.
    IgnoresEndOfSequence,
    /// Does not emit the end-of-sequence token.
    SwallowsEndOfSequence,
    /// Emits one token too many.
    OneTooMany,
    /// Stops one token before the context is full.
    StopsEarlyAtContext,
    /// The first token after the prompt is lost.
    LosesTheFirst,
    /// The second request continues the first one's sequence.
    KeepsTheSequence,
    /// The sink does not see the last token.
    SinkMissesTheLast,
    /// After a future was dropped nothing works any more.
    BreaksWhenCancelled,
    /// The sink's wish to stop is not heard.
    IgnoresTheSink,
    /// Never samples.
    IgnoresSampling,
    /// Draws the same numbers for every sequence, wherever it starts.
    CountsPositionsFromTheOutput,
    /// Penalties forget the prompt.
    PenalizesTheOutputOnly,
    /// Emits a wrong token and then waits, so that only a cancelled run shows it.
    WrongWhenCancelled,
}

/// Plain decoding with one defect.
struct Broken {
    model: Box<dyn Model>,
    defect: Defect,
    seq: Option<foretoken_core::SeqId>,
    running: bool,
    runs: usize,
}

#[async_trait]
impl Decoder for Broken {
    async fn decode(
        &mut self,
        request: &Request,
        sink: &mut dyn TokenSink,
    ) -> Result<Generation, DecodeError> {
        if self.running && self.defect == Defect::BreaksWhenCancelled {
            return Err(DecodeError::config("left running"));
        }
        self.running = true;
        if self.defect != Defect::KeepsTheSequence
            && let Some(seq) = self.seq.take()
        {
            self.model.close(seq);
        }
        let output = self.run(request, sink).await;
        self.running = false;
        output
    }
}

impl Broken {
    async fn run(
        &mut self,
        request: &Request,
        sink: &mut dyn TokenSink,
    ) -> Result<Generation, DecodeError> {
        let defect = self.defect;
        let seq = match self.seq {
            Some(seq) => seq,
            None => self.model.open()?,
        };
        self.seq = Some(seq);
        let ends: TokenSet = request
            .end_of_sequence
            .clone()
            .unwrap_or_else(|| self.model.info().end_of_sequence.clone());
        let mut most = request.max_new_tokens;
        let mut context = self.model.info().context_length;
        match defect {
            Defect::OneTooMany => most += 1,
            Defect::StopsEarlyAtContext => context -= 1,
            _ => {}
        }
        let mut output = Generation::default();
        let mut history = request.prompt.clone();
        let mut chooser = Chooser::new(request, self.model.info())?;
        let mut next = 0;
        self.runs += 1;
        while output.tokens.len() < most && history.len() < context {
            while next < history.len() {
                let tree = TokenTree::chain(history[next], &[]);
                let mut pass =
                    self.model.forward(&[Step::new(seq, &tree, &[Want::Logits])]).await?;
                let mut logits = vec![0.0; pass.vocabulary()];
                pass.logits(0, NodeId::ROOT, &mut logits).await?;
                let sampled = if next + 1 == history.len() {
                    sample(defect, &mut chooser, request, &history, &mut *pass).await?
                } else {
                    None
                };
                drop(pass);
                self.model.commit(seq, &[NodeId::ROOT])?;
                next += 1;
                if next == history.len() {
                    let top = logits.iter().copied().fold(f32::MIN, f32::max);
                    let chosen = |logit: &f32| *logit == top;
                    let token = match defect {
                        _ if sampled.is_some() => sampled.map(|token| token as usize),
                        Defect::HighestOnTies => logits.iter().rposition(chosen),
                        Defect::AcceptsAGuess if output.tokens.len() == 9 => {
                            Some(history[next - 1] as usize)
                        }
                        Defect::WrongWhenCancelled if self.runs == 1 => {
                            logits.iter().position(|logit| *logit != top)
                        }
                        _ => logits.iter().position(chosen),
                    };
                    history.push(token.unwrap() as Token);
                    break;
                }
            }
            let token = *history.last().unwrap();
            let end = ends.contains(token);
            if end && defect == Defect::SwallowsEndOfSequence {
                break;
            }
            let index = output.tokens.len();
            let first = history.len() == request.prompt.len() + 1;
            let mut stop = false;
            if !(defect == Defect::LosesTheFirst && first) {
                output.tokens.push(token);
                let last = output.tokens.len() == most;
                if !(defect == Defect::SinkMissesTheLast && last) {
                    stop = sink.token(&Emitted::plain(token, index)) == ControlFlow::Break(());
                }
            }
            if end && defect != Defect::IgnoresEndOfSequence {
                output.stop = StopReason::EndOfSequence;
                break;
            }
            if stop && defect != Defect::IgnoresTheSink {
                output.stop = StopReason::Sink;
                break;
            }
            Pause(false).await;
        }
        Ok(output)
    }
}

/// The token that a request with sampling settings asks for, with the defect.
async fn sample(
    defect: Defect,
    chooser: &mut Chooser,
    request: &Request,
    history: &[Token],
    pass: &mut dyn Pass,
) -> Result<Option<Token>, DecodeError> {
    if request.sampling == Sampling::default() || defect == Defect::IgnoresSampling {
        return Ok(None);
    }
    let mut path = history.to_vec();
    match defect {
        Defect::CountsPositionsFromTheOutput => drop(path.drain(..request.prompt.len() - 1)),
        Defect::PenalizesTheOutputOnly => path[..request.prompt.len()].fill(history[0]),
        _ => {}
    }
    chooser.start(&path);
    chooser.choose(pass, 0, NodeId::ROOT).await.map(Some)
}

/// Pending once, so that a run can be cancelled.
struct Pause(bool);

impl Future for Pause {
    type Output = ();

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        task: &mut std::task::Context<'_>,
    ) -> std::task::Poll<()> {
        task.waker().wake_by_ref();
        if std::mem::replace(&mut self.0, true) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    }
}

fn check(defect: Defect) -> Result<lossless::Coverage, Box<Violation>> {
    let decoder = |model, _source, _settings: Settings| -> Box<dyn Decoder> {
        Box::new(Broken { model, defect, seq: None, running: false, runs: 0 })
    };
    lossless::check_decoder(decoder, no_source)
}

#[test]
fn a_right_decoder_passes() {
    assert!(check(Defect::None).is_ok());
}

#[test]
fn every_defect_is_found() {
    for defect in [
        Defect::AcceptsAGuess,
        Defect::HighestOnTies,
        Defect::IgnoresEndOfSequence,
        Defect::SwallowsEndOfSequence,
        Defect::OneTooMany,
        Defect::StopsEarlyAtContext,
        Defect::LosesTheFirst,
        Defect::KeepsTheSequence,
        Defect::SinkMissesTheLast,
        Defect::BreaksWhenCancelled,
        Defect::IgnoresTheSink,
        Defect::WrongWhenCancelled,
        Defect::IgnoresSampling,
        Defect::CountsPositionsFromTheOutput,
        Defect::PenalizesTheOutputOnly,
    ] {
        let violation = check(defect).expect_err(&format!("{defect:?} passed"));
        match (defect, &violation.difference) {
            (Defect::SinkMissesTheLast, Difference::Sink(_))
            | (Defect::BreaksWhenCancelled, Difference::Failure(_))
            | (Defect::WrongWhenCancelled, Difference::Cancelled(_)) => {}
            (
                Defect::SinkMissesTheLast
                | Defect::BreaksWhenCancelled
                | Defect::WrongWhenCancelled,
                _,
            ) => panic!("{defect:?}: {violation}"),
            _ => {}
        }
    }
}

#[test]
fn a_violation_tells_all_that_is_needed_to_see_it_again() {
    let violation = check(Defect::AcceptsAGuess).unwrap_err();
    let Difference::Output(actual) = &violation.difference else { panic!("{violation}") };
    let text = violation.to_string();
    for part in [
        format!("the output differs at index 9: token {}", actual[9]),
        format!("instead of token {}", violation.expected[9]),
        format!("expected: {:?}", violation.expected),
        format!("actual:   {actual:?}"),
        format!("{:?}", violation.model),
        format!("{:?}", violation.request.prompt),
        "max_nodes".to_owned(),
        "Alone".to_owned(),
    ] {
        assert!(text.contains(&part), "{part:?} is not in\n{text}");
    }
}

#[test]
fn a_missing_or_superfluous_token_is_named() {
    let violation = check(Defect::OneTooMany).unwrap_err();
    assert!(violation.to_string().contains("instead of the end"), "{violation}");
    let violation = check(Defect::StopsEarlyAtContext).unwrap_err();
    assert!(violation.to_string().contains("the end instead of token"), "{violation}");
}
