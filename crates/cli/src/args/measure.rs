//! `foretoken compare`, `calibrate` and `perplexity`: measurements of one model.

use std::{num::NonZeroUsize, path::PathBuf};

use clap::Args;

use super::{ModelArgs, PromptArgs, VerifyArgs};
use crate::choices::SamplingArgs;
use crate::structure::StructureArgs;

/// Measures strategies against plain decoding and checks that they say the same.
///
/// Runs alternate between the strategies, and medians are shown. Plain decoding (autoregressive) always runs: it is
/// what speedups are ratios to and what tokens are compared with. The exit code is 3 if a strategy's tokens differ.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  foretoken compare --prompt \"Explain how a bicycle stays upright.\"
  foretoken compare --model model.gguf --strategies lookahead:w=5,n=4,lookahead:w=8,n=4,prompt-lookup
  foretoken compare --model model.gguf --prompt-file task.txt --runs 5 --json > result.json")]
pub(crate) struct CompareArgs {
    /// Strategies with commas between; may be given several times. Default: one of each kind.
    #[arg(long, value_name = "LIST")]
    pub(crate) strategies: Vec<String>,
    /// Stop after so many tokens.
    #[arg(long, value_name = "N", default_value = "128")]
    pub(crate) max_new_tokens: NonZeroUsize,
    /// Measured runs of each strategy.
    #[arg(long, value_name = "N", default_value = "3")]
    pub(crate) runs: NonZeroUsize,
    /// Print one JSON object instead of the table; times are of decoding only, the prompt's apart.
    #[arg(long)]
    pub(crate) json: bool,
    /// With --json-schema or --regex: run each strategy also without guesses at what these force.
    #[arg(long)]
    pub(crate) unforced: bool,
    #[command(flatten)]
    pub(crate) sampling: SamplingArgs,
    #[command(flatten)]
    pub(crate) structure: StructureArgs,
    #[command(flatten)]
    pub(crate) verify: VerifyArgs,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    #[command(flatten)]
    pub(crate) prompt: PromptArgs,
}

/// Measures how the time of a pass grows with the guesses it verifies.
///
/// t(n) is the time of a pass over n nodes of a token tree, behind a context of so many tokens. Beside it stand
/// t(n)/t(1), and its ratio to the floor: the bytes of weights and cache that any pass must read, over the bandwidth of
/// memory, which is measured too. The times are kept in the cache folder, for this model, machine and number of threads.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  foretoken calibrate --model model.gguf
  foretoken calibrate --model model.gguf --contexts 512,4096 --rounds 15
  foretoken calibrate --json | jq '.contexts[0].points'")]
pub(crate) struct CalibrateArgs {
    /// Committed tokens before a pass, with commas between. Default: 256,1024,2048 as far as the context allows.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) contexts: Vec<usize>,
    /// Measured passes of each kind, of which medians are taken.
    #[arg(long, value_name = "N", default_value = "7")]
    pub(crate) rounds: NonZeroUsize,
    /// Print one JSON object instead of the table; times are in milliseconds.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
}

/// Measures how well a model predicts a text.
///
/// The text is cut into chunks of so many tokens, which know nothing of each other; a rest is left out. Each chunk begins
/// with the tokens that begin every sequence of the model, if it has any.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  foretoken perplexity --model model.gguf --file book.txt
  foretoken perplexity --model model.gguf --file book.txt --chunk 1024 --json")]
pub(crate) struct PerplexityArgs {
    /// A file with the text, in UTF-8; - reads standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Tokens of a chunk.
    #[arg(long, value_name = "N", default_value = "512")]
    pub(crate) chunk: NonZeroUsize,
    /// Predict so many chunks at most. Default: all.
    #[arg(long, value_name = "N")]
    pub(crate) chunks: Option<NonZeroUsize>,
    /// Print one JSON object instead of a sentence.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
}
