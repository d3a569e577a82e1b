use serde::{Deserialize, Serialize};

use crate::TokenTree;

/// A sequence of one model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeqId(u32);

impl SeqId {
    /// The sequence with this number; models hand them out.
    pub fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number.
    pub fn number(self) -> u32 {
        self.0
    }
}

/// What is to be known about the token after a node.
///
/// Ordered: each answers what the ones before it ask.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Want {
    /// Nothing: the output layer need not run for this node.
    #[default]
    Nothing,
    /// The most likely token.
    Argmax,
    /// The most likely tokens, so many of them.
    TopK(u16),
    /// All logits.
    Logits,
}

impl Want {
    /// What a source can read of an [`Outcome`](crate::Outcome), which holds no logits: of these, the most likely token. It
    /// must not take the others' most likely tokens from them.
    pub(crate) fn readable(self) -> Self {
        if self == Self::Logits { Self::Argmax } else { self }
    }
}

/// One sequence's part of a forward pass.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Step<'a> {
    /// The sequence whose committed tokens the tree hangs off.
    pub seq: SeqId,
    /// The tree; its root is not committed yet.
    pub tree: &'a TokenTree,
    /// What is wanted of each node, by index; nodes past the end want nothing.
    /// A hint: a pass answers other questions too, but may be slower.
    pub wants: &'a [Want],
}

impl<'a> Step<'a> {
    /// A step of `seq` over `tree`.
    pub fn new(seq: SeqId, tree: &'a TokenTree, wants: &'a [Want]) -> Self {
        Self { seq, tree, wants }
    }

    /// What is wanted of the node with this index.
    pub fn want(&self, index: usize) -> Want {
        self.wants.get(index).copied().unwrap_or_default()
    }
}
