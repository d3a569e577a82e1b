//! A block of queries against the keys and values of one chunk of positions.

use std::ops::Range;

use super::outer::{Job, MAX_TILE, Right, multiply};
use super::pass::Pass;
use super::scratch::Rooms;
use super::softmax;
use super::summary;
use super::tile::Tile;
use crate::cache::{CHUNK, Element, HeadView, Region};
use crate::lanes::{LANES, Lanes};

/// Queries that go through a chunk together, so that its keys and values are fetched once for all: a multiple of every
/// [`Lanes::TILE`], few enough that their scores and summaries stay in a core's cache.
pub(super) const BLOCK: usize = 48;

/// The most tiles in a block.
const MAX_TILES: usize = 8;

/// The queries of a block that see something of a chunk, in tiles.
struct Tiles([Option<Tile>; MAX_TILES]);

impl Tiles {
    fn new<L: Lanes>(pass: &Pass<'_>, queries: &Range<usize>, chunk: usize) -> Self {
        const {
            assert!(BLOCK.is_multiple_of(L::TILE) && BLOCK / L::TILE <= MAX_TILES);
            assert!(L::TILE <= MAX_TILE);
        };
        let mut tiles = [None; MAX_TILES];
        for (tile, start) in tiles.iter_mut().zip(queries.clone().step_by(L::TILE)) {
            *tile =
                Tile::new(pass, start..(start + L::TILE).min(queries.end), queries.start, chunk);
        }
        Self(tiles)
    }

    fn all(&self) -> impl Iterator<Item = &Tile> {
        self.0.iter().flatten()
    }
}

/// A block and a chunk, with all that is needed to summarise what the one sees of the other.
pub(super) struct Block<'a, 'b, L, E> {
    pub(super) lanes: L,
    pub(super) pass: &'a Pass<'b>,
    pub(super) view: HeadView<'a, E>,
    pub(super) kv_head: usize,
    /// At most [`BLOCK`] queries.
    pub(super) queries: Range<usize>,
    pub(super) chunk: usize,
    /// A summary for each query; those of queries that see nothing of the chunk are left in any state.
    pub(super) into: &'a mut [f32],
}

impl<L: Lanes, E: Element> Block<'_, '_, L, E> {
    /// Summarises, for each query, what it sees of the chunk.
    #[inline(always)]
    pub(super) fn summarise(mut self, rooms: &mut Rooms<'_>) {
        let tiles = Tiles::new::<L>(self.pass, &self.queries, self.chunk);
        self.score(&tiles, rooms);
        let (padded, stride) = (self.padded(), self.stride());
        for tile in tiles.all() {
            for (row, places) in tile.rows(self.pass) {
                let seen = self.pass.seen_in(row, self.chunk);
                if seen.0 >= seen.1 {
                    continue;
                }
                for place in tile.place + places.start..tile.place + places.end {
                    let scores = &mut rooms.scores[place * CHUNK..(place + 1) * CHUNK];
                    let (largest, weight) = softmax::weights(self.lanes, self.pass, scores, seen);
                    let summary = &mut self.into[place * stride..(place + 1) * stride];
                    summary::set(summary, padded, largest, weight);
                }
            }
        }
        self.gather(&tiles, rooms);
    }

    fn padded(&self) -> usize {
        self.view.region.value_vectors() * LANES
    }

    fn stride(&self) -> usize {
        summary::stride(self.padded())
    }

    /// The products of the queries with the keys that they see: for each query a row of [`CHUNK`] scores.
    #[inline(always)]
    fn score(&self, tiles: &Tiles, rooms: &mut Rooms<'_>) {
        let hulls = tiles.all().map(|tile| tile.hull);
        let (low, high) = hulls.fold((CHUNK, 0), |a, b| (a.0.min(b.0), a.1.max(b.1)));
        let ordered = self.pass.ordered_in(self.chunk);
        let (first, end) = (low / LANES, high.min(ordered).div_ceil(LANES));
        if first < end {
            let start = self.chunk * CHUNK / LANES;
            let into = &mut rooms.scores[first * LANES..];
            self.multiply_keys(tiles, start + first..start + end, into, CHUNK, rooms.unpacked);
        }
        if ordered >= high {
            return;
        }
        // The paths of a tree: products with the keys of all rows up to the block's last, of which each row takes its own.
        let prefix = self.pass.prefix;
        let rows = self.pass.row(self.queries.end - 1) + 1;
        let blocks = prefix / LANES..(prefix + rows).div_ceil(LANES);
        let width = blocks.len() * LANES;
        self.multiply_keys(tiles, blocks, rooms.tail, width, rooms.unpacked);
        for tile in tiles.all() {
            for (row, places) in tile.rows(self.pass) {
                let (low, high) = self.pass.seen_in(row, self.chunk);
                let low = low.max(ordered);
                let Some(path) = self.path(row, (low, high)) else { continue };
                for place in tile.place + places.start..tile.place + places.end {
                    let tail = &rooms.tail[place * width + prefix % LANES..(place + 1) * width];
                    let scores = &mut rooms.scores[place * CHUNK + low..place * CHUNK + high];
                    for (score, node) in scores.iter_mut().zip(path) {
                        *score = tail[*node as usize];
                    }
                }
            }
        }
    }

    /// The part of a row's path that stands at the given positions of the chunk, if any.
    fn path(&self, row: usize, (low, high): (usize, usize)) -> Option<&[u32]> {
        let path = self.pass.ancestors.path(row)?;
        let first = (self.chunk * CHUNK + low).checked_sub(self.pass.prefix)?;
        path.get(first..first + high.checked_sub(low)?).filter(|path| !path.is_empty())
    }

    /// The products of all queries with `blocks` of sixteen keys, in rows that are `step` apart.
    #[inline(always)]
    fn multiply_keys(
        &self,
        tiles: &Tiles,
        blocks: Range<usize>,
        into: &mut [f32],
        step: usize,
        unpacked: &mut [f32],
    ) {
        let key_block = self.view.region.key_block();
        let elements = &self.view.keys[blocks.start * key_block..blocks.end * key_block];
        let next = self.chunk_values().elements.as_ptr();
        let right = Right { elements, vector_step: key_block, vectors: blocks.len(), next };
        let (base, room) = (into.as_mut_ptr(), into.len());
        let jobs = tiles.0.map(|tile| {
            let tile = tile?;
            let last = (tile.place + tile.size - 1) * step;
            assert!(last + right.vectors * LANES <= room, "the products of a block fit their room");
            let mut left = [std::ptr::null(); MAX_TILE];
            for (left, query) in left.iter_mut().zip(tile.queries()) {
                *left = self.pass.values[self.pass.place(self.kv_head, query)].as_ptr();
            }
            let into = base.wrapping_add(tile.place * step);
            Some(Job {
                left,
                size: tile.size,
                start: 0,
                count: self.pass.head_dim,
                into,
                step,
                fresh: true,
            })
        });
        // SAFETY: each query has `head_dim` values, and each result row has room, as asserted; the blocks are in the slice,
        // in each a row of sixteen keys for every dimension; `unpacked` has room for these rows.
        unsafe { multiply(self.lanes, &jobs, right, unpacked) }
    }

    /// The weighted sums of values, taken in order of position.
    #[inline(always)]
    fn gather(&mut self, tiles: &Tiles, rooms: &mut Rooms<'_>) {
        // Windows begin at another position for each row, so there are positions that not all queries of a tile see.
        for tile in tiles.all().filter(|tile| !tile.starts_together()) {
            let (padded, stride) = (self.padded(), self.stride());
            for summary in self.into.chunks_exact_mut(stride).skip(tile.place).take(tile.size) {
                summary[..padded].fill(0.0);
            }
            for (row, places) in tile.rows(self.pass) {
                let (low, high) = self.pass.seen_in(row, self.chunk);
                self.add_for_row(tile, row, places, (low, high.min(tile.common.0)), rooms);
            }
        }
        let (into, stride) = (self.into.as_mut_ptr(), self.stride());
        assert!(
            self.into.len() >= self.queries.len() * stride,
            "a block has a summary for each query"
        );
        let jobs = tiles.0.map(|tile| {
            let tile = &tile?;
            let (low, high) = tile.common;
            let fresh = tile.starts_together();
            (low < high).then(|| {
                weights_job(tile, 0..tile.size, tile.common, rooms.scores, (into, stride), fresh)
            })
        });
        // SAFETY: see `weights_job`; all positions of the chunk have slots in the cache's memory; `unpacked` has room for a
        // chunk.
        unsafe { multiply(self.lanes, &jobs, self.chunk_values(), rooms.unpacked) }
        for tile in tiles.all().filter(|tile| !tile.is_even()) {
            for (row, places) in tile.rows(self.pass) {
                let (low, high) = self.pass.seen_in(row, self.chunk);
                self.add_for_row(tile, row, places, (low.max(tile.common.1), high), rooms);
            }
        }
    }

    /// The values of the chunk's positions that are stored in the slots of their own numbers.
    fn chunk_values(&self) -> Right<'_, E> {
        let region = self.view.region;
        let elements = &self.view.values[region.value(self.chunk * CHUNK)..];
        let next = self.view.keys.as_ptr().wrapping_add(region.key((self.chunk + 1) * CHUNK));
        let vectors = region.value_vectors();
        Right { elements, vector_step: Region::VALUE_STEP, vectors, next }
    }

    /// Adds the values at positions that not all queries of a tile see, for the queries of one row at `places` of the tile.
    #[inline(always)]
    fn add_for_row(
        &mut self,
        tile: &Tile,
        row: usize,
        places: Range<usize>,
        (low, high): (usize, usize),
        rooms: &mut Rooms<'_>,
    ) {
        let ordered = self.pass.ordered_in(self.chunk);
        let into = (self.into.as_mut_ptr(), self.stride());
        if low < high.min(ordered) {
            let job = weights_job(
                tile,
                places.clone(),
                (low, high.min(ordered)),
                rooms.scores,
                into,
                false,
            );
            // SAFETY: as in `gather`, which asserted the room for summaries.
            unsafe { multiply(self.lanes, &[Some(job)], self.chunk_values(), rooms.unpacked) }
        }
        let low = low.max(ordered);
        let Some(path) = self.path(row, (low, high)) else { return };
        let right = self.path_values(path, rooms.tail);
        let mut job = weights_job(tile, places, (low, high), rooms.scores, into, false);
        job.start = 0;
        // SAFETY: as in `gather`; `right` has a row for each node of the path.
        unsafe { multiply(self.lanes, &[Some(job)], right, rooms.unpacked) }
    }

    /// Copies the values of a path's rows together, in order of position.
    #[inline(always)]
    fn path_values<'r>(&self, path: &[u32], room: &'r mut [f32]) -> Right<'r, f32> {
        let (region, step) = (self.view.region, path.len() * LANES);
        for (place, node) in path.iter().enumerate() {
            let from = &self.view.values[region.value(self.pass.prefix + *node as usize)..];
            for vector in 0..region.value_vectors() {
                let (from, _) = from[vector * Region::VALUE_STEP..].as_chunks::<LANES>();
                let (to, _) = room[vector * step..(vector + 1) * step].as_chunks_mut::<LANES>();
                self.lanes.store(E::load(self.lanes, &from[0]), &mut to[place]);
            }
        }
        let vectors = region.value_vectors();
        Right { elements: room, vector_step: step, vectors, next: room.as_ptr() }
    }
}

/// The job of adding the values at positions `low..high`, by their weights, to the summaries of the queries at `places` of a
/// tile; `into` is the block's first summary, and how far one is from the next.
fn weights_job(
    tile: &Tile,
    places: Range<usize>,
    (low, high): (usize, usize),
    scores: &[f32],
    (into, step): (*mut f32, usize),
    fresh: bool,
) -> Job {
    let mut left = [std::ptr::null(); MAX_TILE];
    for (left, t) in left.iter_mut().zip(places.clone()) {
        let row = (tile.place + t) * CHUNK;
        *left = scores[row + low..row + high].as_ptr();
    }
    let into = into.wrapping_add((tile.place + places.start) * step);
    Job { left, size: places.len(), start: low, count: high - low, into, step, fresh }
}
