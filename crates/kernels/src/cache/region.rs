//! Where the keys and values of one layer and head lie.

use std::ops::Range;

use super::CHUNK;
use crate::lanes::LANES;

/// The memory of one layer and head, by its dimensions. All places are in elements from its start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Region {
    head_dim: usize,
    /// Slots, rounded up to whole chunks.
    slots: usize,
    /// Vectors that hold the values of one slot.
    value_vectors: usize,
}

impl Region {
    /// The region of a head, unless its size overflows.
    pub(super) fn new(head_dim: usize, capacity: usize) -> Option<Self> {
        let slots = capacity.checked_next_multiple_of(CHUNK)?;
        let padded = head_dim.checked_next_multiple_of(LANES)?;
        slots.checked_mul(head_dim.checked_add(padded)?)?;
        Some(Self { head_dim, slots, value_vectors: padded / LANES })
    }

    /// Elements of keys and values together.
    pub(super) fn elements(self) -> usize {
        self.keys() + self.slots * self.value_vectors * LANES
    }

    /// Elements of keys, which come first.
    fn keys(self) -> usize {
        self.slots * self.head_dim
    }

    pub(crate) fn head_dim(self) -> usize {
        self.head_dim
    }

    /// Elements from one block of sixteen keys to the next.
    pub(crate) fn key_block(self) -> usize {
        self.head_dim * LANES
    }

    /// Where a slot's key starts among the keys; its dimensions follow at steps of [`LANES`].
    #[inline(always)]
    pub(crate) fn key(self, slot: usize) -> usize {
        slot / LANES * self.key_block() + slot % LANES
    }

    /// Where a slot's values start among the values; their vectors follow at steps of [`VALUE_STEP`](Self::VALUE_STEP).
    #[inline(always)]
    pub(crate) fn value(self, slot: usize) -> usize {
        slot / CHUNK * self.value_chunk() + slot % CHUNK * LANES
    }

    /// Elements from one vector of a slot's values to the next.
    pub(crate) const VALUE_STEP: usize = CHUNK * LANES;

    /// Elements of the values of one chunk of slots.
    fn value_chunk(self) -> usize {
        self.value_vectors * Self::VALUE_STEP
    }

    /// Vectors that hold the values of one slot.
    pub(crate) fn value_vectors(self) -> usize {
        self.value_vectors
    }

    /// Where the keys and the values of a chunk of slots lie in the memory of all heads, for head `index`.
    pub(crate) fn chunk(self, index: usize, chunk: usize) -> [Range<usize>; 2] {
        let keys = index * self.elements() + chunk * CHUNK * self.head_dim;
        let values = index * self.elements() + self.keys() + chunk * self.value_chunk();
        [keys..keys + CHUNK * self.head_dim, values..values + self.value_chunk()]
    }

    /// The keys and values of head `index` in the memory of all heads.
    pub(crate) fn view<E>(self, elements: &[E], index: usize) -> HeadView<'_, E> {
        let head = &elements[index * self.elements()..(index + 1) * self.elements()];
        let (keys, values) = head.split_at(self.keys());
        HeadView { region: self, keys, values }
    }

    /// The keys and values of head `index` in the memory of all heads, to be changed.
    pub(super) fn view_mut<E>(self, elements: &mut [E], index: usize) -> (&mut [E], &mut [E]) {
        elements[index * self.elements()..(index + 1) * self.elements()].split_at_mut(self.keys())
    }
}

/// Keys and values of one layer and head.
#[derive(Clone, Copy)]
pub(crate) struct HeadView<'a, E> {
    pub(crate) region: Region,
    pub(crate) keys: &'a [E],
    pub(crate) values: &'a [E],
}
