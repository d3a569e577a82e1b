use std::fmt;

use crate::{NodeId, Token};

/// Why a node was not added to a [`TokenTree`](crate::TokenTree).
///
/// A refusal leaves the tree as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TreeError {
    /// The tree already holds as many guesses as its limits allow.
    Full {
        /// The limit, in nodes below the root.
        nodes: usize,
    },
    /// The node would stand deeper than the limits allow.
    TooDeep {
        /// The limit, in edges from the root.
        depth: usize,
    },
    /// The parent is not a node of this tree.
    UnknownParent {
        /// The identifier that was given.
        parent: NodeId,
        /// The token that was to be its child.
        token: Token,
    },
}

impl fmt::Display for TreeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full { nodes } => write!(f, "the tree is full: its limit is {nodes} guesses"),
            Self::TooDeep { depth } => {
                write!(f, "the node is too deep: the limit is {depth} below the root")
            }
            Self::UnknownParent { parent, token } => {
                write!(f, "token {token} names parent {parent}, which is not in the tree")
            }
        }
    }
}

impl std::error::Error for TreeError {}
