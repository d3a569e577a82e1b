//! What watches a measured run: a progress bar, and Ctrl-C.

use std::ops::ControlFlow;

use foretoken::{Emitted, TokenSink};
use indicatif::ProgressBar;

use crate::{interrupt, progress};

/// A sink that prints nothing.
pub(super) struct Watch<'a> {
    pub(super) bar: &'a ProgressBar,
    pub(super) max_new_tokens: usize,
}

impl TokenSink for Watch<'_> {
    fn token(&mut self, token: &Emitted<'_>) -> ControlFlow<()> {
        progress::advance(self.bar, token.index as u64 + 1, self.max_new_tokens as u64);
        go_on()
    }

    fn prefilled(&mut self, done: usize, total: usize) -> ControlFlow<()> {
        progress::advance(self.bar, done as u64, total as u64);
        go_on()
    }
}

fn go_on() -> ControlFlow<()> {
    if interrupt::asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}
