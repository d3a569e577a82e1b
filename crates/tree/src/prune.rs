use crate::{NodeId, TokenTree};

/// A tree with some of its nodes left out, and where the others went.
///
/// Whoever holds node identifiers of the original tree (a source that
/// remembers which cell it put where) translates them with
/// [`kept`](Self::kept) and back with [`original`](Self::original).
#[derive(Clone, Debug)]
pub struct Pruned {
    tree: TokenTree,
    kept: Vec<Option<NodeId>>,
    original: Vec<NodeId>,
}

impl Pruned {
    /// The smaller tree.
    pub fn tree(&self) -> &TokenTree {
        &self.tree
    }

    /// Where `original` stands in the smaller tree, if it was kept.
    pub fn kept(&self, original: NodeId) -> Option<NodeId> {
        self.kept.get(original.index()).copied().flatten()
    }

    /// Which node of the original tree `node` was.
    ///
    /// # Panics
    ///
    /// If `node` is not of the smaller tree.
    pub fn original(&self, node: NodeId) -> NodeId {
        self.original[node.index()]
    }
}

impl TokenTree {
    /// The tree of the nodes for which `keep` says yes and whose ancestors
    /// were all kept. The root always stays.
    pub fn prune(&self, mut keep: impl FnMut(NodeId) -> bool) -> Pruned {
        let mut tree = TokenTree::new(self.token(NodeId::ROOT), self.limits());
        let mut kept = vec![None; self.len()];
        let mut original = vec![NodeId::ROOT];
        kept[0] = Some(NodeId::ROOT);
        for node in self.nodes().skip(1) {
            let parent = self.parent(node).and_then(|parent| kept[parent.index()]);
            if let Some(parent) = parent
                && keep(node)
            {
                kept[node.index()] = Some(tree.adopt(self, node, parent));
                original.push(node);
            }
        }
        Pruned { tree, kept, original }
    }
}
