//! Progress bars: on standard error, and only if that is a terminal.

use std::ops::ControlFlow;

use foretoken::measure::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::interrupt;

/// A bar that counts bytes.
pub(crate) fn bytes(what: impl Into<String>) -> ProgressBar {
    bar(what.into(), "{msg} {wide_bar:.cyan} {bytes} of {total_bytes}")
}

/// A bar that counts tokens.
pub(crate) fn tokens(what: impl Into<String>) -> ProgressBar {
    bar(what.into(), "{msg} {wide_bar:.cyan} {pos} of {len} tokens")
}

/// A bar that counts rows of passes.
pub(crate) fn rows(what: impl Into<String>) -> ProgressBar {
    bar(what.into(), "{msg} {wide_bar:.cyan} {percent}%")
}

/// A bar over so many prompts.
pub(crate) fn prompts(what: impl Into<String>, count: usize) -> ProgressBar {
    let bar = bar(what.into(), "{msg} {wide_bar:.cyan} {pos} of {len} prompts, {eta} left");
    bar.set_length(count as u64);
    bar
}

/// A bar over so many questions, those of a conversation one by one.
pub(crate) fn turns(what: impl Into<String>, count: usize) -> ProgressBar {
    let bar = bar(what.into(), "{msg} {wide_bar:.cyan} {pos} of {len} turns, {eta} left");
    bar.set_length(count as u64);
    bar
}

/// Moves a bar as far as a measurement is, which Ctrl-C breaks off.
pub(crate) fn watch(bar: &ProgressBar) -> impl FnMut(Progress) -> ControlFlow<()> {
    |progress: Progress| {
        advance(bar, progress.done, progress.total);
        if interrupt::asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

fn bar(what: String, template: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).expect("the templates above are valid");
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(style);
    bar.set_message(what);
    bar
}

/// Moves a bar; its length may change on the way.
pub(crate) fn advance(bar: &ProgressBar, done: u64, total: u64) {
    if bar.length() != Some(total) {
        bar.set_length(total);
    }
    bar.set_position(done);
}

#[cfg(test)]
mod tests {
    #[test]
    fn templates_are_valid() {
        super::bytes("loading").finish_and_clear();
        super::tokens("reading").finish_and_clear();
        super::prompts("replaying", 3).finish_and_clear();
        super::turns("measuring", 3).finish_and_clear();
        super::rows("measuring").finish_and_clear();
    }
}
