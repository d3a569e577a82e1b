//! A candidate source in one file, decoding beside another one.
//!
//! `cargo run --release -p foretoken --example custom_source`
//!
//! The tutorial in `docs/custom-source.md` builds this source step by step.

#![allow(clippy::unnecessary_literal_bound)] // The trait's own signature, as one would write it.

use std::collections::HashMap;

use foretoken::blocking::BlockingDecoder;
use foretoken::pool::PromptLookup;
use foretoken::{
    CandidateSource, Context, Draft, GuessAndVerify, NodeId, Request, SourceError, Token,
    async_trait,
};
use foretoken_testkit::toy::ToyModel;

#[derive(Clone, Default)]
struct Successors {
    after: HashMap<Token, Token>,
    seen: usize,
}

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

fn main() -> Result<(), foretoken::DecodeError> {
    // A toy model needs no file; `foretoken::candle::load` gives a real one.
    let source = (Successors::default(), PromptLookup::default());
    let mut decoder = GuessAndVerify::new(ToyModel::default(), source);
    let request = Request::new([1, 2, 3]).with_max_new_tokens(100);
    let output = decoder.decode_blocking(&request, &mut ())?;
    println!("{:?}", output.tokens);
    println!("{:.2} tokens a step", output.statistics.tokens_per_step());
    for source in &output.statistics.sources {
        println!("{}: {} of {} guesses accepted", source.name, source.accepted, source.proposed);
    }
    Ok(())
}
