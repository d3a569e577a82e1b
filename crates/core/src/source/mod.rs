//! Who guesses.

mod compose;
mod context;
mod draft;
mod error;
mod forced;
mod forward;
mod ledger;
mod notes;
mod outcome;
mod wants;

pub use context::Context;
pub use draft::{Budget, Draft};
pub use error::SourceError;
pub use forced::Forced;
pub use ledger::Ledger;
pub use notes::{Claim, Notes};
pub use outcome::{Outcome, Predictions};
pub use wants::Wants;

use crate::{Token, async_trait};

/// A source of candidates: it guesses tokens that may come next.
///
/// A source may be wrong, slow or hostile: guesses decide which logits are
/// known in time, never which token comes out. The worst a source can do is
/// cost time.
///
/// # Calls
///
/// For each sequence [`begin`](Self::begin), then [`prefilled`](Self::prefilled)
/// for each chunk of the prompt if [wanted](Self::wants), then for each step
/// [`propose`](Self::propose) and [`observe`](Self::observe), then
/// [`end`](Self::end). A step in which no guess fits (the last one, say), or in
/// which the decoder does not ask because asking takes too long, calls neither. [`Context::history`] always holds the whole sequence, so a source
/// that only looks at text needs no more than `propose`.
///
/// # Composition
///
/// Tuples of up to six sources, and `Vec`s of boxed ones, are sources: each
/// member proposes into the same tree, with an equal share of the budget that
/// the members before it left.
///
/// # A complete implementation
///
/// Guesses that the last token comes again.
///
/// ```
/// use foretoken_core::{async_trait, CandidateSource, Context, Draft, NodeId, SourceError};
///
/// #[derive(Clone)]
/// struct Echo { times: usize }
///
/// #[async_trait]
/// impl CandidateSource for Echo {
///     fn name(&self) -> &str { "echo" }
///
///     async fn propose(&mut self, context: &Context<'_>, draft: &mut Draft<'_>) -> Result<(), SourceError> {
///         draft.add_chain(NodeId::ROOT, &vec![context.last(); self.times], 0.5);
///         Ok(())
///     }
///
///     fn fork(&self) -> Box<dyn CandidateSource> { Box::new(self.clone()) }
/// }
///
/// // Object-safe:
/// let source: Box<dyn CandidateSource> = Box::new(Echo { times: 3 });
/// assert_eq!(source.name(), "echo");
/// ```
#[async_trait]
pub trait CandidateSource: Send {
    /// A short name in kebab case; statistics are kept under it.
    fn name(&self) -> &str;

    /// What the source wants to see of a pass besides its own
    /// [`Draft::want`]s. Default: nothing. [`Want::Logits`](crate::Want) counts as the most likely token.
    fn wants(&self) -> Wants {
        Wants::default()
    }

    /// A sequence starts with `prompt`. The first `reused` tokens are those the
    /// sequence before began with, so what was learnt from them may stay; if
    /// there are any, [`truncate`](Self::truncate) came before.
    fn begin(&mut self, prompt: &[Token], reused: usize) {
        let _ = (prompt, reused);
    }

    /// Adds guesses to the tree of the next step.
    ///
    /// # Errors
    ///
    /// An error ends this source's proposal for the step and is counted;
    /// guesses already added stay, and decoding goes on.
    async fn propose(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), SourceError>;

    /// What the pass showed. Node identifiers are those [`Draft::add`] returned.
    fn observe(&mut self, outcome: &Outcome<'_>) {
        let _ = outcome;
    }

    /// A chunk of the prompt ran: a chain of its tokens, with predictions as
    /// [`Wants::prompt`] asked. Not called if no source wants anything, nor for
    /// the part of the prompt that is reused, which does not run.
    fn prefilled(&mut self, chunk: &Outcome<'_>) {
        let _ = chunk;
    }

    /// The sequence was cut back to its first `len` tokens, prompt included.
    fn truncate(&mut self, len: usize) {
        let _ = len;
    }

    /// A copy that goes its own way, for a sequence that was forked.
    fn fork(&self) -> Box<dyn CandidateSource>;

    /// The sequence is over: `tokens` is all of it, prompt included.
    fn end(&mut self, tokens: &[Token]) {
        let _ = tokens;
    }
}
