//! `foretoken` alone: the strategies race on a prompt of ours.

use std::num::NonZeroUsize;

use crate::{
    args::{PromptArgs, RaceArgs, VerifyArgs},
    compare::Comparison,
    exit::Exit,
    output,
};

/// A task whose answer repeats part of the question, as edits, summaries and answers from documents do: there guessing
/// from the text pays, and elsewhere it does not.
pub(crate) const PROMPT: &str = "\
TODO";

const MAX_NEW_TOKENS: NonZeroUsize = NonZeroUsize::new(128).unwrap();
const RUNS: NonZeroUsize = NonZeroUsize::new(3).unwrap();

/// Runs the race.
pub(crate) fn run(args: &RaceArgs) -> anyhow::Result<Exit> {
    let exit = Comparison {
        model: &args.model,
        prompt: &PromptArgs::default(),
        text: PROMPT,
        strategies: &[],
        max_new_tokens: MAX_NEW_TOKENS,
        runs: RUNS,
        verify: VerifyArgs::default(),
        json: false,
    }
    .run()?;
    output::print(
        "\nOn your own model and question: foretoken compare --model model.gguf --prompt \"...\" (see foretoken --help).\n",
    )?;
    Ok(exit)
}
