//! From projections to rotated queries, and keys and values in the cache.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::pass::Pass;
use crate::cache::{CHUNK, ChunkMemory, Element, Region, chunks, slots_in};
use crate::lanes::{Kernel, Lanes};
use crate::norm::RmsNorm;
use crate::rotary::RotaryAngles;
use crate::shared::Shared;

/// A layer's projections and what is done to them.
pub(super) struct Fresh<'a> {
    pub(super) queries: &'a mut [f32],
    pub(super) keys: &'a mut [f32],
    pub(super) values: &'a [f32],
    pub(super) head_norms: Option<[&'a RmsNorm; 2]>,
    pub(super) angles: &'a RotaryAngles,
    /// The row of `angles` for the first row.
    pub(super) first_angle: usize,
}

/// The preparation of a pass, shared out in units: first a head's keys and values in one chunk of slots, then a row's queries.
#[derive(Clone, Copy)]
pub(super) struct Prepare<'a, E> {
    pub(super) queries: Shared<'a, f32>,
    /// The memory of the cache.
    pub(super) elements: Shared<'a, E>,
    keys: Shared<'a, f32>,
    values: &'a [f32],
    head_norms: Option<[&'a RmsNorm; 2]>,
    angles: &'a RotaryAngles,
    first_angle: usize,
    region: Region,
    first_head: usize,
    heads: usize,
    kv_heads: usize,
    first_slot: usize,
    rows: usize,
    /// The next unit that nobody has taken.
    next: &'a AtomicUsize,
}

impl<'a, E: Element> Prepare<'a, E> {
    pub(super) fn new(
        pass: &Pass<'_>,
        (region, first_head, elements): (Region, usize, &'a mut [E]),
        fresh: Fresh<'a>,
        next: &'a AtomicUsize,
    ) -> Self {
        let Fresh { queries, keys, values, head_norms, angles, first_angle } = fresh;
        Self {
            queries: Shared::new(queries),
            elements: Shared::new(elements),
            keys: Shared::new(keys),
            values,
            head_norms,
            angles,
            first_angle,
            region,
            first_head,
            heads: pass.heads,
            kv_heads: pass.heads / pass.group,
            first_slot: pass.prefix,
            rows: pass.ancestors.rows(),
            next,
        }
    }

    fn slots(&self) -> Range<usize> {
        self.first_slot..self.first_slot + self.rows
    }

    #[inline(always)]
    fn prepare_queries<L: Lanes>(&self, lanes: L, row: usize) {
        let (head_dim, width) = (self.region.head_dim(), self.heads * self.region.head_dim());
        // SAFETY: a row's queries are one unit, taken by one worker.
        let queries = unsafe { self.queries.part(row * width..(row + 1) * width) };
        if let Some([norm, _]) = self.head_norms {
            norm.apply_in_place_with(lanes, queries);
        }
        self.angles.rotate_with(lanes, self.first_angle + row, queries, head_dim);
    }

    #[inline(always)]
    fn store_rows<L: Lanes>(&self, lanes: L, kv_head: usize, chunk: usize) {
        let (region, head_dim) = (self.region, self.region.head_dim());
        let [keys, values] = region.chunk(self.first_head + kv_head, chunk);
        // SAFETY: a head's chunk of keys and its chunk of values are apart, and one unit, taken by one worker.
        let (keys, values) = unsafe { (self.elements.part(keys), self.elements.part(values)) };
        let mut memory = ChunkMemory { region, keys, values };
        for slot in slots_in(&self.slots(), chunk) {
            let row = slot - self.first_slot;
            let start = (row * self.kv_heads + kv_head) * head_dim;
            // SAFETY: a row's head belongs to the unit of its slot.
            let key = unsafe { self.keys.part(start..start + head_dim) };
            if let Some([_, norm]) = self.head_norms {
                norm.apply_in_place_with(lanes, key);
            }
            self.angles.rotate_with(lanes, self.first_angle + row, key, head_dim);
            memory.write(lanes, slot % CHUNK, key, &self.values[start..start + head_dim]);
        }
    }
}

impl<E: Element> Kernel for Prepare<'_, E> {
    type Output = ();

    /// Takes units until there are none left.
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let chunks = chunks(&self.slots());
        let stores = self.kv_heads * chunks.len();
        loop {
            let unit = self.next.fetch_add(1, Ordering::Relaxed);
            if unit < stores {
                self.store_rows(lanes, unit / chunks.len(), chunks.start + unit % chunks.len());
            } else if unit < stores + self.rows {
                self.prepare_queries(lanes, unit - stores);
            } else {
                return;
            }
        }
    }
}
