use serde::{Deserialize, Serialize};

use crate::{Score, Statistics, Token};

/// What came out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Generation {
    /// The emitted tokens, an end-of-sequence token included.
    pub tokens: Vec<Token>,
    /// How likely the model found each of them; empty unless the request asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<Score>,
    /// Why there are no more.
    pub stop: StopReason,
    /// What it took.
    pub statistics: Statistics,
}

/// Why a generation ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StopReason {
    /// The limit of the request is reached.
    #[default]
    MaxNewTokens,
    /// An end-of-sequence token came out.
    EndOfSequence,
    /// The model's context is full.
    ContextFull,
    /// The sink wanted no more.
    Sink,
    /// A stop string came out, complete with the last token.
    StopString,
    /// The time is up.
    TimeBudget,
    /// The output went round in circles.
    Repetition,
    /// Somebody cancelled.
    Cancelled,
}
