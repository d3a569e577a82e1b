use serde::{Deserialize, Serialize};

use crate::Token;

/// What a model says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ModelInfo {
    /// A name for people: the architecture, or the file's own name.
    pub name: String,
    /// Tokens are `0..vocabulary`.
    pub vocabulary: usize,
    /// The most tokens a sequence may have, prompt and output together.
    pub context_length: usize,
    /// Any of these ends the output.
    pub end_of_sequence: TokenSet,
    /// The length of a hidden state; 0 if the model does not expose one.
    pub hidden_size: usize,
}

impl ModelInfo {
    /// A description without end-of-sequence tokens and hidden states; set the
    /// fields for more.
    pub fn new(name: impl Into<String>, vocabulary: usize, context_length: usize) -> Self {
        Self {
            name: name.into(),
            vocabulary,
            context_length,
            end_of_sequence: TokenSet::default(),
            hidden_size: 0,
        }
    }
}

/// A small set of tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Token>", into = "Vec<Token>")]
pub struct TokenSet(Vec<Token>);

impl TokenSet {
    /// Whether `token` is in the set.
    pub fn contains(&self, token: Token) -> bool {
        self.0.binary_search(&token).is_ok()
    }

    /// The tokens, in increasing order.
    pub fn as_slice(&self) -> &[Token] {
        &self.0
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<Token>> for TokenSet {
    fn from(mut tokens: Vec<Token>) -> Self {
        tokens.sort_unstable();
        tokens.dedup();
        Self(tokens)
    }
}

impl FromIterator<Token> for TokenSet {
    fn from_iter<I: IntoIterator<Item = Token>>(tokens: I) -> Self {
        tokens.into_iter().collect::<Vec<_>>().into()
    }
}

impl From<TokenSet> for Vec<Token> {
    fn from(set: TokenSet) -> Self {
        set.0
    }
}
