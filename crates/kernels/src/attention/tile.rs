//! The queries that share a load, and what they see of a chunk of positions.

use std::ops::Range;

use super::pass::Pass;
use crate::cache::CHUNK;

/// Up to [`Lanes::TILE`](crate::lanes::Lanes::TILE) consecutive queries of one key/value head, of which at least one sees
/// something of a chunk. Positions are counted from the start of the chunk.
#[derive(Clone, Copy)]
pub(super) struct Tile {
    first: usize,
    pub(super) size: usize,
    /// The first query's place in its block.
    pub(super) place: usize,
    /// The positions that some query sees.
    pub(super) hull: (usize, usize),
    /// The positions that all queries see, in the same slots; empty at the chunk's end if there are none.
    pub(super) common: (usize, usize),
}

impl Tile {
    /// The tile of `queries`, of the block that starts with query `block`; `None` if they see nothing of the chunk.
    pub(super) fn new(
        pass: &Pass<'_>,
        queries: Range<usize>,
        block: usize,
        chunk: usize,
    ) -> Option<Self> {
        let (mut hull, mut common) = ((CHUNK, 0), (0, pass.ordered_in(chunk)));
        for row in pass.row(queries.start)..=pass.row(queries.end - 1) {
            let (low, high) = pass.seen_in(row, chunk);
            common = (common.0.max(low), common.1.min(high));
            if low < high {
                hull = (hull.0.min(low), hull.1.max(high));
            }
        }
        if common.0 >= common.1 {
            common = (CHUNK, CHUNK);
        }
        let (first, size, place) = (queries.start, queries.len(), queries.start - block);
        (hull.0 < hull.1).then_some(Self { first, size, place, hull, common })
    }

    pub(super) fn queries(&self) -> Range<usize> {
        self.first..self.first + self.size
    }

    /// Whether all queries see exactly the common positions.
    pub(super) fn is_even(&self) -> bool {
        self.hull == self.common
    }

    /// Whether no query sees anything before the common positions.
    pub(super) fn starts_together(&self) -> bool {
        self.hull.0 == self.common.0
    }

    /// The queries row by row: the row, and its places in the tile.
    pub(super) fn rows(
        &self,
        pass: &Pass<'_>,
    ) -> impl Iterator<Item = (usize, Range<usize>)> + use<> {
        let (queries, group) = (self.queries(), pass.group);
        (pass.row(queries.start)..=pass.row(queries.end - 1)).map(move |row| {
            let here = (row * group).max(queries.start)..((row + 1) * group).min(queries.end);
            (row, here.start - queries.start..here.end - queries.start)
        })
    }
}
