//! What can be written on the command line.

use std::{num::NonZeroUsize, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use foretoken::{candle::KvType, decoder::BudgetMode};

use crate::{
    choices::{EndingArgs, SamplingArgs},
    structure::StructureArgs,
};

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

/// Lists the models that have a name, fetches models, and says what files hold.
///
/// Without a subcommand: the list, with where the files are. Models come from the Hugging Face hub, into the cache that
/// its tools share; where it cannot be reached, a few also come with pip. FORETOKEN_OFFLINE=1 forbids both, HF_HUB_OFFLINE=1
/// the hub; HF_HOME, HF_HUB_CACHE, HF_ENDPOINT and HF_TOKEN mean what they mean to other tools.
#[derive(Debug, Args)]
#[expect(clippy::doc_markdown, reason = "shown as plain text by --help")]
#[command(after_help = "\
Examples:
  foretoken models
  foretoken models pull qwen2.5-0.5b
  foretoken models pull hf:Qwen/Qwen3-0.6B
  foretoken models info model.gguf
  llama-cli -m $(foretoken models path smollm2-135m)")]
pub(crate) struct ModelsArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ModelsCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// Lists the models that have a name, and where their files are.
    List {
        /// Print a JSON list.
        #[arg(long)]
        json: bool,
    },
    /// Fetches a model, if it is not there, and prints the path of its file or folder.
    Pull {
        /// A name from the list, or hf:owner/repository/file, or hf:owner/repository.
        #[arg(value_name = "NAME")]
        model: String,
    },
    /// Prints the path of a model that is there; ends with exit code 2 if it is not.
    Path {
        /// A name from the list, or hf:owner/repository/file, or hf:owner/repository.
        #[arg(value_name = "NAME")]
        model: String,
    },
    /// Says what a model is: architecture, parameters, types, context, vocabulary, tokenizer, chat template, size.
    ///
    /// Only the heads of its files are read.
    Info {
        /// A GGUF file, a folder with config.json and safetensors, or the name of a model that is there.
        #[arg(value_name = "FILE|NAME")]
        model: String,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
}

/// Makes and inspects pool files: what followed what in texts, for guesses.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  foretoken pool build --out docs.pool --scope docs guide.md faq.md
  foretoken pool build --keep texts --out code.pool src/*.rs
  foretoken pool info docs.pool
  foretoken pool merge --out all.pool docs.pool more.pool")]
pub(crate) struct PoolArgs {
    #[command(subcommand)]
    pub(crate) command: PoolCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PoolCommand {
    Build(PoolBuildArgs),
    /// Says what a pool file holds.
    Info {
        /// The pool file.
        #[arg(value_name = "POOL")]
        file: PathBuf,
    },
    /// Adds up the counts of pools of one tokenizer and one scope.
    Merge {
        /// Where the sum goes; settings are the first pool's.
        #[arg(long, value_name = "POOL")]
        out: PathBuf,
        /// The pools.
        #[arg(value_name = "POOL", required = true)]
        files: Vec<PathBuf>,
    },
}

/// Counts what follows what in text files, in the tokens of a model, or keeps the texts themselves.
#[derive(Debug, Args)]
pub(crate) struct PoolBuildArgs {
    /// Where the pool goes.
    #[arg(long, value_name = "POOL")]
    pub(crate) out: PathBuf,
    /// Whom the texts belong to: pools of different scopes are never mixed.
    #[arg(long, value_name = "NAME", default_value = "")]
    pub(crate) scope: String,
    /// Tokens of the longest context, 1 to 8.
    #[arg(long, value_name = "N", default_value = "4")]
    pub(crate) order: usize,
    /// Most contexts that are kept; each takes some 30 bytes of the file and 100 of memory.
    #[arg(long, value_name = "N", default_value = "524288")]
    pub(crate) capacity: usize,
    /// After so many sequences a count has half its weight; 1024 tokens of a text count as one.
    #[arg(long, value_name = "N", default_value = "65536")]
    pub(crate) half_life: usize,
    /// What is kept of the texts: counts of what follows short contexts, or all of them with an index, in which any
    /// context is found; 8 bytes a token.
    #[arg(long, value_name = "WHAT", value_enum, default_value = "counts")]
    pub(crate) keep: Keep,
    /// A GGUF file, a folder with config.json and safetensors, or a name from `foretoken models`.
    #[arg(long, value_name = "PATH|NAME")]
    pub(crate) model: Option<String>,
    /// The texts, in UTF-8.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
}

/// What a pool file keeps of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Keep {
    Counts,
    Texts,
    Both,
}

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

/// Prompts to decode one after another.
#[derive(Debug, Args)]
#[expect(clippy::doc_markdown, reason = "shown as plain text by --help")]
pub(crate) struct DatasetArgs {
    /// Files with prompts, a JSON object a line, plain or compressed with gzip. Each file's form is known by its fields:
    /// {"id", "task", "turns"}, {"question_id", "category", "turns"} as in Spec-Bench and MT-Bench, {"task_id",
    /// "prompt"} as in HumanEval, or {"question", "answer"} as in GSM8K.
    ///
    /// Without a "task" it is the file's name. The eight categories of MT-Bench are the task mt_bench. A prompt of
    /// HumanEval is asked as it is; one of GSM8K is called by its line. Further turns are questions that follow the answer:
    /// `foretoken bench` asks them, `trace` the first alone.
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    pub(crate) prompts: Vec<PathBuf>,
    /// Take so many prompts of each task, spread over the file. Default: all.
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<NonZeroUsize>,
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
    /// Let auto guess from what earlier prompts and outputs said, too; the pool is empty at first.
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

/// What runs leave to one another.
#[derive(Debug, Args)]
#[command(next_help_heading = "Pool")]
pub(crate) struct MemoryArgs {
    /// Guess from a pool file, too: what earlier runs said, texts, or both (see `foretoken pool`).
    #[arg(long, value_name = "POOL")]
    pub(crate) pool: Option<PathBuf>,
    /// Add to the pool file what this run says, and what its guesses were worth; a file that is not there is begun.
    #[arg(long, requires = "pool")]
    pub(crate) learn: bool,
}

/// The race without a subcommand.
#[derive(Debug, Args)]
pub(crate) struct RaceArgs {
    #[command(flatten)]
    pub(crate) model: ModelArgs,
}

/// Which model, and how it is computed. Nothing of this but the model and --kv changes what is said.
#[derive(Debug, Args)]
#[command(next_help_heading = "Model")]
pub(crate) struct ModelArgs {
    /// A GGUF file, a folder with config.json and safetensors, a name from `foretoken models`, or a model on the Hugging
    /// Face hub: hf:owner/repository/file.gguf, or hf:owner/repository for safetensors.
    ///
    /// Default: the first of these names, a small one in this program.
    #[arg(long, value_name = "PATH|NAME|hf:")]
    pub(crate) model: Option<String>,
    /// Threads that compute. Default: one for each physical core that may be used.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Most tokens of prompt and output together. Default: what the model allows, up to 8192.
    #[arg(long, value_name = "N")]
    pub(crate) context: Option<NonZeroUsize>,
    /// How keys and values are kept; f16 takes half the memory and rounds them.
    #[arg(long, value_name = "TYPE", value_enum, default_value = "f32")]
    pub(crate) kv: Kv,
}

/// The types of cached keys and values.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Kv {
    F32,
    F16,
}

impl From<Kv> for KvType {
    fn from(kv: Kv) -> Self {
        match kv {
            Kv::F32 => Self::F32,
            Kv::F16 => Self::F16,
        }
    }
}

/// What to continue.
#[derive(Debug, Default, Args)]
#[expect(clippy::doc_markdown, reason = "shown as plain text by --help")]
#[command(next_help_heading = "Prompt")]
pub(crate) struct PromptArgs {
    /// The prompt; - reads standard input.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, group = "prompt_source")]
    pub(crate) prompt: Option<String>,
    /// A file with the prompt, in UTF-8, without its last line break; - reads standard input.
    #[arg(long, value_name = "FILE", group = "prompt_source")]
    pub(crate) prompt_file: Option<PathBuf>,
    /// Read the prompt from standard input.
    #[arg(value_name = "-", value_parser = ["-"], hide_possible_values = true, group = "prompt_source")]
    pub(crate) standard_input: Option<String>,
    /// What the model is told about its role, before the prompt.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) system: Option<String>,
    /// Give the prompt to the model as it is, instead of as a question in its chat template.
    ///
    /// A model without a chat template gets it as it is in any case. Control tokens that the prompt spells out
    /// (<|im_start|>) count as such.
    #[arg(long, conflicts_with = "system")]
    pub(crate) raw: bool,
}

/// How guesses are verified. None of it changes what is said.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Which guesses are verified: those that are worth their time, or all within --max-nodes.
    #[arg(long, value_name = "MODE", value_enum, default_value = "adaptive")]
    pub(crate) budget: Budget,
    /// Most guesses in one pass.
    #[arg(long, value_name = "N", default_value_t = VerifyArgs::default().max_nodes)]
    #[arg(value_parser = clap::value_parser!(u16).range(0..=1024))]
    pub(crate) max_nodes: u16,
}

/// How guesses are chosen.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Budget {
    Adaptive,
    Fixed,
}

impl From<Budget> for BudgetMode {
    fn from(budget: Budget) -> Self {
        match budget {
            Budget::Adaptive => Self::Adaptive,
            Budget::Fixed => Self::Fixed,
        }
    }
}

impl Default for VerifyArgs {
    fn default() -> Self {
        Self { budget: Budget::Adaptive, max_nodes: 64 }
    }
}
