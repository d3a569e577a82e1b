//! Tokens as text, as they come.

use std::ops::ControlFlow;

use foretoken::{Detokenized, Emitted, Piece, StopStrings, TextSink, candle::IncrementalDecoder};
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
    /// A sink for tokens that prints what comes if `print`, up to one of `stops`.
    pub(crate) fn new(
        decoder: IncrementalDecoder,
        stops: StopStrings,
        print: bool,
        palette: Option<Palette>,
    ) -> Detokenized<IncrementalDecoder, Self> {
        let stream = Self { text: String::new(), print, palette, failure: None, bar: None };
        Detokenized::new(decoder, stops, stream)
    }

    /// Ends the text: what was held back comes out, and what is printed ends in a line break.
    pub(crate) fn finish(mut sink: Detokenized<IncrementalDecoder, Self>) -> Streamed {
        sink.finish();
        let mut stream = sink.into_inner();
        stream.close_bar();
        if stream.print && stream.failure.is_none() && !stream.text.ends_with('\n') {
            stream.failure = output::print("\n").err();
        }
        Streamed { text: stream.text, palette: stream.palette, failure: stream.failure }
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

impl TextSink for Stream {
    fn piece(&mut self, piece: &Piece<'_>) -> ControlFlow<()> {
        self.close_bar();
        // A token that completes no character is shown with the one that does; one without text leaves no trace.
        if !piece.text.is_empty() {
            self.say(piece.text, piece.token);
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
