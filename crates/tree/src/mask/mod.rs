//! The tree-attention mask builder.
//!
//! One definition, four forms. Let a tree stand on a committed prefix of `p`
//! tokens, and let node `v` have depth `d(v)`, hence position `p + d(v)`.
//! Node `v` sees
//! - prefix position `j < p` if `p + d(v) - j < w`,
//! - node `u` if `u` is `v` or an ancestor of `v` and `d(v) - d(u) < w`,
//!
//! where `w` is the sliding window (no window: infinity). Backends pick the
//! form that suits them: the CPU kernels read ancestor lists, tensor backends
//! add the dense mask to their attention scores.

mod ancestors;
mod bits;
mod dense;

pub use ancestors::Ancestors;
pub use bits::BitRows;
pub use dense::MaskValue;

use std::num::NonZeroUsize;

use crate::{NodeId, TokenTree};

/// What each node of a tree on a committed prefix may attend to.
#[derive(Clone, Copy, Debug)]
pub struct TreeMask<'a> {
    tree: &'a TokenTree,
    prefix: usize,
    window: usize,
}

impl<'a> TreeMask<'a> {
    /// The mask of `tree` on a prefix of `prefix` committed tokens, without a window.
    pub fn new(tree: &'a TokenTree, prefix: usize) -> Self {
        Self { tree, prefix, window: usize::MAX }
    }

    /// The same for a sliding-window layer: a node sees only positions closer
    /// than `window`, so a window of 1 shows it nothing but itself.
    #[must_use]
    pub fn with_window(mut self, window: NonZeroUsize) -> Self {
        self.window = window.get();
        self
    }

    /// The tree.
    pub fn tree(&self) -> &'a TokenTree {
        self.tree
    }

    /// Committed tokens before the root.
    pub fn prefix(&self) -> usize {
        self.prefix
    }

    /// The absolute position of every node, by index: `prefix + depth`.
    pub fn positions(&self) -> Vec<usize> {
        self.tree.depths().iter().map(|&depth| self.prefix + depth as usize).collect()
    }

    /// The first prefix position that `node` sees; `prefix` if it sees none.
    pub fn prefix_start(&self, node: NodeId) -> usize {
        (self.prefix + self.tree.depth(node) + 1).saturating_sub(self.window).min(self.prefix)
    }

    /// Whether `node` sees `other`, by the definition above.
    pub fn sees(&self, node: NodeId, other: NodeId) -> bool {
        let (deep, shallow) = (self.tree.depth(node), self.tree.depth(other));
        deep >= shallow
            && deep - shallow < self.window
            && self.tree.ancestry(node).nth(deep - shallow) == Some(other)
    }

    /// For each node the visible nodes of its own path.
    pub fn ancestors(&self) -> Ancestors {
        Ancestors::build(self.tree, self.window)
    }

    /// For each node a row of bits, one per node of the tree.
    pub fn bits(&self) -> BitRows {
        BitRows::build(self.tree, self.window)
    }

    /// The additive mask, row-major `[nodes, prefix + nodes]`: zero where the
    /// node of that row sees the column, minus infinity where not. The first
    /// `prefix` columns are the committed tokens, then one column per node.
    pub fn dense<T: MaskValue>(&self) -> Vec<T> {
        dense::build(self)
    }
}
