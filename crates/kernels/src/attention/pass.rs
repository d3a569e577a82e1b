//! What all parts of one layer's attention share: who asks, and what each row sees.

use std::ops::Range;

use super::ancestors::Ancestors;
use crate::cache::CHUNK;
use crate::gate::SoftCap;

/// The queries of a pass and the positions each may see.
///
/// For one key/value head, *query* `i` belongs to row `i / group` and is the `i % group`-th of the heads that share the
/// key/value head.
#[derive(Clone, Copy)]
pub(super) struct Pass<'a> {
    pub(super) heads: usize,
    pub(super) group: usize,
    pub(super) head_dim: usize,
    pub(super) scale: f32,
    pub(super) soft_cap: Option<SoftCap>,
    pub(super) window: usize,
    pub(super) prefix: usize,
    pub(super) ancestors: Ancestors<'a>,
    /// Rows of `heads` heads of `head_dim` values.
    pub(super) values: &'a [f32],
}

impl Pass<'_> {
    /// Queries of one key/value head.
    pub(super) fn queries(&self) -> usize {
        self.ancestors.rows() * self.group
    }

    pub(super) fn row(&self, query: usize) -> usize {
        query / self.group
    }

    /// Where a query's values lie, among the values of all queries and among those of the output.
    pub(super) fn place(&self, kv_head: usize, query: usize) -> Range<usize> {
        let head = kv_head * self.group + query % self.group;
        let start = (self.row(query) * self.heads + head) * self.head_dim;
        start..start + self.head_dim
    }

    /// The positions that a row sees: those of the prefix and of its path that lie within the window. Never empty.
    pub(super) fn seen(&self, row: usize) -> Range<usize> {
        let end = self.prefix + self.ancestors.depth(row) + 1;
        end.saturating_sub(self.window)..end
    }

    /// The chunks that hold these positions.
    pub(super) fn chunks(&self, row: usize) -> Range<usize> {
        let seen = self.seen(row);
        seen.start / CHUNK..seen.end.div_ceil(CHUNK)
    }

    /// The chunks that any of some rows sees.
    pub(super) fn chunks_of(&self, rows: Range<usize>) -> Range<usize> {
        rows.map(|row| self.chunks(row))
            .reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))
            .unwrap_or(0..0)
    }

    /// What a row sees of a chunk, counted from its start.
    pub(super) fn seen_in(&self, row: usize, chunk: usize) -> (usize, usize) {
        let seen = self.seen(row);
        (within(seen.start, chunk), within(seen.end, chunk))
    }

    /// The first position of a chunk, counted from its start, that is not stored in the slot of its own number.
    pub(super) fn ordered_in(&self, chunk: usize) -> usize {
        if self.ancestors.is_chain() { CHUNK } else { within(self.prefix, chunk) }
    }
}

fn within(position: usize, chunk: usize) -> usize {
    position.clamp(chunk * CHUNK, (chunk + 1) * CHUNK) - chunk * CHUNK
}
