use std::ops::ControlFlow;
use std::task::{Context as TaskContext, Waker};

use foretoken_core::blocking::BlockingDecoder;
use foretoken_core::{Decoder, Emitted, Generation, Request, Token};

use super::{Company, Coverage, Difference, Settings, Violation, cases};
use crate::{TestModel, oracle};

/// The requests of one model with what must come out.
pub(super) struct Runner {
    model: TestModel,
    cases: Vec<(Request, Vec<Token>)>,
}

impl Runner {
    /// Asks the oracle. A second turn follows the request with the longest prompt.
    pub(super) fn new(model: &TestModel) -> Self {
        let mut runner = Self { model: model.clone(), cases: Vec::new() };
        for request in cases::requests(model) {
            runner.expect(request);
        }
        let longest = runner.cases.iter().max_by_key(|(request, _)| request.prompt.len());
        if let Some((request, output)) = longest {
            let turn = [request.prompt.as_slice(), output, &request.prompt[..1]].concat();
            if turn.len() < model.context_length() {
                runner.expect(Request::new(turn).with_max_new_tokens(12));
            }
        }
        runner
    }

    fn expect(&mut self, request: Request) {
        let expected = oracle::decode(self.model.build().as_mut(), &request)
            .expect("the requests suit the models");
        self.cases.push((request, expected));
    }

    /// Whole sequences, prompt and output.
    pub(super) fn known(&self) -> Vec<Vec<Token>> {
        let whole = |(request, output): &(Request, Vec<Token>)| {
            [request.prompt.as_slice(), output.as_slice()].concat()
        };
        self.cases.iter().map(whole).collect()
    }

    /// All requests one after another, each cancelled or stopped once before it
    /// runs to its end.
    pub(super) fn decode_all(
        &self,
        decoder: &mut dyn Decoder,
        settings: Settings,
        company: Company,
        coverage: &mut Coverage,
    ) -> Result<(), Box<Violation>> {
        for (index, (request, expected)) in self.cases.iter().enumerate() {
            let violation = |earlier, (difference, expected): (Difference, &[Token])| {
                Box::new(Violation {
                    model: self.model.clone(),
                    request: request.clone(),
                    settings,
                    company,
                    earlier,
                    expected: expected.to_vec(),
                    difference,
                })
            };
            let interrupted = if index % 2 == 0 {
                cancelled(decoder, request, index + 2, expected)
            } else {
                stopped(decoder, request, &expected[..expected.len() / 2])
            };
            interrupted.map_err(|wrong| violation(2 * index, wrong))?;
            let output = completed(decoder, request, expected)
                .map_err(|wrong| violation(2 * index + 1, wrong))?;
            coverage.count(&output, company);
        }
        Ok(())
    }
}

/// A difference, and what was expected.
type Wrong<'a> = (Difference, &'a [Token]);

/// Decodes to the end.
fn completed<'a>(
    decoder: &mut dyn Decoder,
    request: &Request,
    expected: &'a [Token],
) -> Result<Generation, Wrong<'a>> {
    let mut seen = Vec::new();
    let output = decoder
        .decode_blocking(request, &mut seen)
        .map_err(|error| (Difference::Failure(error.to_string()), expected))?;
    if output.tokens != expected {
        return Err((Difference::Output(output.tokens), expected));
    }
    if seen != expected {
        return Err((Difference::Sink(seen), expected));
    }
    Ok(output)
}

/// Drops the future after some polls.
fn cancelled<'a>(
    decoder: &mut dyn Decoder,
    request: &Request,
    polls: usize,
    expected: &'a [Token],
) -> Result<(), Wrong<'a>> {
    let mut seen = Vec::new();
    let mut future = decoder.decode(request, &mut seen);
    let mut task = TaskContext::from_waker(Waker::noop());
    for _ in 0..polls {
        if future.as_mut().poll(&mut task).is_ready() {
            break;
        }
    }
    drop(future);
    if expected.starts_with(&seen) { Ok(()) } else { Err((Difference::Cancelled(seen), expected)) }
}

/// Lets the sink stop after the tokens of `expected`, one at least.
fn stopped<'a>(
    decoder: &mut dyn Decoder,
    request: &Request,
    expected: &'a [Token],
) -> Result<(), Wrong<'a>> {
    if expected.is_empty() {
        return Ok(());
    }
    let mut seen = Vec::new();
    let mut sink = |emitted: &Emitted<'_>| {
        seen.push(emitted.token);
        if seen.len() < expected.len() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let output = decoder
        .decode_blocking(request, &mut sink)
        .map_err(|error| (Difference::Failure(error.to_string()), expected))?;
    if output.tokens != expected {
        return Err((Difference::Output(output.tokens), expected));
    }
    if seen != expected {
        return Err((Difference::Sink(seen), expected));
    }
    Ok(())
}
