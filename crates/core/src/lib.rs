//! The three traits of foretoken, and the values they exchange.
//!
//! - [`Model`] runs one forward pass over a [token tree](tree::TokenTree) and keeps
//!   the cache rows of the path that was accepted.
//! - [`CandidateSource`] guesses: it adds candidates to the tree of the next step.
//! - [`Decoder`] turns a prompt into tokens.
//!
//! Whatever the sources guess, what a decoder emits is what plain decoding of
//! its model would have emitted. This crate only fixes the contract; the
//! acceptance walk that keeps it lives in `foretoken-decoder`, and this crate
//! knows nothing of tensors, tokenizers or any strategy.
//!
//! ```
//! use foretoken_core::{TokenTree, tree::Limits};
//! use foretoken_core::{Context, Draft, Ledger, NodeId, Notes, TokenSet};
//!
//! // What a source sees, and where it guesses: the text ends in token 7, and 3 may follow.
//! let (history, ends) = ([5, 3, 7], TokenSet::default());
//! let context = Context::new(&history, 2, 10, &ends); // a prompt of 2 tokens, a vocabulary of 10
//! let mut tree = TokenTree::new(context.last(), Limits::default());
//! let (mut notes, mut ledger) = (Notes::new(), Ledger::new());
//! let mut draft = Draft::new(&mut tree, &mut notes, &mut ledger, "a guess", 10);
//! assert!(draft.add(NodeId::ROOT, 3, 0.5).is_some());
//! assert!(draft.add(NodeId::ROOT, 10, 0.5).is_none()); // refused: there is no such token
//! ```
//!
//! All three traits are object-safe and forwarded by `&mut T` and `Box<T>`.
//! Their async methods run under any executor; [`blocking`] has a twin of each
//! entry point that needs none.

pub mod blocking;
mod decoder;
mod model;
mod sampling;
mod source;
mod strategy;
mod text;

pub use async_trait::async_trait;
pub use foretoken_tree as tree;
pub use foretoken_tree::{NodeId, SourceId, SourceSet, Token, TokenTree};

pub use decoder::{
    Cancellation, DecodeError, DecodeErrorKind, Decoder, DepthCount, Emitted, Event, EventStream,
    Generation, RepetitionGuard, Request, Score, SourceStatistics, Statistics, Stepped, StopReason,
    TokenEvent, TokenSink, WhenContextFull,
};
pub use model::{
    ContextCosts, CostTable, CostTableError, Model, ModelError, ModelErrorKind, ModelInfo, Pass,
    SeqId, Step, TokenSet, Want,
};
pub use sampling::{Constraint, LogitsProcessor, Sampling, SamplingError, TokenMask};
pub use source::{
    Budget, CandidateSource, Claim, Context, Draft, Forced, Ledger, Notes, Outcome, Predictions,
    SourceError, Wants,
};
pub use strategy::{OptionError, Options, Strategy};
pub use text::{Detokenized, Detokenizer, Piece, StopStringError, StopStrings, TextSink};
