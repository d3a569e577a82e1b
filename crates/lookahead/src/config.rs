use std::fmt;
use std::str::FromStr;

use foretoken_core::OptionError;
use serde::{Deserialize, Serialize};

/// How [`Lookahead`](crate::Lookahead) guesses. None of it changes the output.
///
/// A step costs at most `window * (ngram - 1) - 1` rows for the window and
/// `guesses * (ngram - 1)` for the guesses; rows that both want are shared.
/// Validated by [`Lookahead::new`](crate::Lookahead::new).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each switch stands for itself")]
pub struct Config {
    /// W, the columns of the window, 1 to 256. Default 5. Each yields one
    /// n-gram a step, for `ngram - 1` rows and one run of the output layer.
    pub window: usize,
    /// N, the length of the n-grams with their key, 2 to 64. Default 4. The
    /// window has `ngram - 1` levels; a guess that is right yields `ngram` tokens.
    pub ngram: usize,
    /// G, the most n-grams that are kept and guessed for one key, 1 to 256.
    /// Default 5. Each costs up to `ngram - 1` rows of a step.
    pub guesses: usize,
    /// How far the window moves after a step. Default: [`Advance::One`].
    pub advance: Advance,
    /// Whether the n-grams of the prompt are kept too. Default: yes. Free.
    pub prompt: bool,
    /// Whether the n-grams of the output are kept too. Default: yes. Free.
    pub output: bool,
    /// The most n-grams that are kept, 1 to 2^24. Default 16384, well under
    /// 2 MiB. The one that was not seen for the longest time makes room.
    pub capacity: usize,
    /// Whether a new sequence starts with the n-grams of the one before.
    /// Default: no, because they are another sequence's text.
    pub keep: bool,
    /// Whether columns that earn less than they cost are left out of a pass,
    /// where the decoder weighs guesses against their time: how many are kept
    /// follows from what the window's n-grams have earned so far and from what
    /// a row costs at the moment, and may be none. Default: yes. If not, the
    /// whole window runs in every step, as published.
    pub adaptive: bool,
    /// Seeds the draws of start values. Default 0. Each sequence starts from
    /// it anew, so a request repeats exactly.
    pub seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            window: 5,
            ngram: 4,
            guesses: 5,
            advance: Advance::default(),
            prompt: true,
            output: true,
            capacity: 16_384,
            keep: false,
            adaptive: true,
            seed: 0,
        }
    }
}

impl Config {
    /// The same with another number of columns, W.
    #[must_use]
    pub fn with_window(mut self, window: usize) -> Self {
        self.window = window;
        self
    }

    /// The same with longer or shorter n-grams, N.
    #[must_use]
    pub fn with_ngram(mut self, ngram: usize) -> Self {
        self.ngram = ngram;
        self
    }

    /// The same with more or fewer guesses, G.
    #[must_use]
    pub fn with_guesses(mut self, guesses: usize) -> Self {
        self.guesses = guesses;
        self
    }

    /// The same with another advance.
    #[must_use]
    pub fn with_advance(mut self, advance: Advance) -> Self {
        self.advance = advance;
        self
    }

    /// The same with or without the n-grams of the prompt.
    #[must_use]
    pub fn with_prompt(mut self, prompt: bool) -> Self {
        self.prompt = prompt;
        self
    }

    /// The same with or without the n-grams of the output.
    #[must_use]
    pub fn with_output(mut self, output: bool) -> Self {
        self.output = output;
        self
    }

    /// The same with another bound on the n-grams that are kept.
    #[must_use]
    pub fn with_capacity(mut self, capacity: usize) -> Self {
        self.capacity = capacity;
        self
    }

    /// The same with or without n-grams that outlive their sequence.
    #[must_use]
    pub fn with_keep(mut self, keep: bool) -> Self {
        self.keep = keep;
        self
    }

    /// The same with a window that runs always, or only as far as it pays.
    #[must_use]
    pub fn with_adaptive(mut self, adaptive: bool) -> Self {
        self.adaptive = adaptive;
        self
    }

    /// The same with another seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Levels of the window, and tokens of an n-gram after its key.
    pub(crate) fn levels(&self) -> usize {
        self.ngram - 1
    }

    pub(crate) fn validate(self) -> Result<Self, ConfigError> {
        for (setting, value, least, most, allowed) in [
            ("w", self.window, 1, 256, "1 to 256"),
            ("n", self.ngram, 2, 64, "2 to 64"),
            ("g", self.guesses, 1, 256, "1 to 256"),
            ("capacity", self.capacity, 1, 1 << 24, "1 to 16777216"),
        ] {
            if !(least..=most).contains(&value) {
                return Err(ConfigError::new(setting, value.to_string(), allowed));
            }
        }
        Ok(self)
    }
}

/// How far the window moves after a step that emitted `a + 1` tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Advance {
    /// One position, as published. After a step that accepted `a` guesses, the
    /// columns stand for positions that are `a` too early, and never catch up.
    #[default]
    One,
    /// `a + 1` positions, so that every cell stands for the position it was
    /// predicted at: `a` columns leave at the left, whose positions the text
    /// has passed, and join again at the right as start values.
    Accepted,
}

impl fmt::Display for Advance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::One => "one",
            Self::Accepted => "accepted",
        })
    }
}

impl FromStr for Advance {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        match text {
            "one" => Ok(Self::One),
            "accepted" => Ok(Self::Accepted),
            _ => Err(ConfigError::new("advance", text, "one or accepted")),
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
    pub(crate) fn new(
        setting: &'static str,
        value: impl Into<String>,
        allowed: &'static str,
    ) -> Self {
        Self { setting, value: value.into(), allowed }
    }
}

impl From<ConfigError> for OptionError {
    fn from(error: ConfigError) -> Self {
        Self::invalid(error.setting, error.value, error.allowed)
    }
}
