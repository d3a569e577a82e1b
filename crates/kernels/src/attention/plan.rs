//! How the work of one layer is shared out.

use std::ops::Range;

use super::AttentionShape;
use super::block::BLOCK;
use super::pass::Pass;
use super::scratch::Needs;
use super::summary;
use crate::cache::CHUNK;
use crate::lanes::LANES;

/// Items a worker should find at least, for an even share.
const ITEMS_PER_WORKER: usize = 4;

/// The items of a pass.
#[derive(Clone, Copy)]
pub(super) struct Plan {
    pub(super) kv_heads: usize,
    queries: usize,
    /// Blocks of queries of one key/value head.
    pub(super) blocks: usize,
    /// The first chunk that any row sees, and the end of all.
    pub(super) chunks: (usize, usize),
    /// Whether every chunk of a block is an item of its own, rather than all of them together.
    pub(super) split: bool,
    pub(super) padded: usize,
}

impl Plan {
    pub(super) fn new(pass: &Pass<'_>, threads: usize) -> Self {
        let kv_heads = pass.heads / pass.group;
        let queries = pass.queries();
        let blocks = queries.div_ceil(BLOCK);
        let chunks = pass.chunks_of(0..pass.ancestors.rows());
        let split = chunks.len() > 1 && blocks <= most_split_blocks(kv_heads, threads);
        let padded = pass.head_dim.next_multiple_of(LANES);
        Self { kv_heads, queries, blocks, chunks: (chunks.start, chunks.end), split, padded }
    }

    pub(super) fn chunk_count(&self) -> usize {
        self.chunks.1 - self.chunks.0
    }

    pub(super) fn items(&self) -> usize {
        self.kv_heads * self.blocks * if self.split { self.chunk_count() } else { 1 }
    }

    pub(super) fn needs(&self, pass: &Pass<'_>, threads: usize) -> Needs {
        Needs {
            threads,
            tree_rows: if pass.ancestors.is_chain() { 0 } else { pass.ancestors.rows() },
            head_dim: pass.head_dim,
            stride: summary::stride(self.padded),
            joined: if self.split { 0 } else { BLOCK.min(self.queries) },
            partials: if self.split {
                self.kv_heads * self.chunk_count() * self.queries
            } else {
                0
            },
            // Two more, which hand out the work.
            counters: self.kv_heads * self.blocks + 2,
        }
    }

    /// The most that a pass needs which has up to `rows` rows and ends at position `positions` at most.
    pub(super) fn most_needs(
        shape: AttentionShape,
        threads: usize,
        rows: usize,
        positions: usize,
    ) -> Needs {
        let queries = rows * (shape.heads / shape.kv_heads);
        let split_queries = queries.min(BLOCK * most_split_blocks(shape.kv_heads, threads));
        // A window that is no multiple of a chunk lies across one more, and so do the rows' own windows.
        let seen =
            shape.window.map_or(positions, |window| positions.min(window.saturating_add(rows)));
        let chunks = (seen.div_ceil(CHUNK) + 1).min(positions.div_ceil(CHUNK));
        Needs {
            threads,
            tree_rows: rows,
            head_dim: shape.head_dim,
            stride: summary::stride(shape.head_dim.next_multiple_of(LANES)),
            joined: BLOCK.min(queries),
            partials: shape.kv_heads * chunks * split_queries,
            counters: shape.kv_heads * queries.div_ceil(BLOCK) + 2,
        }
    }

    pub(super) fn block(&self, block: usize) -> Range<usize> {
        block * BLOCK..((block + 1) * BLOCK).min(self.queries)
    }

    /// Where the summary of a query and a chunk (counted from the first that is seen) starts among the partials.
    pub(super) fn partial(&self, kv_head: usize, chunk: usize, query: usize) -> usize {
        ((kv_head * self.chunk_count() + chunk) * self.queries + query)
            * summary::stride(self.padded)
    }
}

/// The most blocks of a key/value head whose chunks are items of their own: with more, there are items enough without.
fn most_split_blocks(kv_heads: usize, threads: usize) -> usize {
    (ITEMS_PER_WORKER * threads - 1) / kv_heads
}
