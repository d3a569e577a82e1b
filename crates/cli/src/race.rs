//! `foretoken` alone: the strategies race on a prompt of ours.

use std::num::NonZeroUsize;

use foretoken::Sampling;

use crate::{
    args::{PromptArgs, RaceArgs, VerifyArgs},
    compare::Comparison,
    exit::Exit,
    output,
};

/// A task whose answer repeats part of the question, as edits, summaries and answers from documents do: there guessing
/// from the text pays, and elsewhere it does not.
pub(crate) const PROMPT: &str = "\
Here is a recipe for pancakes:

Mix two cups of flour, two eggs, two cups of milk and a pinch of salt. Let the batter rest for ten minutes. Heat a \
little butter in a pan, pour in a ladle of batter, and turn the pancake when its edge is brown. Serve it with honey or \
jam.

Write the recipe as a numbered list of steps.";

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
        sampling: Sampling::default(),
        structure: None,
        unforced: false,
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
