//! How the work of one layer is shared out: items of queries and chunks, taken by whichever worker is free.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::block::{BLOCK, Block};
use super::pass::Pass;
use super::scratch::{AttentionScratch, Desk, Needs};
use super::summary;
use crate::cache::{Element, Heads, KvCache, Storage};
use crate::lanes::{Kernel, LANES, Lanes, dispatch};
use crate::level::Level;
use crate::shared::Shared;
use crate::threads::ThreadPool;

/// Items a worker should find at least, for an even share.
const ITEMS_PER_WORKER: usize = 4;

/// The items of a pass.
#[derive(Clone, Copy)]
struct Plan {
    kv_heads: usize,
    queries: usize,
    /// Blocks of queries of one key/value head.
    blocks: usize,
    /// The first chunk that any row sees, and the end of all.
    chunks: (usize, usize),
    /// Whether every chunk of a block is an item of its own, rather than all of them together.
    split: bool,
    padded: usize,
}

impl Plan {
    fn new(pass: &Pass<'_>, kv_heads: usize, threads: usize) -> Self {
        let queries = pass.queries();
        let blocks = queries.div_ceil(BLOCK);
        let chunks = pass.chunks_of(0..pass.ancestors.rows());
        let split = chunks.len() > 1 && kv_heads * blocks < ITEMS_PER_WORKER * threads;
        let padded = pass.head_dim.next_multiple_of(LANES);
        Self { kv_heads, queries, blocks, chunks: (chunks.start, chunks.end), split, padded }
    }

    fn chunk_count(&self) -> usize {
        self.chunks.1 - self.chunks.0
    }

    fn items(&self) -> usize {
        self.kv_heads * self.blocks * if self.split { self.chunk_count() } else { 1 }
    }

    fn needs(&self, pass: &Pass<'_>, threads: usize) -> Needs {
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
            // One more, which hands out the items.
            counters: self.kv_heads * self.blocks + 1,
        }
    }

    fn block(&self, block: usize) -> Range<usize> {
        block * BLOCK..((block + 1) * BLOCK).min(self.queries)
    }

    /// Where the summary of a query and a chunk (counted from the first that is seen) starts among the partials.
    fn partial(&self, kv_head: usize, chunk: usize, query: usize) -> usize {
        ((kv_head * self.chunk_count() + chunk) * self.queries + query)
            * summary::stride(self.padded)
    }
}

/// Computes the attention of `pass` over a layer of a cache. The caller has checked that all operands fit.
pub(super) fn run(
    pool: &ThreadPool,
    level: Level,
    pass: &Pass<'_>,
    (cache, layer): (&KvCache, usize),
    scratch: &mut AttentionScratch,
    out: &mut [f32],
) {
    let kv_heads = cache.shape().kv_heads;
    let plan = Plan::new(pass, kv_heads, pool.threads());
    let (desks, counters, partials) = scratch.prepare(&plan.needs(pass, pool.threads()));
    let (next, remaining) = (&counters[0], &counters[1..]);
    let (desks, partials, out) = (Shared::new(desks), Shared::new(partials), Shared::new(out));
    pool.run(&|worker| {
        // SAFETY: every worker has a desk of its own.
        let desk = unsafe { &mut desks.part(worker..worker + 1)[0] };
        let common =
            Common { pass, plan, first_head: layer * kv_heads, next, remaining, partials, out };
        match cache.storage() {
            Storage::F32(heads) => dispatch(level, Worker { common, heads, desk }),
            Storage::F16(heads) => dispatch(level, Worker { common, heads, desk }),
        }
    });
}

#[derive(Clone, Copy)]
struct Common<'a> {
    pass: &'a Pass<'a>,
    plan: Plan,
    /// The cache's index of the layer's first head.
    first_head: usize,
    /// The next item that nobody has taken.
    next: &'a AtomicUsize,
    /// For each head and block, the chunks that are done.
    remaining: &'a [AtomicUsize],
    partials: Shared<'a, f32>,
    out: Shared<'a, f32>,
}

struct Worker<'a, E> {
    common: Common<'a>,
    heads: &'a Heads<E>,
    desk: &'a mut Desk,
}

impl<E: Element> Kernel for Worker<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(mut self, lanes: L) {
        let plan = self.common.plan;
        loop {
            let item = self.common.next.fetch_add(1, Ordering::Relaxed);
            if item >= plan.items() {
                return;
            }
            if plan.split {
                let (set, chunk) = (item / plan.chunk_count(), item % plan.chunk_count());
                self.one_chunk(lanes, set / plan.blocks, set % plan.blocks, chunk);
            } else {
                // The last rows of a prompt see the most, so they go first.
                self.all_chunks(
                    lanes,
                    item % plan.kv_heads,
                    plan.blocks - 1 - item / plan.kv_heads,
                );
            }
        }
    }
}

impl<E: Element> Worker<'_, E> {
    /// One item of a plan that is split: a block's summary of one chunk, and the output if it is the block's last.
    #[inline(always)]
    fn one_chunk<L: Lanes>(&mut self, lanes: L, kv_head: usize, block: usize, chunk: usize) {
        let Common { pass, plan, first_head, remaining, partials, .. } = self.common;
        let view = self.heads.view(first_head + kv_head);
        let queries = plan.block(block);
        let span =
            plan.partial(kv_head, chunk, queries.start)..plan.partial(kv_head, chunk, queries.end);
        // SAFETY: no other item writes this chunk's summaries of these queries, and they are read when all are done.
        let into = unsafe { partials.part(span) };
        let chunk = plan.chunks.0 + chunk;
        Block { lanes, pass, view, kv_head, queries, chunk, into }
            .summarise(&mut self.desk.rooms());
        // Whoever finishes last sees what all others wrote.
        if remaining[kv_head * plan.blocks + block].fetch_add(1, Ordering::AcqRel) + 1
            == plan.chunk_count()
        {
            self.join_chunks(lanes, kv_head, block);
        }
    }

    #[inline(always)]
    fn join_chunks<L: Lanes>(&mut self, lanes: L, kv_head: usize, block: usize) {
        let Common { pass, plan, partials, out, .. } = self.common;
        for query in plan.block(block) {
            let chunks = pass.chunks(pass.row(query));
            let summary = |chunk: usize| {
                let span = plan.partial(kv_head, chunk - plan.chunks.0, query);
                // SAFETY: all chunks of the block are done, and only the worker that finished the last one is here.
                unsafe { partials.part(span..span + summary::stride(plan.padded)) }
            };
            let all = summary(chunks.start);
            for chunk in chunks.start + 1..chunks.end {
                summary::join(lanes, all, summary(chunk), plan.padded);
            }
            // SAFETY: this query's output is written here alone.
            summary::finish(all, plan.padded, unsafe { out.part(pass.place(kv_head, query)) });
        }
    }

    /// One item of a plan that is not split: a block's output.
    #[inline(always)]
    fn all_chunks<L: Lanes>(&mut self, lanes: L, kv_head: usize, block: usize) {
        let Common { pass, plan, first_head, out, .. } = self.common;
        let view = self.heads.view(first_head + kv_head);
        let mut rooms = self.desk.rooms();
        let (fresh, all) = (std::mem::take(&mut rooms.fresh), std::mem::take(&mut rooms.all));
        let stride = summary::stride(plan.padded);
        let queries = plan.block(block);
        for chunk in pass.chunks_of(pass.row(queries.start)..pass.row(queries.end - 1) + 1) {
            let into = &mut *fresh;
            Block { lanes, pass, view, kv_head, queries: queries.clone(), chunk, into }
                .summarise(&mut rooms);
            let summaries = all.chunks_exact_mut(stride).zip(fresh.chunks_exact(stride));
            for ((all, fresh), query) in summaries.zip(queries.clone()) {
                let chunks = pass.chunks(pass.row(query));
                if chunk == chunks.start {
                    all.copy_from_slice(fresh);
                } else if chunks.contains(&chunk) {
                    summary::join(lanes, all, fresh, plan.padded);
                }
            }
        }
        for (all, query) in all.chunks_exact(stride).zip(queries) {
            // SAFETY: this query's output is written by this item alone.
            summary::finish(all, plan.padded, unsafe { out.part(pass.place(kv_head, query)) });
        }
    }
}
