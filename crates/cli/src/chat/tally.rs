use std::fmt;

use foretoken::{Generation, Statistics};

use crate::generate::per_second;

/// What the answers took: the last one, and all.
#[derive(Default)]
pub(super) struct Tally {
    last: Option<Statistics>,
    answers: usize,
    tokens: usize,
    seconds: f64,
}

impl Tally {
    pub(super) fn count(&mut self, generation: &Generation) {
        let statistics = generation.statistics.clone();
        self.answers += 1;
        self.tokens += statistics.generated_tokens;
        self.seconds += statistics.decode_time().as_secs_f64();
        self.last = Some(statistics);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(last) = &self.last else { return f.write_str("There was no answer yet.") };
        write!(
            f,
            "The last answer: {} tokens, {:.1} tokens/s, {:.2} tokens a step; of the prompt's {} tokens {} were known.",
            last.generated_tokens,
            per_second(last),
            last.tokens_per_step(),
            last.prompt_tokens,
            last.reused_tokens,
        )?;
        for source in &last.sources {
            write!(
                f,
                "\n{} had {} of {} guesses accepted.",
                source.name, source.accepted, source.proposed
            )?;
        }
        let rate = if self.seconds > 0.0 { self.tokens as f64 / self.seconds } else { 0.0 };
        write!(f, "\nAll {} answers: {} tokens, {rate:.1} tokens/s.", self.answers, self.tokens)
    }
}
