use foretoken_core::blocking::{BlockingModel, BlockingPass};
use foretoken_core::tree::Limits;
use foretoken_core::{Model, ModelError, NodeId, SeqId, SourceId, Step, Token, TokenTree, Want};

use super::breach::{Fault, ensure};
use crate::dice::Dice;

/// Logits by node.
pub(super) type Logits = Vec<Vec<f32>>;

/// A model with random trees and prompts for it.
pub(super) struct Probe<'m> {
    pub(super) model: &'m mut dyn Model,
    pub(super) dice: Dice,
}

impl<'m> Probe<'m> {
    pub(super) fn new(model: &'m mut dyn Model, seed: u64) -> Self {
        Self { model, dice: Dice::new(seed) }
    }

    pub(super) fn vocabulary(&self) -> usize {
        self.model.info().vocabulary
    }

    /// Random tokens that leave room in the context for a tree and more.
    pub(super) fn prompt(&mut self) -> Vec<Token> {
        let longest = (self.model.info().context_length / 4).clamp(1, 11);
        let length = 1 + self.dice.below(longest);
        self.tokens(length)
    }

    pub(super) fn tokens(&mut self, length: usize) -> Vec<Token> {
        let vocabulary = self.vocabulary();
        (0..length).map(|_| self.dice.below(vocabulary) as Token).collect()
    }

    /// A random tree whose branches share tokens, of a quarter of the context at most.
    pub(super) fn tree(&mut self) -> TokenTree {
        let depth = (self.model.info().context_length / 4).saturating_sub(1).min(5);
        let tokens = self.tokens(4);
        let mut tree = TokenTree::new(tokens[0], Limits { nodes: 14, depth });
        for _ in 0..18 {
            let parent = NodeId::new(self.dice.below(tree.len()));
            let token = tokens[self.dice.below(tokens.len())];
            // A refusal leaves a smaller tree, which will do.
            let _ = tree.add(parent, token, SourceId::new(0), 0.5);
        }
        tree
    }

    /// A node of `tree`.
    pub(super) fn node(&mut self, tree: &TokenTree) -> NodeId {
        NodeId::new(self.dice.below(tree.len()))
    }

    /// A sequence with `tokens` committed in one chunk.
    pub(super) fn open(&mut self, tokens: &[Token]) -> Result<SeqId, Fault> {
        let seq = self.model.open()?;
        self.expect_len(seq, 0, "after open")?;
        self.read(seq, tokens)?;
        Ok(seq)
    }

    /// Commits `tokens` in one chunk.
    pub(super) fn read(&mut self, seq: SeqId, tokens: &[Token]) -> Result<(), Fault> {
        let Some((&first, rest)) = tokens.split_first() else { return Ok(()) };
        let before = self.model.len(seq);
        let chain = TokenTree::chain(first, rest);
        drop(self.model.forward_blocking(&[Step::new(seq, &chain, &[])])?);
        self.expect_len(seq, before, "after a pass that is not committed")?;
        self.model.commit(seq, &chain.nodes().collect::<Vec<_>>())?;
        self.expect_len(seq, before + tokens.len(), "after a commit")
    }

    pub(super) fn expect_len(&self, seq: SeqId, len: usize, when: &str) -> Result<(), Fault> {
        let actual = self.model.len(seq);
        ensure(actual == len, || format!("{when} the sequence has {actual} tokens, not {len}"))
    }

    /// All logits of a pass over `tree`, which stays to be committed.
    pub(super) fn logits(&mut self, seq: SeqId, tree: &TokenTree) -> Result<Logits, Fault> {
        let wants = vec![Want::Logits; tree.len()];
        self.logits_wanting(&[Step::new(seq, tree, &wants)]).map(|mut steps| steps.remove(0))
    }

    /// All logits of a pass, step by step, whatever the steps want.
    pub(super) fn logits_wanting(&mut self, steps: &[Step<'_>]) -> Result<Vec<Logits>, Fault> {
        let vocabulary = self.vocabulary();
        let mut pass = self.model.forward_blocking(steps)?;
        let said = pass.vocabulary();
        ensure(said == vocabulary, || {
            format!("the pass has a vocabulary of {said}, the model one of {vocabulary}")
        })?;
        let mut all = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            let logits = step.tree.nodes().map(|node| {
                let mut logits = vec![f32::NAN; vocabulary];
                pass.logits_blocking(index, node, &mut logits).map(|()| logits)
            });
            all.push(logits.collect::<Result<Logits, ModelError>>()?);
        }
        Ok(all)
    }

    /// What a new sequence says of `tree` after `prefix`.
    pub(super) fn fresh(&mut self, prefix: &[Token], tree: &TokenTree) -> Result<Logits, Fault> {
        let seq = self.open(prefix)?;
        let logits = self.logits(seq, tree)?;
        self.model.close(seq);
        self.expect_len(seq, 0, "after close")?;
        Ok(logits)
    }
}

/// Compares logits bit for bit.
pub(super) fn equal(
    actual: &[f32],
    expected: &[f32],
    what: impl Fn() -> String,
) -> Result<(), Fault> {
    let differs = |(actual, expected): (&f32, &f32)| actual.to_bits() != expected.to_bits();
    match actual.iter().zip(expected).position(differs) {
        None => Ok(()),
        Some(token) => {
            let count = actual.iter().zip(expected).filter(|&pair| differs(pair)).count();
            Err(Fault::Wrong(format!(
                "{}: {count} of {} logits differ, the first that of token {token}: {:e} ({:#010x}) instead of {:e} ({:#010x})",
                what(),
                expected.len(),
                actual[token],
                actual[token].to_bits(),
                expected[token],
                expected[token].to_bits(),
            )))
        }
    }
}

/// Compares the logits of every node of `tree` bit for bit.
pub(super) fn all_equal(
    actual: &Logits,
    expected: &Logits,
    tree: &TokenTree,
    what: &str,
) -> Result<(), Fault> {
    tree.nodes().zip(actual.iter().zip(expected)).try_for_each(|(node, (actual, expected))| {
        equal(actual, expected, || {
            format!("{what}, node {node} with the path {:?}", tree.path_tokens(node))
        })
    })
}
