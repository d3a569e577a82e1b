//! Tokens as text, as they come.

use std::ops::ControlFlow;

use foretoken::{Emitted, TokenSink, candle::IncrementalDecoder};
use indicatif::ProgressBar;

use crate::{
    interrupt,
    output::{self, OutputError},
    palette::Palette,
    progress,
};

/// Prompts of fewer tokens are read before a bar could be seen.
const WORTH_A_BAR: usize = 256;

/// A sink that collects text, prints it, and stops at Ctrl-C or when nobody reads any more.
pub(crate) struct Stream {
    decoder: IncrementalDecoder,
    text: String,
    print: bool,
    /// Marks what is printed.
    palette: Option<Palette>,
    failure: Option<OutputError>,
    bar: Option<ProgressBar>,
}

/// What came through a stream.
pub(crate) struct Streamed {
    pub(crate) text: String,
    pub(crate) palette: Option<Palette>,
    /// Why printing ended early, if it did.
    pub(crate) failure: Option<OutputError>,
}

impl Stream {
    /// Prints what comes if `print`.
    pub(crate) fn new(decoder: IncrementalDecoder, print: bool, palette: Option<Palette>) -> Self {
        Self { decoder, text: String::new(), print, palette, failure: None, bar: None }
    }

    /// Ends the text: bytes that wait for the rest of a character come out, and what is printed ends in a line break.
    pub(crate) fn finish(mut self) -> Streamed {
        self.close_bar();
        if let Some(rest) = self.decoder.flush() {
            self.say(&rest, None);
        }
        if self.print && self.failure.is_none() && !self.text.ends_with('\n') {
            self.failure = output::print("\n").err();
        }
        Streamed { text: self.text, palette: self.palette, failure: self.failure }
    }

    fn say(&mut self, text: &str, token: Option<&Emitted<'_>>) {
        self.text.push_str(text);
        if !self.print || self.failure.is_some() {
            return;
        }
        let printed = match (&mut self.palette, token) {
            (Some(palette), Some(token)) => output::print(&palette.mark(text, token.sources())),
            _ => output::print(text),
        };
        self.failure = printed.err();
    }

    fn close_bar(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn go_on(&self) -> ControlFlow<()> {
        if self.failure.is_some() || interrupt::asked() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

impl TokenSink for Stream {
    fn token(&mut self, token: &Emitted<'_>) -> ControlFlow<()> {
        self.close_bar();
        // A token that completes no character is shown with the one that does; one without text leaves no trace.
        if let Some(text) = self.decoder.push(token.token) {
            self.say(&text, Some(token));
        }
        self.go_on()
    }

    fn prefilled(&mut self, done: usize, total: usize) -> ControlFlow<()> {
        if total >= WORTH_A_BAR {
            let bar = self.bar.get_or_insert_with(|| progress::tokens("Reading the prompt"));
            progress::advance(bar, done as u64, total as u64);
        }
        self.go_on()
    }
}
