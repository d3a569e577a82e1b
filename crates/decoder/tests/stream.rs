//! A generation as a stream of events.

use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, Waker};

use foretoken_core::blocking::{BlockingDecoder, block_on};
use foretoken_core::{
    DecodeErrorKind, Detokenizer, Event, EventStream, Request, Sampling, StopReason, StopStrings,
    Token,
};
use foretoken_decoder::GuessAndVerify;
use foretoken_testkit::oracle;
use foretoken_testkit::sources::Clairvoyant;
use foretoken_testkit::toy::ToyModel;
use futures_core::Stream;

fn request() -> Request {
    let sampling = Sampling::default().with_temperature(0.9).with_seed(6);
    Request::new([1, 2, 3]).with_max_new_tokens(30).with_sampling(sampling).with_scores(2)
}

fn truth() -> Vec<Token> {
    oracle::decode(&mut ToyModel::default(), &request()).unwrap()
}

fn knowing(seed: u64) -> Clairvoyant {
    Clairvoyant::new(seed, vec![[&[1, 2, 3], truth().as_slice()].concat()])
}

/// Each token is a word.
struct Words;

impl Detokenizer for Words {
    fn push(&mut self, token: Token) -> String {
        format!("w{token} ")
    }

    fn finish(&mut self) -> String {
        "<cut>".to_owned()
    }
}

fn events(mut stream: EventStream<'_>) -> Vec<Event> {
    block_on(async {
        let mut events = Vec::new();
        while let Some(event) = stream.next_event().await {
            events.push(event.unwrap());
        }
        assert!(stream.next_event().await.is_none(), "it stays at its end");
        events
    })
}

#[test]
fn events_tell_all_of_every_token() {
    let mut decoder = GuessAndVerify::new(ToyModel::default(), knowing(1));
    let stops = StopStrings::new(["w99"]).unwrap();
    let events = events(EventStream::with_text(&mut decoder, request(), Words, stops));
    let [tokens @ .., Event::Text(rest), Event::End(generation)] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!((rest.as_str(), generation.stop), ("<cut>", StopReason::MaxNewTokens));
    assert_eq!(generation.tokens, truth());
    let mut guessed = 0;
    for (index, event) in tokens.iter().enumerate() {
        let Event::Token(event) = event else { panic!("{event:?}") };
        assert_eq!((event.index, event.token), (index, truth()[index]));
        assert_eq!(event.text, format!("w{} ", event.token));
        assert_eq!(event.depth > 0, event.sources == ["clairvoyant"]);
        assert_eq!(event.score.as_ref(), Some(&generation.scores[index]));
        guessed += usize::from(event.depth > 0);
    }
    assert_eq!(tokens.len(), 30);
    assert_eq!(guessed, generation.statistics.sources[0].accepted);
    assert!(guessed > 0);
}

#[test]
fn a_stop_string_ends_a_stream() {
    let mut decoder = GuessAndVerify::new(ToyModel::default(), knowing(2));
    let at = 11;
    let stop = format!("w{} w{}", truth()[at], truth()[at + 1]);
    let whole: String = truth().iter().map(|&token| Words.push(token)).collect();
    let before = whole.find(&stop).unwrap();
    let stops = StopStrings::new([stop]).unwrap();
    let events = events(EventStream::with_text(&mut decoder, request(), Words, stops));
    let text: String = events
        .iter()
        .map(|event| match event {
            Event::Token(token) => token.text.as_str(),
            Event::Text(text) => text,
            _ => "",
        })
        .collect();
    assert_eq!(text, whole[..before]);
    let Some(Event::End(generation)) = events.last() else { panic!("no end") };
    assert_eq!(generation.stop, StopReason::StopString);
}

#[test]
fn a_stream_is_dropped_at_any_moment() {
    let mut decoder = GuessAndVerify::new(ToyModel::default(), knowing(3));
    for taken in 0..40 {
        let mut stream = EventStream::new(&mut decoder, request());
        let mut task = TaskContext::from_waker(Waker::noop());
        let mut seen = Vec::new();
        let mut polls = 0;
        while seen.len() < taken {
            polls += 1;
            match Pin::new(&mut stream).poll_next(&mut task) {
                Poll::Ready(Some(Ok(Event::Token(token)))) => seen.push(token.token),
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(other) => {
                    assert!(other.is_none());
                    break;
                }
                Poll::Pending => assert!(polls < 500),
            }
        }
        drop(stream);
        assert!(truth().starts_with(&seen));
        assert_eq!(decoder.decode_blocking(&request(), &mut ()).unwrap().tokens, truth());
        assert_eq!(decoder.model().open_sequences(), 0);
    }
}

#[test]
fn an_error_is_the_last_event() {
    let mut stream = EventStream::new(
        GuessAndVerify::new(ToyModel::default(), knowing(4)),
        Request::new([1, 2, 99]),
    );
    let error = block_on(stream.next_event()).unwrap().unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::TokenOutOfRange);
    assert!(block_on(stream.next_event()).is_none());
}
