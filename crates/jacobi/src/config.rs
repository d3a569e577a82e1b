use std::fmt;
use std::str::FromStr;

use foretoken_core::OptionError;
use serde::{Deserialize, Serialize};

/// How [`Jacobi`](crate::Jacobi) guesses. None of it changes the output.
///
/// Validated by [`Jacobi::new`](crate::Jacobi::new).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Guesses in the chain, 1 to 1024. Default 8. Each costs one row of the
    /// verifying pass, and the output layer runs for each.
    pub window: usize,
    /// What stands where no pass has said anything yet. Default: [`Init::Repeat`].
    pub init: Init,
    /// Seeds the draws of [`Init::Prompt`] and [`Init::Random`]. Default 0.
    /// Each sequence starts from it anew, so a request repeats exactly.
    pub seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { window: 8, init: Init::default(), seed: 0 }
    }
}

impl Config {
    /// The most guesses that can be configured.
    pub const MAX_WINDOW: usize = 1024;

    /// The same with another window.
    #[must_use]
    pub fn with_window(mut self, window: usize) -> Self {
        self.window = window;
        self
    }

    /// The same with another initial guess.
    #[must_use]
    pub fn with_init(mut self, init: Init) -> Self {
        self.init = init;
        self
    }

    /// The same with another seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    pub(crate) fn validate(self) -> Result<Self, ConfigError> {
        if (1..=Self::MAX_WINDOW).contains(&self.window) {
            Ok(self)
        } else {
            Err(ConfigError::new("window", self.window.to_string(), "1 to 1024"))
        }
    }
}

/// The initial-guess rule: what a guess is before a pass has predicted it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Init {
    /// The token before it once more.
    #[default]
    Repeat,
    /// A token of the prompt, drawn at random.
    Prompt,
    /// A token of the vocabulary, drawn at random.
    Random,
}

impl fmt::Display for Init {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Repeat => "repeat",
            Self::Prompt => "prompt",
            Self::Random => "random",
        })
    }
}

impl FromStr for Init {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        match text {
            "repeat" => Ok(Self::Repeat),
            "prompt" => Ok(Self::Prompt),
            "random" => Ok(Self::Random),
            _ => Err(ConfigError::new("init", text, "repeat, prompt or random")),
        }
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

impl ConfigError {
    fn new(setting: &'static str, value: impl Into<String>, allowed: &'static str) -> Self {
        Self { setting, value: value.into(), allowed }
    }
}

impl From<ConfigError> for OptionError {
    fn from(error: ConfigError) -> Self {
        Self::invalid(error.setting, error.value, error.allowed)
    }
}
