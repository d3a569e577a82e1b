//! `foretoken generate`: one prompt, one strategy, text as it comes.

use std::io::{self, IsTerminal};

use anyhow::bail;
use foretoken::{
    Constraint, DecodeError, Generation, GuessAndVerify, Model, Score, Statistics, StopReason,
    Token, blocking::BlockingDecoder, strategy::Spec,
};
use serde::Serialize;

use crate::{
    args::GenerateArgs,
    exit::{Exit, notice},
    interrupt::{self, Heeded},
    memory::Remembered,
    output,
    palette::Palette,
    prompt,
    session::{self, Session},
    stream::{Stream, Streamed},
    structure,
};

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'a> {
    model: &'a str,
    file_type: &'a str,
    strategy: String,
    threads: usize,
    prompt_tokens: usize,
    tokens: &'a [Token],
    #[serde(skip_serializing_if = "<[Score]>::is_empty")]
    scores: &'a [Score],
    text: &'a str,
    stop: &'static str,
    /// Decoding only.
    seconds: f64,
    prefill_seconds: f64,
    tokens_per_second: f64,
    tokens_per_step: f64,
    nodes_per_step: f64,
    statistics: &'a Statistics,
}

/// Runs the subcommand.
pub(crate) fn run(args: &GenerateArgs) -> anyhow::Result<Exit> {
    let spec: Spec = args.strategy.parse()?;
    let (sampling, endings) = (args.sampling.settings()?, args.endings.endings()?);
    let structure = args.structure.read()?;
    let Some(text) = prompt::read(&args.prompt)? else {
        bail!(
            "there is no prompt: give --prompt TEXT, --prompt-file FILE, or - to read standard input"
        );
    };
    let mut session = Session::open(&args.model, &args.prompt, &text)?;
    sampling.validate_for(session.model.info().vocabulary)?;
    let mut remembered = Remembered::open(&args.memory, &session.tokenizer)?;
    let mut request = endings.request(&session.prompt, args.max_new_tokens).with_sampling(sampling);
    request.scores = args.logprobs;
    let grammar = structure.map(|structure| structure.grammar(&session.tokenizer)).transpose()?;
    let constraint = grammar.as_ref().map(|grammar| grammar as &dyn Constraint);
    let palette = args.color.then(|| Palette::new(structure::names(&spec, constraint)));
    if let Some(palette) = &palette {
        notice(&palette.legend());
    }
    let decoder = session.tokenizer.incremental_decoder();
    let mut stream = Stream::new(decoder, endings.strings, !args.json, palette);

    let heeded = Heeded::begin();
    let source = structure::with_forced(&spec, remembered.source(&spec), constraint);
    let mut decoder = GuessAndVerify::new(&mut session.model, source)
        .with_experience(remembered.experience(&session.experience))
        .with_config(session::config(args.verify));
    decoder.set_constraint(constraint.map(Constraint::fork));
    let result = decoder.decode_blocking(&request, &mut stream);
    let learned = decoder.experience();
    drop(decoder);
    let streamed = Stream::finish(stream);
    let (generation, error) = match result {
        Ok(generation) => (generation, None),
        Err(error) => (error.generated().clone(), Some(error)),
    };
    let stop = stop(&generation, error.as_ref());
    if args.json {
        output::print_json(&report(&session, &spec, &generation, &streamed, stop))?;
    } else if args.color || io::stderr().is_terminal() {
        summarize(&generation, &streamed, stop);
    }
    drop(heeded);
    remembered.keep(&learned)?;
    if let Some(failure) = streamed.failure {
        return Err(failure.into());
    }
    if let Some(error) = error {
        return Err(error.into());
    }
    Ok(if stop == INTERRUPTED { Exit::Interrupted } else { Exit::Done })
}

pub(crate) const INTERRUPTED: &str = "interrupted";

/// Why no more came out.
pub(crate) fn stop(generation: &Generation, error: Option<&DecodeError>) -> &'static str {
    match generation.stop {
        _ if error.is_some() => "failed",
        StopReason::Sink if interrupt::asked() => INTERRUPTED,
        StopReason::Sink => "output_closed",
        StopReason::EndOfSequence => "end_of_sequence",
        StopReason::ContextFull => "context_full",
        StopReason::StopString => "stop_string",
        StopReason::TimeBudget => "time_budget",
        StopReason::Repetition => "repetition",
        StopReason::MaxNewTokens => "max_new_tokens",
        _ => "other",
    }
}

fn report<'a>(
    session: &'a Session,
    spec: &Spec,
    generation: &'a Generation,
    streamed: &'a Streamed,
    stop: &'static str,
) -> Report<'a> {
    let statistics = &generation.statistics;
    Report {
        model: &session.name,
        file_type: &session.description.file_type,
        strategy: spec.to_string(),
        threads: session.threads,
        prompt_tokens: session.prompt.len(),
        tokens: &generation.tokens,
        scores: &generation.scores,
        text: &streamed.text,
        stop,
        seconds: statistics.decode_time().as_secs_f64(),
        prefill_seconds: statistics.prefill_time.as_secs_f64(),
        tokens_per_second: per_second(statistics),
        tokens_per_step: statistics.tokens_per_step(),
        nodes_per_step: statistics.nodes_per_step(),
        statistics,
    }
}

/// 0 if nothing came out.
pub(crate) fn per_second(statistics: &Statistics) -> f64 {
    let seconds = statistics.decode_time().as_secs_f64();
    if seconds > 0.0 { statistics.generated_tokens as f64 / seconds } else { 0.0 }
}

fn summarize(generation: &Generation, streamed: &Streamed, stop: &'static str) {
    let statistics = &generation.statistics;
    let palette = streamed.palette.as_ref();
    if let Some(counts) = palette.and_then(|palette| palette.counts(generation.tokens.len())) {
        notice(&counts);
    }
    notice(&format!(
        "{} tokens in {:.2} s, {:.1} tokens/s, {:.2} tokens a step; the prompt's {} took {:.2} s ({})",
        statistics.generated_tokens,
        statistics.decode_time().as_secs_f64(),
        per_second(statistics),
        statistics.tokens_per_step(),
        statistics.prompt_tokens,
        statistics.prefill_time.as_secs_f64(),
        stop.replace('_', " "),
    ));
}
