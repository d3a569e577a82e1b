use foretoken_core::{ModelError, TokenTree};

use super::Reading;

/// What computes the network: rows in, hidden rows kept, logits on demand.
///
/// The caller has checked every token, position and path. Rows are numbered through all parts of a pass.
pub(crate) trait Engine: Send {
    /// Makes an empty cache in `slot`, which has none.
    fn open(&mut self, slot: usize) -> Result<(), ModelError>;

    /// Makes a cache in the empty slot `to` that begins with `len` rows of `from`'s.
    fn fork(&mut self, from: usize, to: usize, len: usize) -> Result<(), ModelError>;

    /// Frees the cache in `slot`.
    fn close(&mut self, slot: usize);

    /// Computes the hidden rows of all parts and writes their keys and values behind the committed ones.
    fn forward(&mut self, parts: &[Part<'_>]) -> Result<(), ModelError>;

    /// Runs the output layer for the rows of the last pass that [`Reading::is_open`], and settles them.
    fn read(&mut self, readings: &mut [Reading]) -> Result<(), ModelError>;

    /// The normed hidden state of a row of the last pass.
    fn hidden(&mut self, row: usize, out: &mut [f32]) -> Result<(), ModelError>;

    /// Bytes that a pass of one row behind `context` committed ones has to read: weights, keys and values.
    fn bytes_read(&self, context: usize) -> u64;

    /// Keeps the rows of `path`, nodes of the last pass in increasing order, behind `committed` rows.
    fn commit(&mut self, slot: usize, committed: usize, path: &[usize]) -> Result<(), ModelError>;
}

/// One sequence's tree in a pass.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) slot: usize,
    /// Rows before the root.
    pub(crate) committed: usize,
    pub(crate) tree: &'a TokenTree,
}

/// Rows beyond the context length that a cache has room for: trees are wider than the path that is kept.
pub(crate) const SPARE_ROWS: usize = 1024;
