//! Memory for attention, kept from pass to pass.

use std::sync::atomic::AtomicUsize;

use super::Attention;
use super::block::BLOCK;
use super::outer::unpacked;
use super::plan::Plan;
use crate::cache::CHUNK;
use crate::lanes::LANES;

/// A cache line of floats, so that no vector straddles two.
#[repr(C, align(64))]
#[derive(Clone, Copy, Debug)]
struct Line([f32; LANES]);

/// Floats from the start of a cache line on; grows and never shrinks.
#[derive(Debug, Default)]
struct Floats(Vec<Line>);

impl Floats {
    /// At least `len` floats, whatever they hold.
    fn at_least(&mut self, len: usize) -> &mut [f32] {
        let lines = len.div_ceil(LANES);
        if self.0.len() < lines {
            self.0.resize(lines, Line([0.0; LANES]));
        }
        self.all()
    }

    fn all(&mut self) -> &mut [f32] {
        // SAFETY: a `Line` is sixteen floats with no padding (its size is its alignment), so the lines are as many floats.
        unsafe { std::slice::from_raw_parts_mut(self.0.as_mut_ptr().cast(), self.0.len() * LANES) }
    }
}

/// What one worker needs.
#[derive(Debug, Default)]
pub(super) struct Desk {
    scores: Floats,
    tail: Floats,
    unpacked: Floats,
    fresh: Floats,
    all: Floats,
}

/// A worker's memory, lent out.
pub(super) struct Rooms<'a> {
    /// A block's scores: rows of [`CHUNK`].
    pub(super) scores: &'a mut [f32],
    /// A block's products with the keys of a tree's rows, then the values of one path.
    pub(super) tail: &'a mut [f32],
    /// Keys or values as `f32`.
    pub(super) unpacked: &'a mut [f32],
    /// A block's summaries of one chunk, where they are joined at once.
    pub(super) fresh: &'a mut [f32],
    /// A block's summaries of all chunks so far.
    pub(super) all: &'a mut [f32],
}

impl Desk {
    pub(super) fn rooms(&mut self) -> Rooms<'_> {
        Rooms {
            scores: self.scores.all(),
            tail: self.tail.all(),
            unpacked: self.unpacked.all(),
            fresh: self.fresh.all(),
            all: self.all.all(),
        }
    }
}

/// What a pass needs.
pub(super) struct Needs {
    pub(super) threads: usize,
    /// Rows of a tree; none for a chain.
    pub(super) tree_rows: usize,
    pub(super) head_dim: usize,
    /// Floats of a summary.
    pub(super) stride: usize,
    /// Summaries that a worker joins at once.
    pub(super) joined: usize,
    /// Summaries that are joined when all chunks are done.
    pub(super) partials: usize,
    /// Sets of chunks that are counted until all are done.
    pub(super) counters: usize,
}

/// Memory for [`Attention::run`](super::Attention::run): grows to what a pass needs and is used again by the next, so that
/// a pass no larger than one before allocates nothing. One serves all layers and models.
#[derive(Debug, Default)]
pub struct AttentionScratch {
    desks: Vec<Desk>,
    partials: Floats,
    counters: Vec<AtomicUsize>,
}

impl AttentionScratch {
    /// Makes room for passes of up to `rows` rows that end at position `positions` at most, so that none of them allocates.
    /// Without it, memory grows with the context, by one chunk of positions at a time.
    pub fn reserve(
        &mut self,
        attention: &Attention,
        threads: usize,
        rows: usize,
        positions: usize,
    ) {
        self.prepare(&Plan::most_needs(attention.shape(), threads, rows, positions));
    }

    /// Makes room for a pass; the counters are zero.
    pub(super) fn prepare(&mut self, needs: &Needs) -> (&mut [Desk], &[AtomicUsize], &mut [f32]) {
        if self.desks.len() < needs.threads {
            self.desks.resize_with(needs.threads, Desk::default);
        }
        for desk in &mut self.desks[..needs.threads] {
            desk.scores.at_least(BLOCK * CHUNK);
            // The prefix may end within a block of keys, and so may the rows.
            let products =
                if needs.tree_rows > 0 { BLOCK * (needs.tree_rows + 2 * LANES) } else { 0 };
            let values = CHUNK.min(needs.tree_rows) * needs.stride;
            desk.tail.at_least(products.max(values));
            desk.unpacked.at_least(unpacked(CHUNK.max(needs.head_dim)));
            desk.fresh.at_least(needs.joined * needs.stride);
            desk.all.at_least(needs.joined * needs.stride);
        }
        if self.counters.len() < needs.counters {
            self.counters.resize_with(needs.counters, AtomicUsize::default);
        }
        for counter in &mut self.counters {
            *counter.get_mut() = 0;
        }
        (&mut self.desks, &self.counters, self.partials.at_least(needs.partials * needs.stride))
    }
}
