//! When each token came out, and in how many passes.

use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use foretoken::{Emitted, Stepped, TokenSink};

use crate::interrupt;

/// Notes the times, and heeds Ctrl-C.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// When decoding began: the last of the prompt's passes was over.
    began: Option<Instant>,
    /// Of each token, since then.
    times: Vec<Duration>,
    /// Of each verifying pass: how many tokens were out after it, and its nodes.
    steps: Vec<(usize, usize)>,
}

impl Watch {
    /// The seconds of decoding until so many tokens were out.
    pub(super) fn seconds(&self, tokens: usize) -> f64 {
        let last = tokens.min(self.times.len()).checked_sub(1);
        last.map_or(0.0, |last| self.times[last].as_secs_f64())
    }

    /// The verifying passes until so many tokens were out, and their nodes.
    pub(super) fn steps(&self, tokens: usize) -> (usize, usize) {
        let before = self.steps.partition_point(|&(out, _)| out < tokens);
        let passes = &self.steps[..self.steps.len().min(before + usize::from(tokens > 0))];
        (passes.len(), passes.iter().map(|&(_, nodes)| nodes).sum())
    }
}

impl TokenSink for Watch {
    fn prefilled(&mut self, _done: usize, _total: usize) -> ControlFlow<()> {
        self.began = Some(Instant::now());
        interrupt::flow()
    }

    fn token(&mut self, _emitted: &Emitted<'_>) -> ControlFlow<()> {
        // A prompt of one token has no pass of its own: the first token is taken to cost nothing then.
        let began = *self.began.get_or_insert_with(Instant::now);
        self.times.push(began.elapsed());
        interrupt::flow()
    }

    fn stepped(&mut self, step: &Stepped<'_>) {
        self.steps.push((self.times.len(), step.tree.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_counts_with_its_first_token() {
        let watch = Watch { steps: vec![(3, 5), (4, 1), (8, 9)], ..Watch::default() };
        let steps = [0, 1, 3, 4, 5, 8, 9].map(|tokens| watch.steps(tokens));
        assert_eq!(steps, [(0, 0), (1, 5), (1, 5), (2, 6), (3, 15), (3, 15), (3, 15)]);
    }
}
