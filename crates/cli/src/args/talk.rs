//! `foretoken generate` and `foretoken chat`.

use std::num::NonZeroUsize;

use clap::Args;

use super::{MemoryArgs, ModelArgs, PromptArgs, VerifyArgs};
use crate::choices::{EndingArgs, SamplingArgs};
use crate::structure::StructureArgs;

/// Continues a prompt and prints the text as it comes.
///
/// Ctrl-C stops early: the text so far stays, and the exit code is 130. A second Ctrl-C ends the program at once.
#[derive(Debug, Args)]
#[expect(clippy::doc_markdown, reason = "shown as plain text by --help")]
#[command(after_help = "\
Examples:
  foretoken generate --prompt \"Write a haiku about rivers.\"
  foretoken generate --model model.gguf --strategy lookahead+prompt-lookup --color --prompt-file task.txt
  git diff | foretoken generate --system \"Summarize this change.\" -
  foretoken generate --prompt \"Write a limerick.\" --temperature 0.8 --top-p 0.95 --seed 7 --strategy prompt-lookup
  foretoken generate --pool mine.pool --learn --prompt-file letter.txt
  foretoken generate --prompt \"Describe Rome.\" --json-schema city.json
  foretoken generate --prompt \"Once upon a time\" --raw --json | jq .statistics")]
pub(crate) struct GenerateArgs {
    /// Who guesses: a name from `foretoken strategies`, options after a colon, + to combine.
    #[arg(long, value_name = "SPEC", default_value = "auto")]
    pub(crate) strategy: String,
    /// Stop after so many tokens.
    #[arg(long, value_name = "N", default_value = "256")]
    pub(crate) max_new_tokens: NonZeroUsize,
    /// Mark tokens that were guessed, each source in its own style; a legend goes to standard error.
    #[arg(long, conflicts_with = "json")]
    pub(crate) color: bool,
    /// Print one JSON object at the end instead of the text.
    ///
    /// Its members: model, strategy, threads, prompt_tokens (how many), tokens (the generated ids), text, stop,
    /// seconds and prefill_seconds, statistics.
    #[arg(long)]
    pub(crate) json: bool,
    /// With --json: each token's log-probability and those of the N most likely ones, as its member scores.
    #[arg(long, value_name = "N", requires = "json")]
    pub(crate) logprobs: Option<usize>,
    #[command(flatten)]
    pub(crate) sampling: SamplingArgs,
    #[command(flatten)]
    pub(crate) endings: EndingArgs,
    #[command(flatten)]
    pub(crate) structure: StructureArgs,
    #[command(flatten)]
    pub(crate) verify: VerifyArgs,
    #[command(flatten)]
    pub(crate) memory: MemoryArgs,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    #[command(flatten)]
    pub(crate) prompt: PromptArgs,
}

/// Talks with a model, turn by turn, and computes only what is new in each.
///
/// Every line of standard input is a turn. Lines that begin with / are commands: /help lists them. Ctrl-C ends an
/// answer and keeps what came of it; Ctrl-C while nothing is being said ends the program, and so does Ctrl-D.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  foretoken chat
  foretoken chat --model model.gguf --system \"Answer in one sentence.\" --temperature 0.7 --strategy prompt-lookup")]
pub(crate) struct ChatArgs {
    /// Who guesses: a name from `foretoken strategies`, options after a colon, + to combine.
    #[arg(long, value_name = "SPEC", default_value = "auto")]
    pub(crate) strategy: String,
    /// End an answer after so many tokens.
    #[arg(long, value_name = "N", default_value = "1024")]
    pub(crate) max_new_tokens: NonZeroUsize,
    /// What the model is told about its role, before the conversation.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) system: Option<String>,
    /// Mark tokens that were guessed, each source in its own style.
    #[arg(long)]
    pub(crate) color: bool,
    #[command(flatten)]
    pub(crate) sampling: SamplingArgs,
    #[command(flatten)]
    pub(crate) endings: EndingArgs,
    #[command(flatten)]
    pub(crate) structure: StructureArgs,
    #[command(flatten)]
    pub(crate) verify: VerifyArgs,
    #[command(flatten)]
    pub(crate) memory: MemoryArgs,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
}
