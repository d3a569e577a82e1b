use crate::{
    CandidateSource, Constraint, Context, Draft, NodeId, SourceError, TokenMask, async_trait,
};

/// Guesses the tokens that a [`Constraint`] leaves no choice about.
///
/// Where only one token is allowed after another (the names and the
/// punctuation of a schema), that chain is certain to come out, and one pass
/// verifies all of it. For a decoder with the same constraint, mostly beside
/// other sources: `(Forced::new(grammar), other)`.
pub struct Forced<C> {
    constraint: C,
    allowed: TokenMask,
}

impl<C: Constraint> Forced<C> {
    /// The chains that `constraint` forces.
    pub fn new(constraint: C) -> Self {
        Self { constraint, allowed: TokenMask::default() }
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
        if self.allowed.vocabulary() != context.vocabulary {
            self.allowed = TokenMask::none(context.vocabulary);
        }
        let Context { prompt_len, vocabulary, end_of_sequence, remaining, .. } = *context;
        let mut path = context.history.to_vec();
        let mut node = NodeId::ROOT;
        for depth in 0..draft.budget().depth.min(draft.remaining()) {
            let here = Context::new(&path, prompt_len, vocabulary, end_of_sequence)
                .with_remaining(remaining.saturating_sub(depth));
            self.allowed.fill();
            self.constraint.allow(&here, &mut self.allowed);
            let Some(token) = self.allowed.only() else { break };
            let Some(child) = draft.add(node, token, 1.0) else { break };
            if end_of_sequence.contains(token) {
                break;
            }
            path.push(token);
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
