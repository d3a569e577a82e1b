use crate::{NodeId, TokenTree};

/// The visible path of every node, in one array.
///
/// Row `v` lists the nodes that `v` sees, from the shallowest to `v` itself;
/// consecutive entries are one position apart. The layout is that of a
/// compressed sparse row matrix: row `v` is
/// `indices[offsets[v]..offsets[v + 1]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ancestors {
    offsets: Vec<u32>,
    indices: Vec<u32>,
}

impl Ancestors {
    pub(super) fn build(tree: &TokenTree, window: usize) -> Self {
        let parents = tree.parent_indices();
        let mut offsets = Vec::with_capacity(tree.len() + 1);
        let seen = |&depth: &u32| window.min(depth as usize + 1);
        let mut indices: Vec<u32> = Vec::with_capacity(tree.depths().iter().map(seen).sum());
        offsets.push(0);
        for (node, &parent) in parents.iter().enumerate() {
            let start = indices.len();
            if node > 0 {
                // The parent's row, less its shallowest entry where the window is full.
                let parent = parent as usize;
                let mut from = offsets[parent] as usize;
                let to = offsets[parent + 1] as usize;
                from = from.max((to + 1).saturating_sub(window));
                indices.extend_from_within(from..to);
            }
            indices.push(node as u32);
            debug_assert!(indices.len() - start <= window);
            offsets.push(indices.len() as u32);
        }
        Self { offsets, indices }
    }

    /// The nodes that `node` sees, shallowest first, itself last.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn row(&self, node: NodeId) -> &[u32] {
        let at = node.index();
        &self.indices[self.offsets[at] as usize..self.offsets[at + 1] as usize]
    }

    /// Where each row begins in [`indices`](Self::indices), and the end of the last.
    pub fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    /// All rows, one after another.
    pub fn indices(&self) -> &[u32] {
        &self.indices
    }
}
