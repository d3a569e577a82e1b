use crate::{NodeId, TokenTree};

/// A node and its ancestors, from the node up to the root.
#[derive(Clone, Debug)]
pub struct Ancestry<'a> {
    tree: &'a TokenTree,
    next: Option<NodeId>,
}

impl<'a> Ancestry<'a> {
    pub(crate) fn new(tree: &'a TokenTree, node: NodeId) -> Self {
        Self { tree, next: Some(node) }
    }
}

impl Iterator for Ancestry<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        let node = self.next?;
        self.next = self.tree.parent(node);
        Some(node)
    }
}
