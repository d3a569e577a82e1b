use serde::{Deserialize, Serialize};

use crate::Token;

/// How likely a model found a token that came out.
///
/// Natural logarithms of the model's own probabilities: of its logits as they
/// are, before anything that [`Sampling`](crate::Sampling) does to them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Score {
    /// Of the token that came out.
    pub log_probability: f32,
    /// The most likely tokens, the most likely first, as many as were asked for.
    pub top: Vec<(Token, f32)>,
}

impl Score {
    /// The score of a token, with the most likely ones beside it.
    pub fn new(log_probability: f32, top: Vec<(Token, f32)>) -> Self {
        Self { log_probability, top }
    }
}
