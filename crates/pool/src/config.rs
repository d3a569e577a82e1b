use std::fmt::Display;
use std::ops::RangeInclusive;

use foretoken_core::OptionError;
use serde::{Deserialize, Serialize};

/// How [`PromptLookup`](crate::PromptLookup) guesses. None of it changes the output.
///
/// Validated by [`PromptLookup::new`](crate::PromptLookup::new).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PromptLookupConfig {
    /// The longest n-gram that is looked up, 1 to 64. Default 3. Each length
    /// from `min_ngram` up costs an index entry per token of the text.
    pub max_ngram: usize,
    /// The shortest n-gram that is looked up, 1 to `max_ngram`. Default 1.
    /// More makes guesses rarer and better.
    pub min_ngram: usize,
    /// The most tokens of a continuation, 1 to 1024. Default 8. Each costs one
    /// row of the verifying pass.
    pub tokens: usize,
    /// The most continuations that are guessed at once, 1 to 64. Default 1.
    pub candidates: usize,
}

impl Default for PromptLookupConfig {
    fn default() -> Self {
        Self { max_ngram: 3, min_ngram: 1, tokens: 8, candidates: 1 }
    }
}

impl PromptLookupConfig {
    /// The same with other n-grams: the shortest and the longest.
    #[must_use]
    pub fn with_ngrams(mut self, lengths: RangeInclusive<usize>) -> Self {
        (self.min_ngram, self.max_ngram) = lengths.into_inner();
        self
    }

    /// The same with longer or shorter continuations.
    #[must_use]
    pub fn with_tokens(mut self, tokens: usize) -> Self {
        self.tokens = tokens;
        self
    }

    /// The same with more or fewer continuations.
    #[must_use]
    pub fn with_candidates(mut self, candidates: usize) -> Self {
        self.candidates = candidates;
        self
    }

    pub(crate) fn validate(self) -> Result<Self, ConfigError> {
        within("max_ngram", self.max_ngram, 1..=64, "1 to 64")?;
        within("min_ngram", self.min_ngram, 1..=self.max_ngram, "1 to max_ngram")?;
        within("tokens", self.tokens, 1..=1024, "1 to 1024")?;
        within("candidates", self.candidates, 1..=64, "1 to 64")?;
        Ok(self)
    }
}

/// How [`NgramPool`](crate::NgramPool) guesses. None of it changes the output.
///
/// Validated by [`NgramPool::new`](crate::NgramPool::new).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct NgramPoolConfig {
    /// The longest key, 1 to 16 tokens. Default 2. Shorter keys are kept too,
    /// each for one n-gram per token of the text, and used where the longer
    /// ones have too few continuations.
    pub key: usize,
    /// The tokens of a continuation, 1 to 64. Default 4. Each costs one row of
    /// the verifying pass.
    pub tokens: usize,
    /// The most continuations that are kept for one key, and guessed at once,
    /// 1 to 64. Default 3.
    pub candidates: usize,
    /// The most n-grams that are kept, 1 to 2^24. Default 65536; each takes
    /// some 200 bytes. The one that was not seen for the longest time makes room.
    pub capacity: usize,
}

impl Default for NgramPoolConfig {
    fn default() -> Self {
        Self { key: 2, tokens: 4, candidates: 3, capacity: 65_536 }
    }
}

impl NgramPoolConfig {
    /// The same with longer or shorter keys.
    #[must_use]
    pub fn with_key(mut self, tokens: usize) -> Self {
        self.key = tokens;
        self
    }

    /// The same with longer or shorter continuations.
    #[must_use]
    pub fn with_tokens(mut self, tokens: usize) -> Self {
        self.tokens = tokens;
        self
    }

    /// The same with more or fewer continuations.
    #[must_use]
    pub fn with_candidates(mut self, candidates: usize) -> Self {
        self.candidates = candidates;
        self
    }

    /// The same with a larger or smaller pool.
    #[must_use]
    pub fn with_capacity(mut self, ngrams: usize) -> Self {
        self.capacity = ngrams;
        self
    }

    pub(crate) fn validate(self) -> Result<Self, ConfigError> {
        within("key", self.key, 1..=16, "1 to 16")?;
        within("tokens", self.tokens, 1..=64, "1 to 64")?;
        within("candidates", self.candidates, 1..=64, "1 to 64")?;
        within("capacity", self.capacity, 1..=1 << 24, "1 to 16777216")?;
        Ok(self)
    }
}

/// A setting that is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting} is {value}: it takes {allowed}")]
pub struct ConfigError {
    setting: &'static str,
    value: String,
    allowed: &'static str,
}

impl From<ConfigError> for OptionError {
    fn from(error: ConfigError) -> Self {
        Self::invalid(error.setting, error.value, error.allowed)
    }
}

pub(crate) fn within<T: Copy + PartialOrd + Display>(
    setting: &'static str,
    value: T,
    range: RangeInclusive<T>,
    allowed: &'static str,
) -> Result<(), ConfigError> {
    if range.contains(&value) {
        Ok(())
    } else {
        Err(ConfigError { setting, value: value.to_string(), allowed })
    }
}
