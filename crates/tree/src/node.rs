use std::fmt;

/// A node of one [`TokenTree`](crate::TokenTree): its index in topological order.
///
/// Identifiers are meaningful only for the tree that returned them, and only
/// until it is reset.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

impl NodeId {
    /// The root: the last emitted token, not in the cache yet.
    pub const ROOT: Self = Self(0);

    /// The node at `index` in topological order; the root is 0.
    ///
    /// # Panics
    ///
    /// If `index` does not fit in 32 bits; no tree is that large.
    pub fn new(index: usize) -> Self {
        Self(u32::try_from(index).expect("a tree has fewer than 2^32 nodes"))
    }

    /// The index in topological order.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// Whether this is the root.
    pub fn is_root(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeId({})", self.0)
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}
