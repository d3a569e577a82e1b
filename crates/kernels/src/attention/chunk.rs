//! A few queries against the keys and values of one chunk of positions.

use std::ops::Range;

use super::outer::{MAX_TILE, Right, Rows, multiply};
use super::pass::Pass;
use super::summary;
use crate::cache::{CHUNK, Element, HeadView, Region};
use crate::elementwise::Unary;
use crate::exp;
use crate::lanes::{LANES, Lanes};

/// Up to [`Lanes::TILE`] consecutive queries of one key/value head, and what each sees of a chunk.
struct Tile {
    queries: Range<usize>,
    /// The chunk's first position.
    start: usize,
    /// What each query sees, from the chunk's start.
    seen: [(usize, usize); MAX_TILE],
    /// Positions below this one, from the chunk's start, are stored in the slots of their own numbers.
    ordered: usize,
}

impl Tile {
    fn new(pass: &Pass<'_>, queries: Range<usize>, chunk: usize) -> Self {
        let start = chunk * CHUNK;
        let within = |position: usize| position.clamp(start, start + CHUNK) - start;
        let mut seen = [(0, 0); MAX_TILE];
        for (seen, query) in seen.iter_mut().zip(queries.clone()) {
            let positions = pass.seen(pass.row(query));
            *seen = (within(positions.start), within(positions.end));
        }
        Self { queries, start, seen, ordered: within(pass.ordered()) }
    }

    fn seen(&self) -> &[(usize, usize)] {
        &self.seen[..self.queries.len()]
    }

    /// The positions that some query sees.
    fn hull(&self) -> (usize, usize) {
        let seen = self.seen().iter().filter(|(low, high)| low < high);
        seen.fold((CHUNK, 0), |hull, seen| (hull.0.min(seen.0), hull.1.max(seen.1)))
    }

    /// The positions that all queries see, in the same slots.
    fn common(&self) -> (usize, usize) {
        self.seen()
            .iter()
            .fold((0, self.ordered), |common, seen| (common.0.max(seen.0), common.1.min(seen.1)))
    }

    /// The tile's queries row by row: the row, and its places in the tile.
    fn rows(&self, pass: &Pass<'_>) -> impl Iterator<Item = (usize, Range<usize>)> {
        let (first, end, group) = (self.queries.start, self.queries.end, pass.group);
        (pass.row(first)..=pass.row(end - 1)).map(move |row| {
            let here = (row * group).max(first)..((row + 1) * group).min(end);
            (row, here.start - first..here.end - first)
        })
    }
}

/// Summarises, for each of `queries`, what it sees of a chunk; `into` holds as many summaries, and those of queries that
/// see nothing of the chunk are left in any state. `rooms` are those for scores and for a tree's tail.
#[inline(always)]
pub(super) fn summarise<L: Lanes, E: Element>(
    lanes: L,
    pass: &Pass<'_>,
    view: HeadView<'_, E>,
    kv_head: usize,
    queries: Range<usize>,
    chunk: usize,
    rooms: (&mut [f32], &mut [f32]),
    into: &mut [f32],
) {
    let tile = Tile::new(pass, queries, chunk);
    let (scores, tail) = rooms;
    let (low, high) = tile.hull();
    if low >= high {
        return;
    }
    products(lanes, pass, view, kv_head, &tile, (low, high), scores, tail);
    let padded = view.region.value_vectors() * LANES;
    let stride = summary::stride(padded);
    for (t, seen) in tile.seen().iter().enumerate().filter(|(_, seen)| seen.0 < seen.1) {
        let scores = &mut scores[t * CHUNK..(t + 1) * CHUNK];
        let (largest, weight) = weights(lanes, pass, scores, *seen);
        summary::set(&mut into[t * stride..(t + 1) * stride], padded, largest, weight);
    }
    values(lanes, pass, view, &tile, (scores, tail), into, stride);
}

/// The products of the tile's queries with the keys at the positions of `hull`, in rows of [`CHUNK`] scores.
#[inline(always)]
fn products<L: Lanes, E: Element>(
    lanes: L,
    pass: &Pass<'_>,
    view: HeadView<'_, E>,
    kv_head: usize,
    tile: &Tile,
    hull: (usize, usize),
    scores: &mut [f32],
    tail: &mut [f32],
) {
    let size = tile.queries.len();
    let mut left = [std::ptr::null(); MAX_TILE];
    for (left, query) in left.iter_mut().zip(tile.queries.clone()) {
        *left = pass.values[pass.place(kv_head, query)].as_ptr();
    }
    let step = view.region.key_block();
    let (first, end) = (hull.0 / LANES, hull.1.min(tile.ordered).div_ceil(LANES));
    if first < end {
        let blocks = (tile.start / LANES + first) * step..(tile.start / LANES + end) * step;
        let right = Right { elements: &view.keys[blocks], vector_step: step, vectors: end - first };
        let row = scores[first * LANES..].as_mut_ptr();
        // SAFETY: each query has `head_dim` values; a score row has room for all blocks of a chunk, and `scores` for
        // `MAX_TILE` rows; the blocks are in the slice, in each a row of sixteen keys for every dimension.
        unsafe {
            multiply(
                lanes,
                size,
                &left,
                right,
                pass.head_dim,
                Rows { start: row, step: CHUNK },
                true,
            );
        }
    }
    if tile.ordered >= hull.1 {
        return;
    }
    // The paths of a tree: products with the keys of all rows up to the tile's last, then each row's own.
    let last_row = pass.row(tile.queries.end - 1);
    let (first, end) = (pass.prefix / LANES, (pass.prefix + last_row + 1).div_ceil(LANES));
    let right = Right {
        elements: &view.keys[first * step..end * step],
        vector_step: step,
        vectors: end - first,
    };
    let width = right.vectors * LANES;
    let tail = &mut tail[..size * width];
    // SAFETY: as above, with rows of `width` scores in `tail`.
    unsafe {
        let into = Rows { start: tail.as_mut_ptr(), step: width };
        multiply(lanes, size, &left, right, pass.head_dim, into, true);
    }
    for (row, places) in tile.rows(pass) {
        let path = pass.ancestors.path(row).unwrap_or_default();
        for t in places {
            let (low, high) = tile.seen[t];
            for position in low.max(tile.ordered)..high {
                let node = path[tile.start + position - pass.prefix] as usize;
                scores[t * CHUNK + position] = tail[t * width + pass.prefix % LANES + node];
            }
        }
    }
}

/// Turns one query's scores at the positions `seen` into weights; returns the largest score and the sum of weights.
///
/// Weights are summed in sixteen lanes by position.
#[inline(always)]
fn weights<L: Lanes>(
    lanes: L,
    pass: &Pass<'_>,
    scores: &mut [f32],
    seen: (usize, usize),
) -> (f32, f32) {
    let (first, end) = (seen.0 / LANES, seen.1.div_ceil(LANES));
    let scores = &mut scores[first * LANES..end * LANES];
    let mut scale = lanes.splat(pass.scale);
    if let Some(soft_cap) = pass.soft_cap {
        for part in scores.as_chunks_mut::<LANES>().0 {
            lanes.store(soft_cap.apply(lanes, lanes.mul(lanes.load(part), scale)), part);
        }
        scale = lanes.splat(1.0);
    }
    scores[..seen.0 - first * LANES].fill(f32::NEG_INFINITY);
    scores[seen.1 - first * LANES..].fill(f32::NEG_INFINITY);
    let parts = scores.as_chunks_mut::<LANES>().0;
    let mut largest = lanes.splat(f32::NEG_INFINITY);
    for part in &mut *parts {
        let score = lanes.mul(lanes.load(part), scale);
        largest = lanes.max(score, largest);
        lanes.store(score, part);
    }
    let largest = lanes.largest(largest);
    let top = lanes.splat(largest);
    let mut sum = lanes.splat(0.0);
    for part in parts {
        let weight = exp::weight(lanes, lanes.sub(lanes.load(part), top));
        sum = lanes.add(sum, weight);
        lanes.store(weight, part);
    }
    (largest, lanes.sum(sum))
}

/// The weighted sums of values, taken in order of position.
#[inline(always)]
fn values<L: Lanes, E: Element>(
    lanes: L,
    pass: &Pass<'_>,
    view: HeadView<'_, E>,
    tile: &Tile,
    (scores, tail): (&[f32], &mut [f32]),
    into: &mut [f32],
    stride: usize,
) {
    let mut sums = Sums { lanes, pass, view, tile, scores, tail, into, stride };
    let (low, high) = tile.common();
    if low >= high {
        sums.clear();
        for (row, places) in tile.rows(pass) {
            let (low, high) = tile.seen[places.start];
            sums.add(row, places, low, high);
        }
        return;
    }
    let even_start = tile.seen().iter().all(|seen| seen.0 == low);
    if !even_start {
        sums.clear();
        for (row, places) in tile.rows(pass) {
            sums.add(row, places.clone(), tile.seen[places.start].0, low);
        }
    }
    sums.add_ordered(0..tile.queries.len(), low, high, even_start);
    for (row, places) in tile.rows(pass) {
        sums.add(row, places.clone(), high, tile.seen[places.start].1);
    }
}

struct Sums<'a, 'b, L, E> {
    lanes: L,
    pass: &'a Pass<'b>,
    view: HeadView<'a, E>,
    tile: &'a Tile,
    scores: &'a [f32],
    /// Room for the values of a path.
    tail: &'a mut [f32],
    into: &'a mut [f32],
    stride: usize,
}

impl<L: Lanes, E: Element> Sums<'_, '_, L, E> {
    #[inline(always)]
    fn clear(&mut self) {
        let padded = self.view.region.value_vectors() * LANES;
        for summary in
            self.into[..self.tile.queries.len() * self.stride].chunks_exact_mut(self.stride)
        {
            summary[..padded].fill(0.0);
        }
    }

    /// Adds the positions `low..high` for one row's queries, at `places` of the tile.
    #[inline(always)]
    fn add(&mut self, row: usize, places: Range<usize>, low: usize, high: usize) {
        let ordered = self.tile.ordered;
        if low < high.min(ordered) {
            self.add_ordered(places.clone(), low, high.min(ordered), false);
        }
        let low = low.max(ordered);
        if low < high {
            let first = self.tile.start + low - self.pass.prefix;
            let path = &self.pass.ancestors.path(row).unwrap_or_default()[first..][..high - low];
            self.gather(path);
            let vectors = self.view.region.value_vectors();
            let room = std::mem::take(&mut self.tail);
            let right = Right { elements: &*room, vector_step: path.len() * LANES, vectors };
            self.multiply(places, low, high, right, false);
            self.tail = room;
        }
    }

    /// Copies the values of a path's rows together, in order of position.
    #[inline(always)]
    fn gather(&mut self, path: &[u32]) {
        let (region, lanes) = (self.view.region, self.lanes);
        let room = self.tail.as_chunks_mut::<LANES>().0;
        for (place, node) in path.iter().enumerate() {
            let from = &self.view.values[region.value(self.pass.prefix + *node as usize)..];
            for vector in 0..region.value_vectors() {
                let (from, _) = from[vector * Region::VALUE_STEP..].as_chunks::<LANES>();
                lanes.store(E::load(lanes, &from[0]), &mut room[vector * path.len() + place]);
            }
        }
    }

    /// Adds the positions `low..high`, stored in the slots of their own numbers, for the queries at `places`.
    #[inline(always)]
    fn add_ordered(&mut self, places: Range<usize>, low: usize, high: usize, fresh: bool) {
        let elements = &self.view.values[self.view.region.value(self.tile.start + low)..];
        let vectors = self.view.region.value_vectors();
        self.multiply(
            places,
            low,
            high,
            Right { elements, vector_step: Region::VALUE_STEP, vectors },
            fresh,
        );
    }

    #[inline(always)]
    fn multiply<R: Element>(
        &mut self,
        places: Range<usize>,
        low: usize,
        high: usize,
        right: Right<'_, R>,
        fresh: bool,
    ) {
        let mut left = [std::ptr::null(); MAX_TILE];
        for (left, t) in left.iter_mut().zip(places.clone()) {
            *left = self.scores[t * CHUNK + low..t * CHUNK + high].as_ptr();
        }
        let into = &mut self.into[places.start * self.stride..places.end * self.stride];
        let into = Rows { start: into.as_mut_ptr(), step: self.stride };
        // SAFETY: each query has `high - low` weights; `into` has a summary for each place, which starts with room for the
        // vectors; `right` has a row for every position, either in a chunk of the cache or gathered.
        unsafe { multiply(self.lanes, places.len(), &left, right, high - low, into, fresh) }
    }
}
