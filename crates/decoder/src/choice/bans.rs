use foretoken_core::{Context, LogitsProcessor, Sampling, TokenSet};

/// Forbids tokens: some always, those that end the sequence until enough came out.
#[derive(Clone, Debug)]
pub(crate) struct Bans {
    always: TokenSet,
    min_new_tokens: usize,
}

impl Bans {
    /// `None` if nothing is ever forbidden.
    pub(crate) fn new(sampling: &Sampling) -> Option<Self> {
        let any = !sampling.banned.is_empty() || sampling.min_new_tokens > 0;
        any.then(|| Self {
            always: sampling.banned.clone(),
            min_new_tokens: sampling.min_new_tokens,
        })
    }
}

impl LogitsProcessor for Bans {
    fn process(&mut self, context: &Context<'_>, logits: &mut [f32]) {
        let mut forbid = |tokens: &TokenSet| {
            for &token in tokens.as_slice() {
                // A request may name end-of-sequence tokens that the model does not have.
                if let Some(logit) = logits.get_mut(token as usize) {
                    *logit = f32::NEG_INFINITY;
                }
            }
        };
        forbid(&self.always);
        if context.emitted().len() < self.min_new_tokens {
            forbid(context.end_of_sequence);
        }
    }

    fn fork(&self) -> Box<dyn LogitsProcessor> {
        Box::new(self.clone())
    }
}
