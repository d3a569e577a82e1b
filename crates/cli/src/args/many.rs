//! `foretoken bench` and `foretoken report`.

use std::{num::NonZeroUsize, path::PathBuf};

use clap::Args;

use super::{DatasetArgs, ModelArgs, VerifyArgs};
use crate::choices::SamplingArgs;

/// Measures strategies on many prompts against plain decoding, and checks that they say the same.
///
/// Each prompt is decoded by every strategy, one beginning after the other from prompt to prompt, each from an empty cache.
/// All turns of a prompt are measured: a conversation goes on with plain decoding's answers. A strategy keeps what it learned
/// from one prompt to the next, once for each prompt. The exit code is 3 if a strategy's tokens differ.
///
/// Results are written line by line: a run that was killed or interrupted is gone on with by the same command. What it had
/// learned of its guesses is kept, and what it read and said is recalled; that a pass is faster or slower than calibrated is
/// found out anew (such a record is marked as resumed).
#[derive(Debug, Args)]
#[command(after_help = "\
The folder holds setting.json (model, machine, version and options), results.jsonl (a line for each turn), steps.jsonl (trees
of some turns), summary.json (totals, intervals, acceptance, time by phase), report.html (all of it, to look at) and
learned.json (what a run that goes on starts from). `foretoken calibrate` before it adds the times of passes to the setting.

Examples:
  foretoken bench --prompts prompts.jsonl --limit 5 --out results
  foretoken bench --prompts HumanEval.jsonl.gz test.jsonl --strategies auto,suffix --runs 3 --out results
  foretoken bench --prompts prompts.jsonl --strategies auto,suffix --shared-pool --model model.gguf --out results")]
pub(crate) struct BenchArgs {
    #[command(flatten)]
    pub(crate) prompts: DatasetArgs,
    /// Strategies with commas between; may be given several times. Plain decoding runs in any case.
    #[arg(long, value_name = "LIST", default_value = "autoregressive,auto")]
    pub(crate) strategies: Vec<String>,
    /// The folder for the results.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Stop after so many tokens.
    #[arg(long, value_name = "N", default_value = "200")]
    pub(crate) max_new_tokens: NonZeroUsize,
    /// Measured runs of each strategy on each prompt, of which the one with the median time counts. All know the same: what
    /// came before the prompt.
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) runs: NonZeroUsize,
    /// Note the trees of the first N prompts of each task, of each strategy in a run more.
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) traces: usize,
    /// Let strategies guess from what earlier prompts and outputs said, too, each from a pool of its own that is empty at first.
    #[arg(long)]
    pub(crate) shared_pool: bool,
    /// Print one JSON object, as in summary.json, instead of the table.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) sampling: SamplingArgs,
    #[command(flatten)]
    pub(crate) verify: VerifyArgs,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
}

/// Writes a page that shows a results folder: one file that needs no network.
///
/// It opens with the strategy to use, and shows what a pass costs, which guesses come true, where time goes, the worst
/// prompts, and generations token by token. Prints the name of the file.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  foretoken report results
  foretoken report results --out smollm2.html")]
pub(crate) struct ReportArgs {
    /// A folder that `foretoken bench --out DIR` wrote.
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// The file to write. Default: report.html in the folder.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}
