use crate::{CandidateSource, Constraint, Context, Draft, NodeId, SourceError, async_trait};

/// Guesses the tokens that a [`Constraint`] [foresees](Constraint::foresee).
///
/// Where only one token is allowed after another (the names and the
/// punctuation of a schema), that chain is certain to come out, and one pass
/// verifies all of it. For a decoder with the same constraint, mostly beside
/// other sources: `(Forced::new(grammar), other)`.
pub struct Forced<C> {
    constraint: C,
}

impl<C: Constraint> Forced<C> {
    /// The chains that `constraint` foresees.
    pub fn new(constraint: C) -> Self {
        Self { constraint }
    }
}

#[async_trait]
impl<C: Constraint> CandidateSource for Forced<C> {
    fn name(&self) -> &'static str {
        "forced"
    }

    async fn propose(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), SourceError> {
        let most = draft.budget().depth.min(draft.remaining());
        let (mut node, mut path) = (NodeId::ROOT, 1.0);
        for (token, chance) in self.constraint.foresee(context, most) {
            path *= chance;
            let Some(child) = draft.add(node, token, path) else { break };
            node = child;
        }
        Ok(())
    }

    fn fork(&self) -> Box<dyn CandidateSource> {
        Box::new(Forced::new(self.constraint.fork()))
    }
}

impl<C> std::fmt::Debug for Forced<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Forced").finish_non_exhaustive()
    }
}
