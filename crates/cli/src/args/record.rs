//! `foretoken trace` and `foretoken replay`.

use std::{num::NonZeroUsize, path::PathBuf};

use clap::Args;

use super::{DatasetArgs, ModelArgs, VerifyArgs};

/// Records what plain decoding makes of many prompts, for `foretoken replay`.
///
/// A line of the trace holds a prompt's tokens, what came out, and the most likely tokens at every position. A trace
/// that is there already is gone on with: prompts that it has are left out.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  foretoken trace --prompts prompts.jsonl --out model.trace
  foretoken trace --prompts prompts.jsonl --limit 5 --model model.gguf --out model.trace")]
pub(crate) struct TraceArgs {
    #[command(flatten)]
    pub(crate) prompts: DatasetArgs,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Stop after so many tokens.
    #[arg(long, value_name = "N", default_value = "200")]
    pub(crate) max_new_tokens: NonZeroUsize,
    /// How many of the most likely tokens are kept of each position.
    #[arg(long, value_name = "K", default_value = "8", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) top_k: u16,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
}

/// Scores strategies on a trace without its model, in seconds.
///
/// The decoder, the strategies and their budget are the real ones; only the model's answers come from the trace, and its
/// times from --cost. For strategies that look at the text only, tokens per step are exactly those of the model. What
/// the model would say beside the text is not in the trace: for recycling, jacobi and lookahead they are approximate.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  foretoken replay --trace model.trace --strategies suffix,prompt-lookup
  foretoken replay --trace model.trace --cost c=0.05 --cut-loops --json
  foretoken calibrate --json > cost.json && foretoken replay --trace model.trace --cost cost.json")]
#[expect(clippy::struct_excessive_bools, reason = "each switch stands for itself")]
pub(crate) struct ReplayArgs {
    /// A file that `foretoken trace` wrote.
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: PathBuf,
    /// Strategies with commas between; may be given several times. Default: one of each kind.
    #[arg(long, value_name = "LIST")]
    pub(crate) strategies: Vec<String>,
    /// What passes cost: c=X if each further node takes X of the first one's time, or a file of `foretoken calibrate
    /// --json`.
    #[arg(long, value_name = "c=X|FILE", default_value = "c=0.2")]
    pub(crate) cost: String,
    /// Cut outputs where they begin to repeat themselves for good.
    #[arg(long)]
    pub(crate) cut_loops: bool,
    /// A fresh strategy for each prompt. Default: one decodes all prompts, as it would in use, so that what it may keep
    /// from one to the next is kept.
    #[arg(long, conflicts_with = "shared_pool")]
    pub(crate) fresh: bool,
    /// Guess from what earlier prompts and outputs said, too; the pool is empty at first.
    #[arg(long)]
    pub(crate) shared_pool: bool,
    /// Print one JSON object instead of the table.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) verify: VerifyArgs,
}
