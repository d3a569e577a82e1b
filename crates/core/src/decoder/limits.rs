use serde::{Deserialize, Serialize};

use crate::DecodeError;

/// What happens when prompt and output together fill the model's context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WhenContextFull {
    /// The output ends.
    #[default]
    Stop,
    /// It is an error, with what came out before it.
    Fail,
}

/// Ends an output that goes round in circles: its last `tokens` tokens repeat
/// with a period of at most `period`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct RepetitionGuard {
    /// The longest unit that counts as repeated, in tokens, at least 1. Default 16.
    pub period: usize,
    /// How long the repetition must be, in tokens, at least twice the period. Default 64.
    pub tokens: usize,
}

impl Default for RepetitionGuard {
    fn default() -> Self {
        Self { period: 16, tokens: 64 }
    }
}

impl RepetitionGuard {
    /// The guard against `tokens` tokens that repeat units of up to `period`.
    ///
    /// # Errors
    ///
    /// If the period is 0, or the tokens are less than two periods.
    pub fn new(period: usize, tokens: usize) -> Result<Self, DecodeError> {
        let guard = Self { period, tokens };
        guard.validate()?;
        Ok(guard)
    }

    /// Checks a guard that was read from a file.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn validate(&self) -> Result<(), DecodeError> {
        if self.period == 0 || self.tokens / 2 < self.period {
            return Err(DecodeError::config(
                "a repetition guard needs a period of at least 1, and at least twice as many tokens",
            ));
        }
        Ok(())
    }
}
