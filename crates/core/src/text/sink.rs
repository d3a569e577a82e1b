use std::ops::ControlFlow;

use super::{Detokenizer, StopStrings};
use crate::{Emitted, StopReason, TokenSink};

/// A piece of the text that a generation says.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Piece<'a> {
    /// Whole characters. Empty if the token completes none, or if what it says
    /// may be the beginning of a stop string.
    pub text: &'a str,
    /// The token that came out; `None` for what was held back at the end.
    pub token: Option<&'a Emitted<'a>>,
}

/// Receives text as it comes out.
///
/// Every closure that takes a [`Piece`] and returns a [`ControlFlow`] is one,
/// and a `String` collects the text.
pub trait TextSink: Send {
    /// A token came out, or the text has ended. `Break` ends the generation.
    fn piece(&mut self, piece: &Piece<'_>) -> ControlFlow<()>;

    /// As [`TokenSink::prefilled`].
    fn prefilled(&mut self, done: usize, total: usize) -> ControlFlow<()> {
        let _ = (done, total);
        ControlFlow::Continue(())
    }
}

impl<F: FnMut(&Piece<'_>) -> ControlFlow<()> + Send> TextSink for F {
    fn piece(&mut self, piece: &Piece<'_>) -> ControlFlow<()> {
        self(piece)
    }
}

impl TextSink for String {
    fn piece(&mut self, piece: &Piece<'_>) -> ControlFlow<()> {
        self.push_str(piece.text);
        ControlFlow::Continue(())
    }
}

/// A [`TokenSink`] that passes on text, and ends the generation at a stop string.
///
/// Nothing of a stop string is ever passed on. The token that completes it is
/// the last one of the generation, whose tokens therefore say more than its text.
/// Call [`finish`](Self::finish) when the generation is over.
///
/// ```
/// use foretoken_core::{Detokenized, Detokenizer, Emitted, StopStrings, Token, TokenSink};
///
/// /// Tokens are letters.
/// struct Letters;
///
/// impl Detokenizer for Letters {
///     fn push(&mut self, token: Token) -> String { char::from_u32(token).into_iter().collect() }
///     fn finish(&mut self) -> String { String::new() }
/// }
///
/// let mut sink = Detokenized::new(Letters, StopStrings::new(["END"])?, String::new());
/// let mut tokens = "the spENd END.".chars();
/// let last = tokens.position(|c| sink.token(&Emitted::plain(c as Token, 0)).is_break());
/// assert_eq!((last, sink.into_inner()), (Some(12), "the spENd ".to_owned()));
/// # Ok::<(), foretoken_core::StopStringError>(())
/// ```
#[derive(Debug)]
pub struct Detokenized<D, S> {
    detokenizer: D,
    stops: StopStrings,
    sink: S,
}

impl<D: Detokenizer, S: TextSink> Detokenized<D, S> {
    /// Text by `detokenizer`, up to one of `stops`, to `sink`.
    pub fn new(detokenizer: D, stops: StopStrings, sink: S) -> Self {
        Self { detokenizer, stops, sink }
    }

    /// Ends the text: what was held back comes out if no stop string was
    /// found. Returns that string, if one was. Another generation may follow.
    pub fn finish(&mut self) -> Option<String> {
        let rest = self.detokenizer.finish();
        let mut text = self.stops.push(&rest);
        let found = self.stops.found().map(ToOwned::to_owned);
        text.push_str(&self.stops.finish());
        if !text.is_empty() {
            // There is nothing left that could be ended.
            let _ = self.sink.piece(&Piece { text: &text, token: None });
        }
        found
    }

    /// The sink of the text.
    pub fn inner(&self) -> &S {
        &self.sink
    }

    /// The sink of the text.
    pub fn into_inner(self) -> S {
        self.sink
    }
}

impl<D: Detokenizer, S: TextSink> TokenSink for Detokenized<D, S> {
    fn token(&mut self, token: &Emitted<'_>) -> ControlFlow<()> {
        let text = self.stops.push(&self.detokenizer.push(token.token));
        let flow = self.sink.piece(&Piece { text: &text, token: Some(token) });
        if self.stops.found().is_some() { ControlFlow::Break(()) } else { flow }
    }

    fn prefilled(&mut self, done: usize, total: usize) -> ControlFlow<()> {
        self.sink.prefilled(done, total)
    }

    fn reason(&self) -> StopReason {
        if self.stops.found().is_some() { StopReason::StopString } else { StopReason::Sink }
    }
}
