use std::fmt;

use foretoken_tree::{NodeId, SourceId, Token, TokenTree};

use super::{Ledger, Notes};
use crate::{SourceError, Want};

/// How much a source may still add.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Budget {
    /// Nodes. Each costs one row of the verifying pass.
    pub nodes: usize,
    /// The greatest depth, in edges from the root.
    pub depth: usize,
}

/// The tree of the next step, as one source may change it.
///
/// A draft knows who is adding, checks every guess, and enforces the budget:
/// a source cannot add a token outside the vocabulary, a duplicate sibling, or
/// more nodes than its share, whatever it tries.
pub struct Draft<'a> {
    tree: &'a mut TokenTree,
    notes: &'a mut Notes,
    ledger: &'a mut Ledger,
    source: SourceId,
    /// The number of guesses in the tree at which this source's share ends.
    end: usize,
    vocabulary: usize,
    filter: Option<&'a mut GuessFilter<'a>>,
}

/// Tells from the tokens below the root and the one to follow them whether that may come out.
type GuessFilter<'a> = dyn FnMut(&[Token], Token) -> bool + Send + 'a;

impl<'a> Draft<'a> {
    /// A draft of `tree` for the source called `name`, with all that the
    /// tree's limits leave as its share. `notes` collects what sources say of
    /// the nodes.
    pub fn new(
        tree: &'a mut TokenTree,
        notes: &'a mut Notes,
        ledger: &'a mut Ledger,
        name: &str,
        vocabulary: usize,
    ) -> Self {
        let source = ledger.enter(name);
        let end = tree.guesses() + tree.remaining();
        Self { tree, notes, ledger, source, end, vocabulary, filter: None }
    }

    /// The same draft, refusing guesses that `filter` knows not to come out. It
    /// is asked with the tokens of the path below the root and the one that is
    /// to follow them.
    #[must_use]
    pub fn with_filter(
        mut self,
        filter: &'a mut (dyn FnMut(&[Token], Token) -> bool + Send + 'a),
    ) -> Self {
        self.filter = Some(filter);
        self
    }

    /// The same tree for one member of a composition: guesses count for
    /// `name`, and at most `nodes` may be added.
    pub fn member(&mut self, name: &str, nodes: usize) -> Draft<'_> {
        let source = self.ledger.enter(name);
        let end = self.tree.guesses() + nodes.min(self.remaining());
        let filter: Option<&mut GuessFilter<'_>> = match &mut self.filter {
            Some(filter) => Some(&mut **filter),
            None => None,
        };
        Draft {
            tree: self.tree,
            notes: self.notes,
            ledger: self.ledger,
            source,
            end,
            vocabulary: self.vocabulary,
            filter,
        }
    }

    /// Adds the guess that `token` follows the path which ends in `parent`;
    /// [`NodeId::ROOT`] stands for the last token of the history.
    ///
    /// `probability` is the chance that the whole path from the root is right,
    /// as far as the source can tell. It never changes the output: it decides
    /// which guesses are worth verifying. A guess that is
    /// in the tree already is returned and costs nothing. `None`: the guess was
    /// refused, because the budget is used up, the path is too deep, the token
    /// is not in the vocabulary or must not come out there, or the parent is
    /// unknown.
    pub fn add(&mut self, parent: NodeId, token: Token, probability: f32) -> Option<NodeId> {
        let known = (token as usize) < self.vocabulary
            && self.tree.contains(parent)
            && (self.tree.child(parent, token).is_some()
                || (self.remaining() > 0 && self.may_follow(parent, token)));
        let added =
            if known { self.tree.add(parent, token, self.source, probability).ok() } else { None };
        match added {
            Some(node) => self.notes.add_claim(node, self.source, probability),
            None => self.ledger.refused(self.source),
        }
        added
    }

    fn may_follow(&mut self, parent: NodeId, token: Token) -> bool {
        let Some(filter) = &mut self.filter else { return true };
        filter(&self.tree.path_tokens(parent)[1..], token)
    }

    /// Adds `tokens` one after another below `parent` and returns the last
    /// node that was added, `parent` if none was. The probability of a path of
    /// `d` guesses is `probability` to the power of `d`: each token is taken to
    /// be right with the same chance.
    pub fn add_chain(&mut self, parent: NodeId, tokens: &[Token], probability: f32) -> NodeId {
        let mut node = parent;
        let mut path = 1.0;
        for &token in tokens {
            path *= probability;
            match self.add(node, token, path) {
                Some(child) => node = child,
                None => break,
            }
        }
        node
    }

    /// Asks to be told about the token after `node` when the pass is observed.
    /// An unknown node is ignored.
    pub fn want(&mut self, node: NodeId, want: Want) {
        if self.tree.contains(node) {
            self.notes.add_want(node, want);
        }
    }

    /// Says that verifying `node` is expected to gain `tokens` in later steps,
    /// apart from the chance that it is right now: what a window's cell is for.
    /// `f32::INFINITY` asks for the node whatever it costs. A decoder that
    /// weighs guesses against their cost drops those not worth it; one with a
    /// fixed budget verifies all. An unknown node is ignored.
    pub fn worth(&mut self, node: NodeId, tokens: f32) {
        if self.tree.contains(node) {
            self.notes.add_worth(node, tokens);
        }
    }

    /// Counts a failure of the source that this draft is for.
    pub fn fail(&mut self, error: &SourceError) {
        self.ledger.failed(self.source, error);
    }

    /// The tree as it is, other sources' guesses included.
    pub fn tree(&self) -> &TokenTree {
        self.tree
    }

    /// How much may still be added.
    pub fn budget(&self) -> Budget {
        Budget { nodes: self.remaining(), depth: self.tree.limits().depth }
    }

    /// How many nodes may still be added.
    pub fn remaining(&self) -> usize {
        self.end.saturating_sub(self.tree.guesses()).min(self.tree.remaining())
    }
}

impl fmt::Debug for Draft<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("tree", &self.tree)
            .field("source", &self.source)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}
