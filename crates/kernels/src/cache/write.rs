//! Writing rows into one chunk of slots of one head.

use std::ops::Range;

use super::{CHUNK, Element, Region};
use crate::elementwise::padded;
use crate::lanes::{LANES, Lanes};

/// The memory of one chunk of slots: keys, and values.
pub(crate) struct ChunkMemory<'a, E> {
    pub(crate) region: Region,
    pub(crate) keys: &'a mut [E],
    pub(crate) values: &'a mut [E],
}

impl<E: Element> ChunkMemory<'_, E> {
    /// Stores a head's key and value in a slot, counted from the chunk's start.
    #[inline(always)]
    pub(crate) fn write<L: Lanes>(&mut self, lanes: L, slot: usize, key: &[f32], value: &[f32]) {
        let mut part = [E::default(); LANES];
        let start = self.region.key(slot);
        for (block, key) in key.chunks(LANES).enumerate() {
            E::store(lanes, lanes.load(&padded(key)), &mut part);
            let to = self.keys[start + block * LANES * LANES..].iter_mut().step_by(LANES);
            for (to, x) in to.zip(&part[..key.len()]) {
                *to = *x;
            }
        }
        let start = self.region.value(slot);
        for (vector, value) in value.chunks(LANES).enumerate() {
            E::store(lanes, lanes.load(&padded(value)), &mut part);
            let to = start + vector * Region::VALUE_STEP;
            self.values[to..to + LANES].copy_from_slice(&part);
        }
    }
}

/// The chunks that hold some slots.
pub(crate) fn chunks(slots: &Range<usize>) -> Range<usize> {
    slots.start / CHUNK..slots.end.div_ceil(CHUNK)
}

/// The slots among some that lie in a chunk.
pub(crate) fn slots_in(slots: &Range<usize>, chunk: usize) -> Range<usize> {
    slots.start.max(chunk * CHUNK)..slots.end.min((chunk + 1) * CHUNK)
}
