//! What can be written on the command line.

mod input;
mod many;
mod measure;
mod memory;
mod model;
mod models;
mod pool;
mod record;
mod talk;
mod verify;

use clap::{Args, Parser, Subcommand};

pub(crate) use input::{DatasetArgs, PromptArgs};
pub(crate) use many::{BenchArgs, ReportArgs};
pub(crate) use measure::{CalibrateArgs, CompareArgs, PerplexityArgs};
pub(crate) use memory::MemoryArgs;
pub(crate) use model::ModelArgs;
pub(crate) use models::{ModelsArgs, ModelsCommand};
pub(crate) use pool::{Keep, PoolArgs, PoolBuildArgs, PoolCommand};
pub(crate) use record::{ReplayArgs, TraceArgs};
pub(crate) use talk::{ChatArgs, GenerateArgs};
pub(crate) use verify::{Budget, VerifyArgs};

/// Makes language models answer faster without changing what they say.
///
/// A strategy guesses several next tokens, the model checks all guesses in one pass, and what is kept is exactly what
/// plain decoding would have produced. Without a subcommand, the strategies race on a built-in prompt.
#[derive(Debug, Parser)]
#[command(name = "foretoken", version, args_conflicts_with_subcommands = true)]
#[command(after_help = "\
Examples:
  foretoken                                    race the strategies on a small model in this program
  foretoken --model model.gguf                 the same on a model of your own
  foretoken generate --prompt \"Write a haiku about rivers.\"
  foretoken chat --strategy prompt-lookup      talk with a model
  foretoken compare --model model.gguf --prompt-file question.txt
  foretoken strategies                         what strategies there are, with their options

Exit codes: 0 done, 1 failed on the way, 2 bad input, 3 a strategy's output differed, 130 interrupted.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) race: RaceArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Generate(GenerateArgs),
    Chat(ChatArgs),
    Compare(CompareArgs),
    Calibrate(CalibrateArgs),
    Trace(TraceArgs),
    Replay(ReplayArgs),
    Bench(BenchArgs),
    Report(ReportArgs),
    Perplexity(PerplexityArgs),
    /// Lists the strategies with their options.
    #[command(after_help = "\
Examples of what --strategy and --strategies take:
  prompt-lookup                                a strategy
  lookahead:w=5,n=4                            with options
  lookahead:w=5,n=4+prompt-lookup              two strategies that guess together")]
    Strategies,
    Models(ModelsArgs),
    Pool(PoolArgs),
}

/// The race without a subcommand.
#[derive(Debug, Args)]
pub(crate) struct RaceArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,
}
