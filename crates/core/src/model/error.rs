use std::error::Error;

use crate::Token;

/// Why a model could not do what it was asked.
///
/// The sequence is as it was before the call.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ModelError(#[from] Kind);

/// What kind of failure a [`ModelError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModelErrorKind {
    /// A token lies outside the vocabulary.
    TokenOutOfRange,
    /// The context length is reached.
    ContextFull,
    /// The model does not do this.
    Unsupported,
    /// The call breaks the contract: an unknown sequence, a commit without a pass, no path.
    Misuse,
    /// A logit is not a number.
    NotANumber,
    /// The backend failed.
    Backend,
}

#[derive(Debug, thiserror::Error)]
enum Kind {
    #[error("token {token} is out of range: this model's tokens are below {vocabulary}")]
    TokenOutOfRange { token: Token, vocabulary: usize },
    #[error("{needed} tokens do not fit in this model's context of {context_length}")]
    ContextFull { needed: usize, context_length: usize },
    #[error("this model does not support {0}")]
    Unsupported(&'static str),
    #[error("the model was misused: {0}")]
    Misuse(&'static str),
    #[error("the model computed a logit that is not a number: its weights may be corrupt")]
    NotANumber,
    #[error("the model failed: {0}")]
    Backend(Box<dyn Error + Send + Sync>),
}

impl ModelError {
    /// `token` is not below `vocabulary`.
    pub fn token_out_of_range(token: Token, vocabulary: usize) -> Self {
        Kind::TokenOutOfRange { token, vocabulary }.into()
    }

    /// `needed` tokens are more than `context_length`.
    pub fn context_full(needed: usize, context_length: usize) -> Self {
        Kind::ContextFull { needed, context_length }.into()
    }

    /// The model does not do `what`.
    pub fn unsupported(what: &'static str) -> Self {
        Kind::Unsupported(what).into()
    }

    /// The caller broke the contract; `how` says in what way.
    pub fn misuse(how: &'static str) -> Self {
        Kind::Misuse(how).into()
    }

    /// A logit is not a number.
    pub fn not_a_number() -> Self {
        Kind::NotANumber.into()
    }

    /// The backend failed with `error`.
    pub fn backend(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Kind::Backend(error.into()).into()
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> ModelErrorKind {
        match self.0 {
            Kind::TokenOutOfRange { .. } => ModelErrorKind::TokenOutOfRange,
            Kind::ContextFull { .. } => ModelErrorKind::ContextFull,
            Kind::Unsupported(_) => ModelErrorKind::Unsupported,
            Kind::Misuse(_) => ModelErrorKind::Misuse,
            Kind::NotANumber => ModelErrorKind::NotANumber,
            Kind::Backend(_) => ModelErrorKind::Backend,
        }
    }
}
