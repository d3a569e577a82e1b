//! `&mut S` and `Box<S>` are sources too.

use super::{CandidateSource, Context, Draft, Outcome, SourceError, Wants};
use crate::{Token, async_trait};

macro_rules! forward_source {
    ($($pointer:ty),*) => {$(
        #[async_trait]
        impl<S: CandidateSource + ?Sized> CandidateSource for $pointer {
            fn name(&self) -> &str {
                (**self).name()
            }

            fn wants(&self) -> Wants {
                (**self).wants()
            }

            fn begin(&mut self, prompt: &[Token], reused: usize) {
                (**self).begin(prompt, reused);
            }

            async fn propose(
                &mut self,
                context: &Context<'_>,
                draft: &mut Draft<'_>,
            ) -> Result<(), SourceError> {
                (**self).propose(context, draft).await
            }

            fn observe(&mut self, outcome: &Outcome<'_>) {
                (**self).observe(outcome);
            }

            fn prefilled(&mut self, chunk: &Outcome<'_>) {
                (**self).prefilled(chunk);
            }

            fn truncate(&mut self, len: usize) {
                (**self).truncate(len);
            }

            fn fork(&self) -> Box<dyn CandidateSource> {
                (**self).fork()
            }

            fn end(&mut self, tokens: &[Token]) {
                (**self).end(tokens);
            }
        }
    )*};
}

forward_source!(&mut S, Box<S>);
