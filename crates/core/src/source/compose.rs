//! Tuples and `Vec`s of sources are sources.
//!
//! Each member gets an equal share of the nodes that are left when its turn
//! comes, so one that proposes nothing leaves more to those after it. A
//! member's error is counted for that member; the others propose all the same.

use super::{CandidateSource, Context, Draft, Outcome, SourceError, Wants};
use crate::{Token, async_trait};

/// One member's turn; `turns` members, this one included, have not had theirs.
async fn take_turn(
    member: &mut dyn CandidateSource,
    turns: usize,
    context: &Context<'_>,
    draft: &mut Draft<'_>,
) {
    let share = draft.remaining().div_ceil(turns);
    // A composition has no guesses of its own: only its members are entered.
    let mut part = draft.member(member.name(), share);
    if let Err(error) = member.propose(context, &mut part).await {
        part.fail(&error);
    }
}

#[async_trait]
impl CandidateSource for Vec<Box<dyn CandidateSource>> {
    fn name(&self) -> &'static str {
        "composition"
    }

    fn wants(&self) -> Wants {
        self.iter().fold(Wants::default(), |wants, member| wants.union(member.wants()))
    }

    fn begin(&mut self, prompt: &[Token], reused: usize) {
        for member in self {
            member.begin(prompt, reused);
        }
    }

    async fn propose(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), SourceError> {
        let members = self.len();
        for (index, member) in self.iter_mut().enumerate() {
            take_turn(member, members - index, context, draft).await;
        }
        Ok(())
    }

    fn observe(&mut self, outcome: &Outcome<'_>) {
        for member in self {
            member.observe(outcome);
        }
    }

    fn prefilled(&mut self, chunk: &Outcome<'_>) {
        for member in self {
            member.prefilled(chunk);
        }
    }

    fn truncate(&mut self, len: usize) {
        for member in self {
            member.truncate(len);
        }
    }

    fn fork(&self) -> Box<dyn CandidateSource> {
        Box::new(self.iter().map(CandidateSource::fork).collect::<Self>())
    }

    fn end(&mut self, tokens: &[Token]) {
        for member in self {
            member.end(tokens);
        }
    }
}

macro_rules! compose_tuple {
    ($($member:ident . $index:tt),+) => {
        #[async_trait]
        impl<$($member: CandidateSource),+> CandidateSource for ($($member,)+) {
            fn name(&self) -> &'static str {
                "composition"
            }

            fn wants(&self) -> Wants {
                Wants::default()$(.union(self.$index.wants()))+
            }

            fn begin(&mut self, prompt: &[Token], reused: usize) {
                $(self.$index.begin(prompt, reused);)+
            }

            async fn propose(
                &mut self,
                context: &Context<'_>,
                draft: &mut Draft<'_>,
            ) -> Result<(), SourceError> {
                let members = [$($index),+].len();
                $(take_turn(&mut self.$index, members - $index, context, draft).await;)+
                Ok(())
            }

            fn observe(&mut self, outcome: &Outcome<'_>) {
                $(self.$index.observe(outcome);)+
            }

            fn prefilled(&mut self, chunk: &Outcome<'_>) {
                $(self.$index.prefilled(chunk);)+
            }

            fn truncate(&mut self, len: usize) {
                $(self.$index.truncate(len);)+
            }

            fn fork(&self) -> Box<dyn CandidateSource> {
                let members: Vec<Box<dyn CandidateSource>> = vec![$(self.$index.fork()),+];
                Box::new(members)
            }

            fn end(&mut self, tokens: &[Token]) {
                $(self.$index.end(tokens);)+
            }
        }
    };
}

compose_tuple!(A.0, B.1);
compose_tuple!(A.0, B.1, C.2);
compose_tuple!(A.0, B.1, C.2, D.3);
compose_tuple!(A.0, B.1, C.2, D.3, E.4);
compose_tuple!(A.0, B.1, C.2, D.3, E.4, F.5);
