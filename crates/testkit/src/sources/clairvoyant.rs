use foretoken_core::{CandidateSource, Context, Draft, NodeId, SourceError, Token, async_trait};

use crate::dice::Dice;

/// A source that knows what comes next, and uses it as its seed decides.
///
/// Each step it proposes a right path of random length, with wrong branches
/// beside and below it, in random order: accepted paths of every length, zero
/// included, come up, whatever the model.
#[derive(Clone, Debug)]
pub struct Clairvoyant {
    dice: Dice,
    known: Vec<Vec<Token>>,
}

impl Clairvoyant {
    /// `known` are whole sequences, prompt and output. In a sequence that
    /// continues none of them the source proposes only wrong guesses.
    pub fn new(seed: u64, known: Vec<Vec<Token>>) -> Self {
        Self { dice: Dice::new(seed), known }
    }

    /// The tokens that follow `history`, if it is the beginning of a known sequence.
    fn future(&self, history: &[Token]) -> &[Token] {
        let known = self.known.iter().filter(|known| known.starts_with(history));
        known.map(|known| &known[history.len()..]).max_by_key(|rest| rest.len()).unwrap_or_default()
    }
}

#[async_trait]
impl CandidateSource for Clairvoyant {
    fn name(&self) -> &'static str {
        "clairvoyant"
    }

    async fn propose(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), SourceError> {
        let future = self.future(context.history).to_vec();
        let length = self.dice.below(future.len().min(12) + 1);
        let mut parent = NodeId::ROOT;
        for &token in &future[..length] {
            let wrong = self.dice.below(context.vocabulary) as Token;
            let wrong_first = self.dice.one_in(2);
            if wrong_first {
                draft.add(parent, wrong, 0.5);
            }
            let Some(right) = draft.add(parent, token, 0.9) else { break };
            if !wrong_first {
                // A wrong branch whose own children would be right.
                draft.add(parent, wrong, 0.5).and_then(|node| draft.add(node, token, 0.1));
            }
            parent = right;
        }
        draft.add(parent, self.dice.below(context.vocabulary) as Token, 0.2);
        Ok(())
    }

    fn fork(&self) -> Box<dyn CandidateSource> {
        Box::new(self.clone())
    }
}
