use std::error::Error;
use std::fmt;

use crate::{Generation, ModelError, SamplingError, Token};

/// Why decoding failed. What came out before is not lost.
#[derive(Debug)]
pub struct DecodeError {
    kind: Kind,
    generated: Box<Generation>,
}

/// What kind of failure a [`DecodeError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The prompt has no token.
    EmptyPrompt,
    /// The prompt leaves no room in the model's context.
    PromptTooLong,
    /// A token of the prompt is not in the vocabulary.
    TokenOutOfRange,
    /// A setting of the decoder is not valid.
    Config,
    /// A setting of [`Sampling`](crate::Sampling) is not valid.
    Sampling,
    /// The context is full, and the request wants that to be an error.
    ContextFull,
    /// Bans, processors and constraints together left no token to choose.
    NoTokenLeft,
    /// The model failed.
    Model,
}

#[derive(Debug, thiserror::Error)]
enum Kind {
    #[error("the prompt is empty: give at least one token")]
    EmptyPrompt,
    #[error(
        "the prompt has {prompt} tokens, but the context of {context_length} must hold them and \
         at least one more: shorten the prompt or use a model with a longer context"
    )]
    PromptTooLong { prompt: usize, context_length: usize },
    #[error(
        "token {token} of the prompt is out of range: this model's tokens are below {vocabulary}; \
         was the prompt made by another model's tokenizer?"
    )]
    TokenOutOfRange { token: Token, vocabulary: usize },
    #[error("{0}")]
    Config(&'static str),
    #[error(transparent)]
    Sampling(#[from] SamplingError),
    #[error("the context of {0} tokens is full: shorten the prompt or ask for less output")]
    ContextFull(usize),
    #[error(
        "no token is left to choose at position {0}: bans, processors and constraints together \
         forbid all of them"
    )]
    NoTokenLeft(usize),
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl DecodeError {
    fn new(kind: Kind) -> Self {
        Self { kind, generated: Box::default() }
    }

    /// The prompt has no token.
    pub fn empty_prompt() -> Self {
        Self::new(Kind::EmptyPrompt)
    }

    /// `prompt` tokens leave no room in a context of `context_length`.
    pub fn prompt_too_long(prompt: usize, context_length: usize) -> Self {
        Self::new(Kind::PromptTooLong { prompt, context_length })
    }

    /// `token` of the prompt is not below `vocabulary`.
    pub fn token_out_of_range(token: Token, vocabulary: usize) -> Self {
        Self::new(Kind::TokenOutOfRange { token, vocabulary })
    }

    /// A setting is not valid; `what` says which, why, and what to do.
    pub fn config(what: &'static str) -> Self {
        Self::new(Kind::Config(what))
    }

    /// A context of `context_length` is full, which is an error by choice.
    pub fn context_full(context_length: usize) -> Self {
        Self::new(Kind::ContextFull(context_length))
    }

    /// Everything is forbidden at `position` of the sequence.
    pub fn no_token_left(position: usize) -> Self {
        Self::new(Kind::NoTokenLeft(position))
    }

    /// The same error with what had come out before it.
    #[must_use]
    pub fn after(mut self, generated: Generation) -> Self {
        self.generated = Box::new(generated);
        self
    }

    /// What had come out before the failure.
    pub fn generated(&self) -> &Generation {
        &self.generated
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> DecodeErrorKind {
        match self.kind {
            Kind::EmptyPrompt => DecodeErrorKind::EmptyPrompt,
            Kind::PromptTooLong { .. } => DecodeErrorKind::PromptTooLong,
            Kind::TokenOutOfRange { .. } => DecodeErrorKind::TokenOutOfRange,
            Kind::Config(_) => DecodeErrorKind::Config,
            Kind::Sampling(_) => DecodeErrorKind::Sampling,
            Kind::ContextFull(_) => DecodeErrorKind::ContextFull,
            Kind::NoTokenLeft(_) => DecodeErrorKind::NoTokenLeft,
            Kind::Model(_) => DecodeErrorKind::Model,
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl Error for DecodeError {
    /// What is behind the kind, which says the same as the error itself.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.kind.source()
    }
}

impl From<ModelError> for DecodeError {
    fn from(error: ModelError) -> Self {
        Self::new(Kind::Model(error))
    }
}

impl From<SamplingError> for DecodeError {
    fn from(error: SamplingError) -> Self {
        Self::new(Kind::Sampling(error))
    }
}
