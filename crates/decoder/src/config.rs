use foretoken_core::DecodeError;
use serde::{Deserialize, Serialize};

/// Which of a step's guesses are verified. It never changes the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BudgetMode {
    /// Those that are worth their time: each guess's calibrated chance, and
    /// what later steps gain from it, against the time that it adds to the
    /// pass. No guess at all is a possible answer, so a strategy is hardly
    /// ever slower than plain decoding.
    #[default]
    Adaptive,
    /// All that sources propose within [`Config::max_nodes`], as published
    /// methods do.
    Fixed,
}

/// How [`GuessAndVerify`](crate::GuessAndVerify) runs. None of it changes the output.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Config {
    /// Which guesses are verified. Default [`BudgetMode::Adaptive`].
    pub budget: BudgetMode,
    /// Most guesses that a step verifies. Default 64. Each costs one row in the
    /// verifying pass; with 0 every step is a plain decoding step.
    pub max_nodes: usize,
    /// Most guesses that sources may draft in a step, for an adaptive budget to
    /// choose from. Default 256; never less than `max_nodes`.
    pub max_drafted: usize,
    /// Most prompt tokens in one pass, at least 1. Default 512. More is faster
    /// until the backend's matrices are saturated; scratch memory grows with it.
    pub prefill_chunk: usize,
    /// The output layer runs within the pass for nodes whose path has at least
    /// this probability according to its source, and on demand, once the walk
    /// gets there, for the others. Default 0.2: about what one more row costs
    /// relative to the output layer on its own.
    pub eager_probability: f32,
    /// Whether a request's sequence stays open after it, so that the next
    /// request computes only what its prompt does not share with it: the next
    /// turn of a conversation, say. Default `false`. Costs the cache's memory
    /// between requests.
    pub reuse_prefix: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            budget: BudgetMode::Adaptive,
            max_nodes: 64,
            max_drafted: 256,
            prefill_chunk: 512,
            eager_probability: 0.2,
            reuse_prefix: false,
        }
    }
}

impl Config {
    /// The same with another way to choose what is verified.
    #[must_use]
    pub fn with_budget(mut self, budget: BudgetMode) -> Self {
        self.budget = budget;
        self
    }

    /// The same with another limit on verified guesses.
    #[must_use]
    pub fn with_max_nodes(mut self, nodes: usize) -> Self {
        self.max_nodes = nodes;
        self
    }

    /// The same with another chunk size.
    #[must_use]
    pub fn with_prefill_chunk(mut self, tokens: usize) -> Self {
        self.prefill_chunk = tokens;
        self
    }

    /// The same, with or without reuse of what the request before computed.
    #[must_use]
    pub fn with_reuse_prefix(mut self, reuse: bool) -> Self {
        self.reuse_prefix = reuse;
        self
    }

    /// Most guesses in a draft.
    pub(crate) fn drafted(&self) -> usize {
        match self.budget {
            // Without a row to spend nothing need be guessed.
            BudgetMode::Adaptive if self.max_nodes > 0 => self.max_drafted.max(self.max_nodes),
            BudgetMode::Adaptive | BudgetMode::Fixed => self.max_nodes,
        }
    }

    pub(crate) fn validate(&self) -> Result<(), DecodeError> {
        if self.prefill_chunk == 0 {
            return Err(DecodeError::config("prefill_chunk is 0: it must be at least 1"));
        }
        if !self.eager_probability.is_finite() {
            return Err(DecodeError::config("eager_probability must be a finite number"));
        }
        Ok(())
    }
}
