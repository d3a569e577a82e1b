use serde::{Deserialize, Serialize};

use crate::ConfigError;
use crate::config::within;

/// How [`Recycling`](crate::Recycling) guesses. None of it changes the output.
///
/// Validated by [`Recycling::new`](crate::Recycling::new).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RecyclingConfig {
    /// The predictions that are kept of each place, 1 to 64. Default 8.
    pub k: usize,
    /// The tokens of the longest key, 1 or 2. Default 2: what was predicted
    /// after the last two tokens counts more than after the last one.
    pub key: usize,
    /// The probability below which a path is not guessed, above 0, 1 at most.
    /// Default 0.02. Less means more guesses, each a row of the verifying pass,
    /// as far as the draft has room.
    pub floor: f32,
    /// The most keys whose predictions are kept, 1 to 2^24. Default 65536; each
    /// takes some 100 bytes and 8 for each of the `k`. The one that was not
    /// predicted from for the longest time makes room.
    pub capacity: usize,
    /// Whether predictions are kept for the next sequence. Default no: what one
    /// sequence said is never guessed in another.
    pub keep: bool,
    /// Whether the model is asked what it predicts after each of the prompt's
    /// tokens. Default no: it takes the output layer at all of them, a quarter
    /// of a prompt's time or so, and gains less than that.
    pub prompt: bool,
}

impl Default for RecyclingConfig {
    fn default() -> Self {
        Self { k: 8, key: 2, floor: 0.02, capacity: 65_536, keep: false, prompt: false }
    }
}

impl RecyclingConfig {
    /// The same with more or fewer predictions of each place.
    #[must_use]
    pub fn with_k(mut self, predictions: usize) -> Self {
        self.k = predictions;
        self
    }

    /// The same with longer or shorter keys.
    #[must_use]
    pub fn with_key(mut self, tokens: usize) -> Self {
        self.key = tokens;
        self
    }

    /// The same with more or fewer improbable guesses.
    #[must_use]
    pub fn with_floor(mut self, probability: f32) -> Self {
        self.floor = probability;
        self
    }

    /// The same with more or fewer keys.
    #[must_use]
    pub fn with_capacity(mut self, keys: usize) -> Self {
        self.capacity = keys;
        self
    }

    /// The same with or without predictions that outlive their sequence.
    #[must_use]
    pub fn with_keep(mut self, keep: bool) -> Self {
        self.keep = keep;
        self
    }

    /// The same with or without predictions after the prompt's tokens.
    #[must_use]
    pub fn with_prompt(mut self, prompt: bool) -> Self {
        self.prompt = prompt;
        self
    }

    pub(super) fn validate(self) -> Result<Self, ConfigError> {
        within("k", self.k, 1..=64, "1 to 64")?;
        within("key", self.key, 1..=2, "1 or 2")?;
        within("floor", self.floor, f32::MIN_POSITIVE..=1.0, "above 0, 1 at most")?;
        within("capacity", self.capacity, 1..=1 << 24, "1 to 16777216")?;
        Ok(self)
    }
}
