use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_core::Stream;

use crate::{
    DecodeError, Decoder, Detokenized, Detokenizer, Generation, Piece, Request, Score, StopStrings,
    TextSink, Token,
};

/// What happens in a generation, one thing after another.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A token came out.
    Token(TokenEvent),
    /// The text has ended, with this that was held back.
    Text(String),
    /// The generation has ended; nothing comes after it.
    End(Box<Generation>),
}

/// A token that came out.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct TokenEvent {
    /// The token.
    pub token: Token,
    /// Its index in the output.
    pub index: usize,
    /// The text that is certain with it, see [`Detokenized`]; empty without a
    /// detokenizer.
    pub text: String,
    /// Its depth in the tree of its step if it was guessed, otherwise 0.
    pub depth: usize,
    /// The names of the sources that guessed it.
    pub sources: Vec<String>,
    /// How likely the model found it, if the request asked.
    pub score: Option<Score>,
}

/// A generation as an async stream of [`Event`]s.
///
/// It decodes while it is polled, under any executor, at most one step ahead
/// of what was taken. Dropping it cancels the generation.
///
/// ```
/// # use foretoken_core::{async_trait, DecodeError, Decoder, Emitted, Generation, TokenSink};
/// # struct Counting;
/// # #[async_trait]
/// # impl Decoder for Counting {
/// #     async fn decode(&mut self, request: &Request, sink: &mut dyn TokenSink) -> Result<Generation, DecodeError> {
/// #         let mut output = Generation::default();
/// #         for index in 0..request.max_new_tokens {
/// #             output.tokens.push(index as u32);
/// #             if sink.token(&Emitted::plain(index as u32, index)).is_break() { break; }
/// #         }
/// #         Ok(output)
/// #     }
/// # }
/// # let mut decoder = Counting;
/// use foretoken_core::{Event, EventStream, Request, blocking::block_on};
///
/// let mut stream = EventStream::new(&mut decoder, Request::new([1]).with_max_new_tokens(2));
/// let mut tokens = Vec::new();
/// block_on(async {
///     // `while let Some(event) = stream.next().await` with a crate of stream combinators.
///     while let Some(event) = stream.next_event().await {
///         match event? {
///             Event::Token(token) => tokens.push(token.token),
///             Event::End(generation) => assert_eq!(generation.tokens, tokens),
///             _ => {}
///         }
///     }
///     Ok::<(), DecodeError>(())
/// })?;
/// assert_eq!(tokens, [0, 1]);
/// # Ok::<(), DecodeError>(())
/// ```
pub struct EventStream<'d> {
    events: Events,
    decoding: Option<Decoding<'d>>,
    /// The last thing, until it is told.
    end: Option<Result<Event, DecodeError>>,
}

type Decoding<'d> = Pin<Box<dyn Future<Output = Result<Generation, DecodeError>> + Send + 'd>>;

impl<'d> EventStream<'d> {
    /// The events of decoding `request`, without text.
    pub fn new(decoder: impl Decoder + 'd, request: Request) -> Self {
        Self::with_text(decoder, request, Silent, StopStrings::default())
    }

    /// The same with text by `detokenizer`, up to one of `stops`.
    pub fn with_text(
        mut decoder: impl Decoder + 'd,
        request: Request,
        detokenizer: impl Detokenizer + 'd,
        stops: StopStrings,
    ) -> Self {
        let events = Events::default();
        let mut sink = Detokenized::new(detokenizer, stops, events.clone());
        let decoding = async move {
            let output = decoder.decode(&request, &mut sink).await;
            sink.finish();
            output
        };
        Self { events, decoding: Some(Box::pin(decoding)), end: None }
    }

    /// The next event; `None` after the last one.
    pub async fn next_event(&mut self) -> Option<Result<Event, DecodeError>> {
        std::future::poll_fn(|task| Pin::new(&mut *self).poll_next(task)).await
    }
}

impl Stream for EventStream<'_> {
    type Item = Result<Event, DecodeError>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(event) = self.events.pop() {
                return Poll::Ready(Some(Ok(event)));
            }
            let Some(decoding) = &mut self.decoding else {
                return Poll::Ready(self.end.take());
            };
            match decoding.as_mut().poll(task) {
                Poll::Ready(output) => {
                    self.decoding = None;
                    self.end = Some(output.map(|generation| Event::End(Box::new(generation))));
                }
                Poll::Pending if self.events.is_empty() => return Poll::Pending,
                Poll::Pending => {}
            }
        }
    }
}

impl fmt::Debug for EventStream<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream")
            .field("events", &self.events)
            .field("decoding", &self.decoding.is_some())
            .field("end", &self.end)
            .finish()
    }
}

/// What the decoder has said and the stream not yet told.
#[derive(Clone, Debug, Default)]
struct Events(Arc<Mutex<VecDeque<Event>>>);

impl Events {
    fn with<T>(&self, run: impl FnOnce(&mut VecDeque<Event>) -> T) -> T {
        run(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn pop(&self) -> Option<Event> {
        self.with(VecDeque::pop_front)
    }

    fn is_empty(&self) -> bool {
        self.with(|events| events.is_empty())
    }
}

impl TextSink for Events {
    fn piece(&mut self, piece: &Piece<'_>) -> ControlFlow<()> {
        let text = piece.text.to_owned();
        let event = match piece.token {
            None => Event::Text(text),
            Some(emitted) => Event::Token(TokenEvent {
                token: emitted.token,
                index: emitted.index,
                text,
                depth: emitted.depth,
                sources: emitted.sources().map(ToOwned::to_owned).collect(),
                score: emitted.score.cloned(),
            }),
        };
        self.with(|events| events.push_back(event));
        ControlFlow::Continue(())
    }
}

/// Tokens without text.
struct Silent;

impl Detokenizer for Silent {
    fn push(&mut self, _token: Token) -> String {
        String::new()
    }

    fn finish(&mut self) -> String {
        String::new()
    }
}
