//! The tutorial of `docs/custom-source.md` as a test, step by step.
//!
//! Vocabulary of the toy text: 1 is a dash, 2 a line break, 3 and up are words.

#![allow(clippy::unnecessary_literal_bound)] // The trait's own signature, as one would write it.

use std::collections::HashMap;

use foretoken::blocking::{BlockingDecoder, BlockingSource};
use foretoken::testkit::toy::ToyModel;
use foretoken::tree::Limits;
use foretoken::{
    CandidateSource, Context, Draft, GuessAndVerify, Ledger, NodeId, Notes, Request, SourceError,
    Token, TokenSet, TokenTree, async_trait,
};

/// Step 1: what the source remembers. For every token, what came after it the last time.
#[derive(Clone, Default)]
struct Successors {
    after: HashMap<Token, Token>,
    seen: usize,
}

/// Step 2: the source itself.
#[async_trait]
impl CandidateSource for Successors {
    fn name(&self) -> &str {
        "successors"
    }

    fn begin(&mut self, _prompt: &[Token], _reused: usize) {
        *self = Self::default();
    }

    async fn propose(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), SourceError> {
        for pair in context.history[self.seen.saturating_sub(1)..].windows(2) {
            self.after.insert(pair[0], pair[1]);
        }
        self.seen = context.history.len();

        let (mut node, mut token, mut probability) = (NodeId::ROOT, context.last(), 1.0);
        while let Some(&next) = self.after.get(&token) {
            probability *= 0.5;
            match draft.add(node, next, probability) {
                Some(child) if draft.tree().depth(child) < 4 => (node, token) = (child, next),
                _ => break,
            }
        }
        Ok(())
    }

    fn truncate(&mut self, len: usize) {
        self.seen = self.seen.min(len);
    }

    fn fork(&self) -> Box<dyn CandidateSource> {
        Box::new(self.clone())
    }
}

/// The guesses for one history, as the path of tokens below the root.
fn guesses(source: &mut Successors, history: &[Token]) -> Vec<Token> {
    let last = *history.last().unwrap();
    let mut tree = TokenTree::new(last, Limits::default());
    let (mut notes, mut ledger) = (Notes::new(), Ledger::new());
    let mut draft = Draft::new(&mut tree, &mut notes, &mut ledger, "successors", 100);
    let end = TokenSet::default();
    let context = Context::new(history, history.len(), 100, &end);
    source.propose_blocking(&context, &mut draft).unwrap();
    let deepest = tree.nodes().last().unwrap();
    tree.path_tokens(deepest)[1..].to_vec()
}

/// Step 3: does it guess what it should?
#[test]
fn it_guesses_what_came_after_the_last_line_break() {
    let mut source = Successors::default();
    assert!(guesses(&mut source, &[1, 7]).is_empty(), "nothing has followed 7 yet");
    assert_eq!(guesses(&mut source, &[1, 7, 2, 1, 8, 2]), [1, 8, 2, 1]);
    source.truncate(3);
    assert_eq!(
        guesses(&mut source, &[1, 7, 2, 1, 9, 2]),
        [1, 9, 2, 1],
        "the cut-off 8 is relearnt"
    );
}

/// Step 4: the decoder uses it, and it gains something.
#[test]
fn it_saves_steps_on_text_that_repeats_itself() {
    let mut decoder = GuessAndVerify::new(ToyModel::default(), Successors::default());
    let output = decoder
        .decode_blocking(&Request::new([1, 2, 3]).with_max_new_tokens(200), &mut ())
        .unwrap();
    assert!(output.statistics.tokens_per_step() > 1.0, "{:?}", output.statistics);
    assert!(output.statistics.sources[0].accepted > 0);
}

/// Step 5: it changes nothing.
#[test]
fn it_is_lossless() {
    foretoken::testkit::assert_lossless!(Successors::default());
}
