use foretoken_core::{
    CandidateSource, Context, Draft, Outcome, SourceError, Token, Wants, async_trait,
};

use crate::dice::Dice;

/// Puts a source through [`fork`](CandidateSource::fork) and
/// [`truncate`](CandidateSource::truncate) at random steps.
///
/// Between steps the source is replaced by its fork, or told that the sequence
/// was cut back, and that the tokens which were cut off came again.
pub struct Restless {
    inner: Box<dyn CandidateSource>,
    seed: u64,
    dice: Dice,
}

impl Restless {
    /// Equal seeds are equally restless.
    pub fn new(seed: u64, inner: Box<dyn CandidateSource>) -> Self {
        Self { inner, seed, dice: Dice::new(seed) }
    }
}

#[async_trait]
impl CandidateSource for Restless {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn wants(&self) -> Wants {
        self.inner.wants()
    }

    fn begin(&mut self, prompt: &[Token], reused: usize) {
        self.inner.begin(prompt, reused);
    }

    async fn propose(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), SourceError> {
        match self.dice.below(4) {
            0 => self.inner = self.inner.fork(),
            1 => self.inner.truncate(self.dice.below(context.history.len() + 1)),
            2 => self.inner.truncate(context.history.len() - self.dice.below(2)),
            _ => {}
        }
        self.inner.propose(context, draft).await
    }

    fn observe(&mut self, outcome: &Outcome<'_>) {
        self.inner.observe(outcome);
    }

    fn prefilled(&mut self, chunk: &Outcome<'_>) {
        self.inner.prefilled(chunk);
    }

    fn truncate(&mut self, len: usize) {
        self.inner.truncate(len);
    }

    fn fork(&self) -> Box<dyn CandidateSource> {
        Box::new(Self::new(self.seed, self.inner.fork()))
    }

    fn end(&mut self, tokens: &[Token]) {
        self.inner.end(tokens);
    }
}
