use std::fmt;

use foretoken_core::ModelError;

/// A rule of the contract of [`Model`](foretoken_core::Model).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// What a tree pass says of a node is what its path says on its own.
    TreeEqualsPaths,
    /// A prompt in one chunk, in several, or token by token is the same prompt.
    ChunksEqualSingles,
    /// A pass answers what was not wanted, too, and the same.
    WantsAreHints,
    /// `argmax` and `top_k` are what the logits say, the lower token first on a tie.
    Ranking,
    /// After a commit the sequence is as if the path had been read in order.
    CommitThenContinue,
    /// A pass that is not committed changes nothing.
    UncommittedLeavesNoTrace,
    /// After truncation the sequence is as if it had never been longer.
    Truncate,
    /// A fork has the tokens it was given and goes its own way.
    Fork,
    /// Sequences do not see each other, in passes of their own or in one.
    SeveralSequences,
    /// Passes and questions that are not allowed are refused without effect.
    InvalidPasses,
    /// Commits that are not allowed are refused without effect.
    InvalidCommits,
}

/// A rule that a model breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Breach {
    /// The rule.
    pub rule: Rule,
    /// The seed of [`check_model_seeded`](super::check_model_seeded) that shows it.
    pub seed: u64,
    /// What was done, what came of it, and what should have.
    pub detail: String,
}

impl Breach {
    pub(super) fn new(rule: Rule, seed: u64, fault: Fault) -> Self {
        let detail = match fault {
            Fault::Failed(error) => format!("a call that should have worked failed: {error}"),
            Fault::Wrong(detail) => detail,
        };
        Self { rule, seed, detail }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, seed, detail } = self;
        write!(f, "the model breaks its contract ({rule:?}, seed {seed}): {detail}")
    }
}

impl std::error::Error for Breach {}

/// A breach before it is known of which rule.
pub(super) enum Fault {
    Failed(ModelError),
    Wrong(String),
}

impl From<ModelError> for Fault {
    fn from(error: ModelError) -> Self {
        Self::Failed(error)
    }
}

/// A fault unless `right`.
pub(super) fn ensure(right: bool, detail: impl FnOnce() -> String) -> Result<(), Fault> {
    if right { Ok(()) } else { Err(Fault::Wrong(detail())) }
}
