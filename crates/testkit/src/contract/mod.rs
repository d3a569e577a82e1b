//! The contract of [`Model`], checked rule by rule.
//!
//! Losslessness rests on the model: a pass must say the same of a node
//! whatever ran beside it, to the last bit. A backend's own tests call
//! [`check_model`] on a small model of each kind it can load.

mod breach;
mod calls;
mod passes;
mod probe;
mod sequences;

pub use breach::{Breach, Rule};

use foretoken_core::Model;

use breach::Fault;
use probe::Probe;

type Check = fn(&mut Probe<'_>) -> Result<(), Fault>;

const CHECKS: [(Rule, Check); 11] = [
    (Rule::TreeEqualsPaths, passes::tree_equals_paths),
    (Rule::ChunksEqualSingles, passes::chunks_equal_singles),
    (Rule::WantsAreHints, passes::wants_are_hints),
    (Rule::Ranking, passes::ranking_follows_logits),
    (Rule::CommitThenContinue, sequences::commit_then_continue),
    (Rule::UncommittedLeavesNoTrace, sequences::uncommitted_leaves_no_trace),
    (Rule::Truncate, sequences::truncate_forgets),
    (Rule::Fork, sequences::fork_goes_its_own_way),
    (Rule::SeveralSequences, sequences::several_do_not_mix),
    (Rule::InvalidPasses, calls::invalid_passes_are_refused),
    (Rule::InvalidCommits, calls::invalid_commits_are_refused),
];

/// Checks that a model keeps its contract, bit for bit.
///
/// The model must have at least 8 tokens of context, and no sequence open if it can
/// have only one. What it does not support (forking, several sequences) is not
/// checked. Some four thousand rows run through the model, in 440 passes.
///
/// ```
/// use foretoken_testkit::{contract::check_model, transformer::TinyTransformer};
///
/// check_model(&mut TinyTransformer::default())?;
/// # Ok::<(), foretoken_testkit::contract::Breach>(())
/// ```
///
/// # Errors
///
/// The first rule that is broken, and how.
pub fn check_model(model: &mut dyn Model) -> Result<(), Breach> {
    (0..3).try_for_each(|seed| check_model_seeded(model, seed))
}

/// The same with the trees and prompts of one seed: for property tests.
///
/// # Errors
///
/// The first rule that is broken, and how.
pub fn check_model_seeded(model: &mut dyn Model, seed: u64) -> Result<(), Breach> {
    for (rule, check) in CHECKS {
        let mut probe = Probe::new(model, seed);
        check(&mut probe).map_err(|fault| Breach::new(rule, seed, fault))?;
    }
    Ok(())
}
