//! `foretoken pool`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// Makes and inspects pool files: what followed what in texts, for guesses.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  foretoken pool build --out docs.pool --scope docs guide.md faq.md
  foretoken pool build --model model.gguf --keep texts --out code.pool src/*.rs
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
        /// Where the sum goes; settings are the first pool's, and so are texts and what guesses were worth.
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
    /// Whose tokens: a GGUF file, a folder with config.json and safetensors, or a name from `foretoken models`; the one that
    /// is to use the pool. Default: the small one in this program.
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
