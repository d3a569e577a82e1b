//! `foretoken perplexity`: how well a model predicts a text.

use std::time::Instant;

use console::style;
use foretoken::{
    candle::Special,
    measure::{self, Perplexity, Text},
};
use serde::Serialize;

use crate::{
    args::PerplexityArgs,
    exit::Exit,
    interrupt::{Heeded, Interrupted},
    output, progress, prompt,
    session::Opened,
};

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'a> {
    model: &'a str,
    file_type: &'a str,
    threads: usize,
    /// Tokens of a chunk, those that begin it included.
    chunk_tokens: usize,
    chunks: usize,
    predicted_tokens: usize,
    nats_per_token: f64,
    perplexity: f64,
    seconds: f64,
}

/// Runs the subcommand.
pub(crate) fn run(args: &PerplexityArgs) -> anyhow::Result<Exit> {
    let text = prompt::whole_text(&args.file)?;
    let mut opened = Opened::open(&args.model)?;
    let tokenizer = &opened.loaded.tokenizer;
    let prefix = tokenizer.prefix().to_vec();
    let mut tokens = tokenizer.encode(&text, Special::NONE)?;
    let chunk = args.chunk.get();
    if let Some(most) = args.chunks {
        tokens.truncate(most.get().saturating_mul(chunk.saturating_sub(prefix.len())));
    }
    let text = Text::new(&prefix, &tokens, chunk)?;

    let heeded = Heeded::begin();
    let bar = progress::rows("Reading");
    let started = Instant::now();
    let found = measure::perplexity(&mut opened.loaded.model, &text, &mut progress::watch(&bar));
    let seconds = started.elapsed().as_secs_f64();
    bar.finish_and_clear();
    drop(heeded);
    let found = found?.ok_or(Interrupted)?;
    let Perplexity { nats, predicted, chunks, .. } = found;
    if args.json {
        output::print_json(&Report {
            model: &opened.name,
            file_type: &opened.loaded.description.file_type,
            threads: opened.threads.get(),
            chunk_tokens: (predicted / chunks + prefix.len().max(1)),
            chunks,
            predicted_tokens: predicted,
            nats_per_token: nats,
            perplexity: found.perplexity(),
            seconds,
        })?;
    } else {
        let (title, perplexity) = (style(opened.title()).bold(), found.perplexity());
        output::print(&format!(
            "{title}: perplexity {perplexity:.4}, {nats:.5} nats a token, over {predicted} tokens in {chunks} chunks\n"
        ))?;
    }
    Ok(Exit::Done)
}
