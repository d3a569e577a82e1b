use serde::{Deserialize, Serialize};

use crate::ConfigError;
use crate::config::within;

/// How [`Suffix`](crate::Suffix) guesses. None of it changes the output.
///
/// Validated by [`Suffix::new`](crate::Suffix::new).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SuffixConfig {
    /// The longest match that counts, 1 to 64 tokens. Default 32. More tells
    /// apart what agrees for longer, at up to four bytes a token of the text for each.
    pub context: usize,
    /// The probability below which a path is not guessed, above 0, 1 at most.
    /// Default 0.01. Less means more guesses, each a row of the verifying pass,
    /// as far as the draft has room.
    pub floor: f32,
    /// The tokens that are remembered, 2 to 2^24. Default 131072; each takes
    /// some 150 bytes. When the text is longer, its older half is forgotten.
    pub tokens: usize,
}

impl Default for SuffixConfig {
    fn default() -> Self {
        Self { context: 32, floor: 0.01, tokens: 1 << 17 }
    }
}

impl SuffixConfig {
    /// The same with a longer or shorter longest match.
    #[must_use]
    pub fn with_context(mut self, tokens: usize) -> Self {
        self.context = tokens;
        self
    }

    /// The same with more or fewer improbable guesses.
    #[must_use]
    pub fn with_floor(mut self, probability: f32) -> Self {
        self.floor = probability;
        self
    }

    /// The same with a longer or shorter memory.
    #[must_use]
    pub fn with_tokens(mut self, tokens: usize) -> Self {
        self.tokens = tokens;
        self
    }

    pub(super) fn validate(self) -> Result<Self, ConfigError> {
        within("context", self.context, 1..=64, "1 to 64")?;
        within("tokens", self.tokens, 2..=1 << 24, "2 to 16777216")?;
        within("floor", self.floor, f32::MIN_POSITIVE..=1.0, "above 0, 1 at most")?;
        Ok(self)
    }
}
