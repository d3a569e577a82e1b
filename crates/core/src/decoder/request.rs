use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Cancellation, RepetitionGuard, Sampling, Token, TokenSet, WhenContextFull};

/// What to decode.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Request {
    /// The prompt, at least one token.
    pub prompt: Vec<Token>,
    /// Stop after so many tokens. Default 256.
    pub max_new_tokens: usize,
    /// Any of these ends the output, and is its last token. Default `None`:
    /// those of the model. An empty set: nothing does.
    pub end_of_sequence: Option<TokenSet>,
    /// How each token is chosen. Default: greedily.
    #[serde(default)]
    pub sampling: Sampling,
    /// Tells with each token how likely the model found it, and the so many
    /// most likely tokens. Needs all logits of each node that is read. Default
    /// `None`: nothing.
    #[serde(default)]
    pub scores: Option<usize>,
    /// The output ends with the pass in which this time since its start is up:
    /// the prompt counts. Seconds when serialized. Default `None`: never.
    #[serde(default, with = "super::seconds::optional")]
    pub time_budget: Option<Duration>,
    /// Default: the output ends.
    #[serde(default)]
    pub when_context_full: WhenContextFull,
    /// Default `None`: an output may repeat itself.
    #[serde(default)]
    pub repetition_guard: Option<RepetitionGuard>,
    /// Ends the output from outside. Default `None`. Not serialized.
    #[serde(skip)]
    pub cancellation: Option<Cancellation>,
}

impl Request {
    /// A request to continue `prompt`, with defaults for everything else.
    pub fn new(prompt: impl Into<Vec<Token>>) -> Self {
        Self {
            prompt: prompt.into(),
            max_new_tokens: 256,
            end_of_sequence: None,
            sampling: Sampling::default(),
            scores: None,
            time_budget: None,
            when_context_full: WhenContextFull::default(),
            repetition_guard: None,
            cancellation: None,
        }
    }

    /// The same with a limit on the output.
    #[must_use]
    pub fn with_max_new_tokens(mut self, tokens: usize) -> Self {
        self.max_new_tokens = tokens;
        self
    }

    /// The same with other end-of-sequence tokens than the model's.
    #[must_use]
    pub fn with_end_of_sequence(mut self, tokens: impl IntoIterator<Item = Token>) -> Self {
        self.end_of_sequence = Some(tokens.into_iter().collect());
        self
    }

    /// The same with other choices than the greedy ones.
    #[must_use]
    pub fn with_sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = sampling;
        self
    }

    /// The same with each token's log-probability and those of the `top` most
    /// likely tokens.
    #[must_use]
    pub fn with_scores(mut self, top: usize) -> Self {
        self.scores = Some(top);
        self
    }

    /// The same with a limit on the time.
    #[must_use]
    pub fn with_time_budget(mut self, time: Duration) -> Self {
        self.time_budget = Some(time);
        self
    }

    /// The same with another end of a full context.
    #[must_use]
    pub fn with_when_context_full(mut self, then: WhenContextFull) -> Self {
        self.when_context_full = then;
        self
    }

    /// The same with a guard against going round in circles.
    #[must_use]
    pub fn with_repetition_guard(mut self, guard: RepetitionGuard) -> Self {
        self.repetition_guard = Some(guard);
        self
    }

    /// The same, ended when somebody cancels.
    #[must_use]
    pub fn with_cancellation(mut self, cancellation: Cancellation) -> Self {
        self.cancellation = Some(cancellation);
        self
    }
}
