//! One step of a source, seen from outside.

#![allow(dead_code)] // Not every test uses every part.

use foretoken_core::blocking::BlockingSource;
use foretoken_core::tree::Limits;
use foretoken_core::{
    CandidateSource, Context, Draft, Ledger, NodeId, Notes, Token, TokenSet, TokenTree,
};

/// What surrounds a step.
pub(crate) struct Step<'a> {
    pub(crate) history: &'a [Token],
    pub(crate) nodes: usize,
    pub(crate) remaining: usize,
    pub(crate) ends: &'a [Token],
}

impl<'a> Step<'a> {
    pub(crate) fn new(history: &'a [Token]) -> Self {
        Self { history, nodes: 1000, remaining: usize::MAX, ends: &[] }
    }

    /// The tree that `source` proposes, and how many guesses were refused.
    pub(crate) fn propose(&self, source: &mut dyn CandidateSource) -> (TokenTree, usize) {
        let ends: TokenSet = self.ends.iter().copied().collect();
        let (mut notes, mut ledger) = (Notes::new(), Ledger::new());
        let limits = Limits { nodes: self.nodes, depth: usize::MAX };
        let mut tree = TokenTree::new(*self.history.last().unwrap(), limits);
        let mut draft = Draft::new(&mut tree, &mut notes, &mut ledger, "tested", 1 << 20);
        let context = Context::new(self.history, 1, 1 << 20, &ends).with_remaining(self.remaining);
        source.propose_blocking(&context, &mut draft).unwrap();
        let refused = ledger.active().map(|entry| entry.refused).sum();
        (tree, refused)
    }
}

/// The paths to the leaves, without the root, in the order of their first nodes.
pub(crate) fn leaves(tree: &TokenTree) -> Vec<Vec<Token>> {
    let leaf = |&node: &NodeId| !node.is_root() && tree.children(node).next().is_none();
    tree.nodes().filter(leaf).map(|node| tree.path_tokens(node)[1..].to_vec()).collect()
}

/// The leaves that `source` proposes after `history`.
pub(crate) fn guesses(source: &mut dyn CandidateSource, history: &[Token]) -> Vec<Vec<Token>> {
    leaves(&Step::new(history).propose(source).0)
}
