//! What is decoded: one prompt, or files of them.

use std::{num::NonZeroUsize, path::PathBuf};

use clap::Args;

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
