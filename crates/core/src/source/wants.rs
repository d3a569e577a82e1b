use crate::Want;

/// What a source wants to see of every pass.
///
/// Wanting costs time: the output layer runs for each node that something is
/// wanted of. A source that needs a few nodes only says so node by node, with
/// [`Draft::want`](crate::Draft::want).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wants {
    /// Of every node of a step's tree, whoever proposed it.
    pub every_node: Want,
    /// Of every token of the prompt.
    pub prompt: Want,
}

impl Wants {
    /// The same with `want` of every node of a step's tree.
    #[must_use]
    pub fn every_node(mut self, want: Want) -> Self {
        self.every_node = want;
        self
    }

    /// The same with `want` of every token of the prompt.
    #[must_use]
    pub fn prompt(mut self, want: Want) -> Self {
        self.prompt = want;
        self
    }

    /// What satisfies both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            every_node: self.every_node.readable().max(other.every_node.readable()),
            prompt: self.prompt.readable().max(other.prompt.readable()),
        }
    }
}
