use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::SamplingError;
use crate::{Token, TokenSet};

/// How the next token is chosen from the logits. The default is greedy: the
/// most likely token.
///
/// In this order: repetition penalty, presence and frequency penalty, bias,
/// the decoder's own [processors](crate::LogitsProcessor), bans; then, with a
/// temperature of 0, the largest logit, the lowest token on a tie; otherwise
/// temperature, top-k, top-p, min-p, typical-p, and one random draw. Each filter
/// sees the probabilities of what the ones before it kept, and keeps one token
/// at least; among equally likely tokens lower ones come first.
///
/// The draw at a position depends on the seed and on that position in the
/// sequence alone. Equal logits therefore give equal tokens, whichever
/// strategy guessed and however many tokens a step verified.
///
/// ```
/// use foretoken_core::Sampling;
///
/// let sampling = Sampling::default().with_temperature(0.7).with_top_p(0.9).with_seed(42);
/// assert!(sampling.validate().is_ok());
/// let wrong = Sampling::default().with_top_p(1.5).validate().unwrap_err();
/// assert_eq!(wrong.to_string(), "top_p is 1.5: it must be above 0 and at most 1");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Sampling {
    /// Logits are divided by it. Finite, at least 0. Default 0: greedy.
    pub temperature: f32,
    /// Only the `top_k` most likely tokens remain. Default 0: all.
    pub top_k: usize,
    /// Only the most likely tokens remain, as few as have this probability
    /// together. Above 0, at most 1. Default 1: all.
    pub top_p: f32,
    /// Only tokens remain that are at least this fraction as likely as the most
    /// likely one. 0 to 1. Default 0: all.
    pub min_p: f32,
    /// Only the tokens remain whose surprise is closest to the expected one, as
    /// few as have this probability together (locally typical sampling: Meister
    /// et al. 2022, "Locally Typical Sampling"). How far they are from it is compared in
    /// single precision, the likelier one first on a tie. Above 0, at most 1. Default 1: all.
    pub typical_p: f32,
    /// Positive logits of tokens that came already are divided by it, others
    /// multiplied (Keskar et al. 2019, "CTRL", section 4.1). Finite, above 0.
    /// Default 1: nothing changes.
    pub repetition_penalty: f32,
    /// Taken from the logit of each token that came already. Finite. Default 0.
    pub presence_penalty: f32,
    /// Taken from the logit of a token for each time that it came. Finite. Default 0.
    pub frequency_penalty: f32,
    /// The three penalties look at so many last tokens, prompt included. At
    /// least 1. Default `None`: at all.
    pub penalty_window: Option<usize>,
    /// Added to logits. Finite. Default: nothing.
    pub logit_bias: BTreeMap<Token, f32>,
    /// These tokens never come out. Default: none.
    pub banned: TokenSet,
    /// So many tokens come out before one that ends the sequence may. Default 0.
    pub min_new_tokens: usize,
    /// Which random draws are made. Default 0.
    pub seed: u64,
}

impl Default for Sampling {
    fn default() -> Self {
        Self {
            temperature: 0.0,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            typical_p: 1.0,
            repetition_penalty: 1.0,
            presence_penalty: 0.0,
            frequency_penalty: 0.0,
            penalty_window: None,
            logit_bias: BTreeMap::new(),
            banned: TokenSet::default(),
            min_new_tokens: 0,
            seed: 0,
        }
    }
}

impl Sampling {
    /// The same with another temperature.
    #[must_use]
    pub fn with_temperature(mut self, temperature: f32) -> Self {
        self.temperature = temperature;
        self
    }

    /// The same with the `top_k` most likely tokens only.
    #[must_use]
    pub fn with_top_k(mut self, top_k: usize) -> Self {
        self.top_k = top_k;
        self
    }

    /// The same with another nucleus.
    #[must_use]
    pub fn with_top_p(mut self, top_p: f32) -> Self {
        self.top_p = top_p;
        self
    }

    /// The same with another least relative probability.
    #[must_use]
    pub fn with_min_p(mut self, min_p: f32) -> Self {
        self.min_p = min_p;
        self
    }

    /// The same with another typical set.
    #[must_use]
    pub fn with_typical_p(mut self, typical_p: f32) -> Self {
        self.typical_p = typical_p;
        self
    }

    /// The same with another repetition penalty.
    #[must_use]
    pub fn with_repetition_penalty(mut self, penalty: f32) -> Self {
        self.repetition_penalty = penalty;
        self
    }

    /// The same with another presence penalty.
    #[must_use]
    pub fn with_presence_penalty(mut self, penalty: f32) -> Self {
        self.presence_penalty = penalty;
        self
    }

    /// The same with another frequency penalty.
    #[must_use]
    pub fn with_frequency_penalty(mut self, penalty: f32) -> Self {
        self.frequency_penalty = penalty;
        self
    }

    /// The same with penalties that look at the last `tokens` tokens.
    #[must_use]
    pub fn with_penalty_window(mut self, tokens: usize) -> Self {
        self.penalty_window = Some(tokens);
        self
    }

    /// The same with `bias` added to the logit of `token`.
    #[must_use]
    pub fn with_logit_bias(mut self, token: Token, bias: f32) -> Self {
        self.logit_bias.insert(token, bias);
        self
    }

    /// The same without these tokens.
    #[must_use]
    pub fn with_banned(mut self, tokens: impl IntoIterator<Item = Token>) -> Self {
        self.banned = tokens.into_iter().collect();
        self
    }

    /// The same with a least number of tokens.
    #[must_use]
    pub fn with_min_new_tokens(mut self, tokens: usize) -> Self {
        self.min_new_tokens = tokens;
        self
    }

    /// The same with another seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Whether any penalty changes a logit.
    pub fn penalizes(&self) -> bool {
        self.repetition_penalty != 1.0
            || self.presence_penalty != 0.0
            || self.frequency_penalty != 0.0
    }

    /// Whether the most likely token is always the one chosen: no randomness,
    /// and nothing that changes logits.
    pub fn is_plain_greedy(&self) -> bool {
        self.temperature == 0.0
            && !self.penalizes()
            && self.logit_bias.is_empty()
            && self.banned.is_empty()
            && self.min_new_tokens == 0
    }

    /// Checks what can be checked without a model.
    ///
    /// # Errors
    ///
    /// The first setting out of its range.
    pub fn validate(&self) -> Result<(), SamplingError> {
        let refuse = |setting, found: f32, needed| Err(SamplingError::new(setting, found, needed));
        if !(self.temperature.is_finite() && self.temperature >= 0.0) {
            let needed = "it must be a finite number and at least 0, which is greedy";
            return refuse("temperature", self.temperature, needed);
        }
        for (setting, value) in [("top_p", self.top_p), ("typical_p", self.typical_p)] {
            if !(value > 0.0 && value <= 1.0) {
                return refuse(setting, value, "it must be above 0 and at most 1");
            }
        }
        if !(0.0..=1.0).contains(&self.min_p) {
            return refuse("min_p", self.min_p, "it must be between 0 and 1");
        }
        if !(self.repetition_penalty.is_finite() && self.repetition_penalty > 0.0) {
            let needed = "it must be a finite number above 0, and 1 for no penalty";
            return refuse("repetition_penalty", self.repetition_penalty, needed);
        }
        let additive = [
            ("presence_penalty", self.presence_penalty),
            ("frequency_penalty", self.frequency_penalty),
        ];
        for (setting, value) in additive {
            if !value.is_finite() {
                return refuse(setting, value, "it must be a finite number");
            }
        }
        if self.penalty_window == Some(0) {
            return Err(SamplingError::new("penalty_window", 0, "it must be at least 1"));
        }
        for &bias in self.logit_bias.values() {
            if !bias.is_finite() {
                return refuse(
                    "logit_bias",
                    bias,
                    "it must be a finite number; ban a token instead",
                );
            }
        }
        Ok(())
    }

    /// [`validate`](Self::validate), and whether the tokens it names are below
    /// `vocabulary` and leave one to choose.
    ///
    /// # Errors
    ///
    /// The first setting that does not fit.
    pub fn validate_for(&self, vocabulary: usize) -> Result<(), SamplingError> {
        self.validate()?;
        let outside = |token: &Token| *token as usize >= vocabulary;
        let named = [
            ("logit_bias", self.logit_bias.keys().copied().find(|token| outside(token))),
            ("banned", self.banned.as_slice().iter().copied().find(|token| outside(token))),
        ];
        for (setting, token) in named {
            if let Some(token) = token {
                let found = format!("for token {token}");
                let needed = "this model's vocabulary has no such token";
                return Err(SamplingError::new(setting, found, needed));
            }
        }
        if self.banned.as_slice().len() >= vocabulary {
            let needed = "leave one to choose at least";
            return Err(SamplingError::new("banned", "every token", needed));
        }
        Ok(())
    }
}
