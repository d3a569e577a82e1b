//! What the finished model makes of prompts that it was not trained on.

use std::{num::NonZeroUsize, path::Path};

use foretoken::{
    GuessAndVerify, Request,
    blocking::BlockingDecoder,
    candle::{LoadOptions, Loaded, Special, load},
    decoder::{BudgetMode, Config},
    replay::loop_start,
    strategy,
};
use serde::Serialize;

use crate::corpus;

/// Most tokens of an answer.
const TOKENS: usize = 200;
/// Most guesses of a pass. All are verified, so that tokens per step say what guesses are worth, whatever a pass costs.
const NODES: usize = 16;
/// Who guesses.
const STRATEGIES: [&str; 7] =
    ["auto", "suffix", "recycling", "prompt-lookup", "ngram-pool", "lookahead", "jacobi"];

/// How the model did.
#[derive(Debug, Serialize)]
pub struct Evaluation {
    /// Each held-out prompt with the answer, greedy.
    pub answers: Vec<Answer>,
    /// The share of answers that never begin to repeat themselves for good.
    pub without_loops: f64,
    /// The share of answers that the model ended by itself.
    pub ended: f64,
    /// Tokens per step of each strategy over all prompts.
    pub tokens_per_step: Vec<(String, f64)>,
}

/// A prompt and what came of it.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// What was asked.
    pub prompt: String,
    /// What came out.
    pub text: String,
    /// Whether it ends in a loop.
    pub loops: bool,
}

/// Asks the model in `file` every held-out prompt, with every strategy, and checks that all say the same.
///
/// # Errors
/// A file that cannot be read; a strategy that says something else.
pub fn evaluate(file: &Path) -> anyhow::Result<Evaluation> {
    let options = LoadOptions::default().with_sequences(NonZeroUsize::MIN);
    let Loaded { mut model, tokenizer, .. } = load(file, &options)?;
    let prompts = corpus::held_out_prompts();
    let (mut answers, mut ended, mut plain) = (Vec::new(), 0, Vec::new());
    for prompt in &prompts {
        let request =
            Request::new(tokenizer.encode(&prompt.text, Special::ALL)?).with_max_new_tokens(TOKENS);
        let generation = GuessAndVerify::new(&mut model, strategy::by_name("autoregressive")?)
            .decode_blocking(&request, &mut ())?;
        ended += usize::from(generation.tokens.len() < TOKENS);
        answers.push(Answer {
            prompt: prompt.text.clone(),
            text: tokenizer.decode(&generation.tokens),
            loops: loop_start(&generation.tokens).is_some(),
        });
        plain.push((request, generation.tokens));
    }
    let config = Config::default().with_budget(BudgetMode::Fixed).with_max_nodes(NODES);
    let mut tokens_per_step = Vec::new();
    for name in STRATEGIES {
        let mut decoder =
            GuessAndVerify::new(&mut model, strategy::by_name(name)?).with_config(config);
        let (mut tokens, mut steps) = (0, 0);
        for (request, expected) in &plain {
            let generation = decoder.decode_blocking(request, &mut ())?;
            anyhow::ensure!(&generation.tokens == expected, "{name} says something else");
            tokens += generation.tokens.len();
            steps += generation.statistics.steps;
        }
        tokens_per_step.push((name.to_owned(), tokens as f64 / steps as f64));
    }
    let count = answers.len() as f64;
    let looping = answers.iter().filter(|answer| answer.loops).count() as f64;
    Ok(Evaluation {
        answers,
        without_loops: 1.0 - looping / count,
        ended: ended as f64 / count,
        tokens_per_step,
    })
}
