//! A source that is not told when a sequence is over.

use foretoken::{CandidateSource, Context, Draft, Outcome, SourceError, Token, Wants, async_trait};

/// Passes everything on to a source but [`end`](CandidateSource::end), with which sources publish what was said: whoever
/// decodes a prompt several times tells the source of one of them.
pub(crate) struct Unended<'a>(pub(crate) &'a mut dyn CandidateSource);

#[async_trait]
impl CandidateSource for Unended<'_> {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn wants(&self) -> Wants {
        self.0.wants()
    }

    fn begin(&mut self, prompt: &[Token], reused: usize) {
        self.0.begin(prompt, reused);
    }

    async fn propose(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), SourceError> {
        self.0.propose(context, draft).await
    }

    fn observe(&mut self, outcome: &Outcome<'_>) {
        self.0.observe(outcome);
    }

    fn prefilled(&mut self, chunk: &Outcome<'_>) {
        self.0.prefilled(chunk);
    }

    fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    fn fork(&self) -> Box<dyn CandidateSource> {
        self.0.fork()
    }
}
