use serde::{Deserialize, Serialize};

/// How much a [`TokenTree`](crate::TokenTree) accepts.
///
/// The root is free: limits count guesses only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Most nodes below the root. Default 64. Each costs one row in the
    /// verifying pass; zero makes every step a plain decoding step.
    pub nodes: usize,
    /// Greatest depth of a node, in edges from the root. Default: unlimited.
    /// A path of depth `d` yields at most `d + 1` tokens.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { nodes: 64, depth: usize::MAX }
    }
}

impl Limits {
    /// No limit at all: for chains of known length, such as prefill chunks.
    pub const UNLIMITED: Self = Self { nodes: usize::MAX, depth: usize::MAX };
}
