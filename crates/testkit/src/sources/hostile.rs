use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use foretoken_core::{
    CandidateSource, Context, Draft, NodeId, Outcome, SourceError, Token, Want, Wants, async_trait,
};

use crate::dice::Dice;

/// A source that breaks every rule, as its seed decides.
///
/// It proposes duplicate siblings, tokens outside the vocabulary, children of
/// unknown nodes, tokens after an end of sequence, more nodes and deeper chains
/// than it may, probabilities that are no probabilities, and copies of the
/// history, which are sometimes right; it wants to know of nodes that do not
/// exist, lends its draft to others, fails, waits, and goes by other sources'
/// names. It never panics.
#[derive(Clone, Debug)]
pub struct Hostile {
    seed: u64,
    dice: Dice,
    name: &'static str,
    wants: Wants,
}

const NAMES: [&str; 6] =
    ["hostile", "prompt-lookup", "composition", "", "autoregressive", "a name, with = and +"];

const TRICKS: [Trick; 12] = [
    Trick::Copy,
    Trick::Duplicates,
    Trick::OutOfVocabulary,
    Trick::UnknownParent,
    Trick::EndOfSequenceInside,
    Trick::OverBudget,
    Trick::DeepChain,
    Trick::NoProbability,
    Trick::UnknownWants,
    Trick::OthersNodes,
    Trick::Impostor,
    Trick::Wait,
];

#[derive(Clone, Copy, Debug)]
enum Trick {
    Copy,
    Duplicates,
    OutOfVocabulary,
    UnknownParent,
    EndOfSequenceInside,
    OverBudget,
    DeepChain,
    NoProbability,
    UnknownWants,
    OthersNodes,
    Impostor,
    Wait,
}

impl Hostile {
    /// Equal seeds misbehave equally.
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let name = NAMES[dice.below(NAMES.len())];
        let wants = Wants::default().every_node(any_want(&mut dice)).prompt(any_want(&mut dice));
        Self { seed, dice, name, wants }
    }

    /// What [`new`](Self::new) was given.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    fn play(&mut self, trick: Trick, context: &Context<'_>, draft: &mut Draft<'_>) {
        let token = self.dice.below(context.vocabulary) as Token;
        let parent = NodeId::new(self.dice.below(draft.tree().len()));
        let (nodes, depth) = (draft.budget().nodes, draft.budget().depth);
        match trick {
            Trick::Copy => {
                let from = self.dice.below(context.history.len());
                let to = (from + 8).min(context.history.len());
                draft.add_chain(NodeId::ROOT, &context.history[from..to], 0.7);
            }
            Trick::Duplicates => {
                for _ in 0..3 {
                    draft.add(parent, token, self.dice.float());
                }
            }
            Trick::OutOfVocabulary => {
                for token in [context.vocabulary as Token, Token::MAX] {
                    if let Some(node) = draft.add(parent, token, 1.0) {
                        draft.add(node, 0, 1.0);
                    }
                }
            }
            Trick::UnknownParent => {
                for beyond in [0, 1, 1000, u32::MAX as usize - draft.tree().len()] {
                    draft.add(NodeId::new(draft.tree().len() + beyond), token, 1.0);
                }
            }
            Trick::EndOfSequenceInside => {
                for &end in context.end_of_sequence.as_slice() {
                    draft.add_chain(NodeId::ROOT, &[end, token, end], 1.0);
                    draft.add_chain(parent, &[end, end, token], 1.0);
                }
            }
            Trick::OverBudget => {
                for extra in 0..nodes.min(200) + 3 {
                    let parent = NodeId::new(self.dice.below(draft.tree().len()));
                    draft.add(parent, (extra % context.vocabulary) as Token, 0.9);
                }
            }
            Trick::DeepChain => {
                let chain = vec![token; depth.min(200) + context.remaining.min(200) + 2];
                draft.add_chain(parent, &chain, 1.0);
            }
            Trick::NoProbability => {
                for probability in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -1.0, 1e30] {
                    draft.add(parent, self.dice.below(context.vocabulary) as Token, probability);
                }
            }
            Trick::UnknownWants => {
                draft.want(NodeId::new(draft.tree().len()), Want::Logits);
                draft.want(NodeId::new(u32::MAX as usize), Want::Argmax);
                draft.want(parent, any_want(&mut self.dice));
            }
            Trick::OthersNodes => {
                let nodes: Vec<NodeId> = draft.tree().nodes().collect();
                for node in nodes {
                    draft.add(node, token, 1.0);
                }
            }
            Trick::Impostor => {
                let mut lent = draft.member(NAMES[self.dice.below(NAMES.len())], usize::MAX);
                lent.add(NodeId::ROOT, token, 1.0);
                lent.fail(&SourceError::new("somebody else failed"));
            }
            Trick::Wait => {}
        }
    }
}

fn any_want(dice: &mut Dice) -> Want {
    let wants =
        [Want::Nothing, Want::Argmax, Want::TopK(0), Want::TopK(3), Want::TopK(999), Want::Logits];
    wants[dice.below(wants.len())]
}

#[async_trait]
impl CandidateSource for Hostile {
    fn name(&self) -> &str {
        self.name
    }

    fn wants(&self) -> Wants {
        self.wants
    }

    async fn propose(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), SourceError> {
        for _ in 0..self.dice.below(4) {
            let trick = TRICKS[self.dice.below(TRICKS.len())];
            if matches!(trick, Trick::Wait) {
                Pause::default().await;
            } else {
                self.play(trick, context, draft);
            }
            if self.dice.one_in(12) {
                return Err(SourceError::new("hostile on purpose"));
            }
        }
        Ok(())
    }

    fn observe(&mut self, outcome: &Outcome<'_>) {
        // Reading what is not there must be harmless.
        for node in [NodeId::ROOT, NodeId::new(outcome.tree().len()), NodeId::new(1 << 20)] {
            let _ = (outcome.argmax(node), outcome.top_k(node));
        }
    }

    fn fork(&self) -> Box<dyn CandidateSource> {
        Box::new(self.clone())
    }
}

/// Waits for one turn of the executor.
#[derive(Default)]
struct Pause {
    waited: bool,
}

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.waited, true) {
            return Poll::Ready(());
        }
        task.waker().wake_by_ref();
        Poll::Pending
    }
}
