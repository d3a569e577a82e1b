use std::fmt;

use foretoken_core::Generation;

use super::Company;

/// What a check has run. A source that never guesses is lossless too: look here
/// to see that it did guess.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Coverage {
    /// Outputs that were compared.
    pub outputs: usize,
    /// Tokens of these.
    pub tokens: usize,
    /// Steps of those runs in which the source was alone.
    pub steps: usize,
    /// Its nodes that were verified in those runs.
    pub proposed: usize,
    /// Its nodes on accepted paths in those runs.
    pub accepted: usize,
}

impl Coverage {
    pub(super) fn count(&mut self, output: &Generation, company: Company) {
        self.outputs += 1;
        self.tokens += output.tokens.len();
        if company == Company::Alone {
            self.steps += output.statistics.steps;
            self.proposed += output.statistics.sources.iter().map(|s| s.proposed).sum::<usize>();
            self.accepted += output.statistics.sources.iter().map(|s| s.accepted).sum::<usize>();
        }
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { outputs, tokens, steps, proposed, accepted } = self;
        write!(
            f,
            "{outputs} outputs of {tokens} tokens agree; alone, the source had {accepted} of "
        )?;
        write!(f, "{proposed} guesses accepted in {steps} steps")
    }
}
