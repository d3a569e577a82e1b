//! The work of one layer: items of queries and chunks, taken by whichever worker is free.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::block::Block;
use super::pass::Pass;
use super::plan::Plan;
use super::prepare::{Fresh, Prepare};
use super::scratch::{AttentionScratch, Desk};
use super::summary;
use crate::cache::{Element, Region};
use crate::lanes::{Kernel, Lanes, dispatch};
use crate::level::Level;
use crate::shared::Shared;
use crate::threads::ThreadPool;

/// The memory of a cache during a pass.
pub(super) enum Memory<'a, E> {
    /// The pass's rows are in it.
    Complete(&'a [E]),
    /// The pass's rows come from these projections.
    Wanting(&'a mut [E], Fresh<'a>),
}

/// Computes the attention of `pass` over the layer whose first head is `first_head` in the cache's `memory`. The queries of
/// `pass` are of no interest where the projections come with the memory. The caller has checked that all operands fit.
pub(super) fn run<E: Element>(
    pool: &ThreadPool,
    level: Level,
    pass: &Pass<'_>,
    (region, first_head, memory): (Region, usize, Memory<'_, E>),
    scratch: &mut AttentionScratch,
    out: &mut [f32],
) {
    let plan = Plan::new(pass, pool.threads());
    let (desks, counters, partials) = scratch.prepare(&plan.needs(pass, pool.threads()));
    let [next, next_unit, remaining @ ..] = counters else {
        unreachable!("two counters hand out work")
    };
    let (desks, partials, out) = (Shared::new(desks), Shared::new(partials), Shared::new(out));
    let items = Items { plan, first_head, region, next, remaining, partials, out };
    let work = |worker: usize, pass: &Pass<'_>, elements: &[E]| {
        // SAFETY: every worker has a desk of its own.
        let desk = unsafe { &mut desks.part(worker..worker + 1)[0] };
        dispatch(level, Worker { items, pass, elements, desk });
    };
    match memory {
        Memory::Complete(elements) => pool.run(&|worker| work(worker, pass, elements)),
        Memory::Wanting(elements, fresh) => {
            let prepare = Prepare::new(pass, (region, first_head, elements), fresh, next_unit);
            pool.run(&|worker| {
                dispatch(level, prepare);
                pool.barrier();
                // SAFETY: all workers are past the barrier, so nothing is written any more.
                let (values, elements) =
                    unsafe { (prepare.queries.whole(), prepare.elements.whole()) };
                work(worker, &Pass { values, ..*pass }, elements);
            });
        }
    }
}

#[derive(Clone, Copy)]
struct Items<'a> {
    plan: Plan,
    /// The cache's index of the layer's first head.
    first_head: usize,
    region: Region,
    /// The next item that nobody has taken.
    next: &'a AtomicUsize,
    /// For each head and block, the chunks that are done.
    remaining: &'a [AtomicUsize],
    partials: Shared<'a, f32>,
    out: Shared<'a, f32>,
}

struct Worker<'a, 'b, E> {
    items: Items<'a>,
    pass: &'a Pass<'b>,
    /// The memory of the cache.
    elements: &'a [E],
    desk: &'a mut Desk,
}

impl<E: Element> Kernel for Worker<'_, '_, E> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(mut self, lanes: L) {
        let plan = self.items.plan;
        loop {
            let item = self.items.next.fetch_add(1, Ordering::Relaxed);
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

impl<E: Element> Worker<'_, '_, E> {
    /// One item of a plan that is split: a block's summary of one chunk, and the output if it is the block's last.
    #[inline(always)]
    fn one_chunk<L: Lanes>(&mut self, lanes: L, kv_head: usize, block: usize, chunk: usize) {
        let (pass, Items { plan, first_head, region, remaining, partials, .. }) =
            (self.pass, self.items);
        let view = region.view(self.elements, first_head + kv_head);
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
        let (pass, Items { plan, partials, out, .. }) = (self.pass, self.items);
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
        let (pass, Items { plan, first_head, region, out, .. }) = (self.pass, self.items);
        let view = region.view(self.elements, first_head + kv_head);
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
