use crate::{NodeId, TokenTree};

/// A square matrix of bits: row `v`, bit `u` says whether node `v` sees node `u`.
///
/// Rows are padded to whole 64-bit words; bit `u` is bit `u % 64` of word `u / 64`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BitRows {
    words_per_row: usize,
    words: Vec<u64>,
}

impl BitRows {
    pub(super) fn build(tree: &TokenTree, window: usize) -> Self {
        let words_per_row = tree.len().div_ceil(64);
        let mut words = vec![0u64; tree.len() * words_per_row];
        for (node, &parent) in tree.parent_indices().iter().enumerate() {
            let row = node * words_per_row;
            if node > 0 {
                let from = parent as usize * words_per_row;
                words.copy_within(from..from + words_per_row, row);
                // What lies exactly a window above has just slid out of sight.
                if let Some(out) = tree.ancestry(NodeId::new(node)).nth(window) {
                    words[row + out.index() / 64] &= !(1 << (out.index() % 64));
                }
            }
            words[row + node / 64] |= 1 << (node % 64);
        }
        Self { words_per_row, words }
    }

    /// Whether `node` sees `other`.
    ///
    /// # Panics
    ///
    /// If either is not of the tree.
    pub fn sees(&self, node: NodeId, other: NodeId) -> bool {
        self.row(node)[other.index() / 64] >> (other.index() % 64) & 1 == 1
    }

    /// The words of one row.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn row(&self, node: NodeId) -> &[u64] {
        &self.words[node.index() * self.words_per_row..][..self.words_per_row]
    }

    /// Words in a row: the number of nodes over 64, rounded up.
    pub fn words_per_row(&self) -> usize {
        self.words_per_row
    }
}
