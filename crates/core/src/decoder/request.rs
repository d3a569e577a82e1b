use serde::{Deserialize, Serialize};

use crate::{Sampling, Token, TokenSet};

/// What to decode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Request {
    /// The prompt, at least one token.
    pub prompt: Vec<Token>,
    /// Stop after so many tokens. Default 256.
    pub max_new_tokens: usize,
    /// Any of these ends the output, and is its last token. Default `None`:
    /// those of the model. An empty set: nothing does.
    pub end_of_sequence: Option<TokenSet>,
    /// How each token is chosen. Default: greedily.
    #[serde(default)]
    pub sampling: Sampling,
}

impl Request {
    /// A request to continue `prompt`, with defaults for everything else.
    pub fn new(prompt: impl Into<Vec<Token>>) -> Self {
        Self {
            prompt: prompt.into(),
            max_new_tokens: 256,
            end_of_sequence: None,
            sampling: Sampling::default(),
        }
    }

    /// The same with a limit on the output.
    #[must_use]
    pub fn with_max_new_tokens(mut self, tokens: usize) -> Self {
        self.max_new_tokens = tokens;
        self
    }

    /// The same with other end-of-sequence tokens than the model's.
    #[must_use]
    pub fn with_end_of_sequence(mut self, tokens: impl IntoIterator<Item = Token>) -> Self {
        self.end_of_sequence = Some(tokens.into_iter().collect());
        self
    }

    /// The same with other choices than the greedy ones.
    #[must_use]
    pub fn with_sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = sampling;
        self
    }
}
