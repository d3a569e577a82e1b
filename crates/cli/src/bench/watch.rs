//! When each token came out.

use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use foretoken::{Emitted, TokenSink};

use crate::interrupt;

/// Notes the times, and heeds Ctrl-C.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// When decoding began: the last of the prompt's passes was over.
    began: Option<Instant>,
    /// Of each token, since then.
    times: Vec<Duration>,
}

impl Watch {
    /// The seconds of decoding until so many tokens were out.
    pub(super) fn seconds(&self, tokens: usize) -> f64 {
        let last = tokens.min(self.times.len()).checked_sub(1);
        last.map_or(0.0, |last| self.times[last].as_secs_f64())
    }
}

impl TokenSink for Watch {
    fn prefilled(&mut self, _done: usize, _total: usize) -> ControlFlow<()> {
        self.began = Some(Instant::now());
        if interrupt::asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn token(&mut self, _emitted: &Emitted<'_>) -> ControlFlow<()> {
        // A prompt of one token has no pass of its own: the first token is taken to cost nothing then.
        let began = *self.began.get_or_insert_with(Instant::now);
        self.times.push(began.elapsed());
        if interrupt::asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
