//! The memory behind a cache: one region for each layer and head, keys and values apart.

use half::f16;

use super::{CHUNK, KvType};
use crate::lanes::{LANES, Lanes};

/// A stored key or value.
pub(crate) trait Element: Copy + Default + Send + Sync + 'static {
    /// Whether loading takes more than a load.
    const NARROW: bool;

    /// Rounds to nearest, ties to even.
    fn from_f32(x: f32) -> Self;
    /// Loads sixteen.
    fn load<L: Lanes>(lanes: L, x: &[Self; LANES]) -> L::V;
}

impl Element for f32 {
    const NARROW: bool = false;

    #[inline(always)]
    fn from_f32(x: f32) -> Self {
        x
    }

    #[inline(always)]
    fn load<L: Lanes>(lanes: L, x: &[Self; LANES]) -> L::V {
        lanes.load(x)
    }
}

/// An IEEE half-precision float, by its bits.
impl Element for u16 {
    const NARROW: bool = true;

    #[inline(always)]
    fn from_f32(x: f32) -> Self {
        f16::from_f32(x).to_bits()
    }

    #[inline(always)]
    fn load<L: Lanes>(lanes: L, x: &[Self; LANES]) -> L::V {
        lanes.load_half(x)
    }
}

/// Where things lie within the memory of one layer and head, in elements.
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
        self.keys() + self.values()
    }

    fn keys(self) -> usize {
        self.slots * self.head_dim
    }

    fn values(self) -> usize {
        self.slots * self.value_vectors * LANES
    }

    /// Elements from one block of sixteen keys to the next.
    pub(crate) fn key_block(self) -> usize {
        self.head_dim * LANES
    }

    /// Where the first dimension of a slot's key lies; the next ones follow at steps of [`LANES`].
    #[inline(always)]
    pub(crate) fn key(self, slot: usize) -> usize {
        slot / LANES * self.key_block() + slot % LANES
    }

    /// Where the first vector of a slot's values lies; the next ones follow at steps of [`VALUE_STEP`](Self::VALUE_STEP).
    #[inline(always)]
    pub(crate) fn value(self, slot: usize) -> usize {
        slot / CHUNK * (CHUNK * self.value_vectors * LANES) + slot % CHUNK * LANES
    }

    /// Elements from one vector of a slot's values to the next.
    pub(crate) const VALUE_STEP: usize = CHUNK * LANES;

    /// Vectors that hold the values of one slot.
    pub(crate) fn value_vectors(self) -> usize {
        self.value_vectors
    }
}

/// Zeroed memory whose first element starts a cache line.
#[derive(Debug)]
struct Lines<T> {
    memory: Vec<T>,
    offset: usize,
}

const CACHE_LINE: usize = 64;

impl<T: Element> Lines<T> {
    fn new(len: usize) -> Self {
        let slack = CACHE_LINE / size_of::<T>();
        // A vector of zeros comes from the system unwritten, so pages are provided when first touched.
        let memory = vec![T::default(); len + slack];
        // `align_offset` may decline to answer; unaligned memory is slower, nothing more.
        let offset = memory.as_ptr().align_offset(CACHE_LINE).min(slack);
        Self { memory, offset }
    }

    fn all(&self) -> &[T] {
        &self.memory[self.offset..]
    }

    fn all_mut(&mut self) -> &mut [T] {
        &mut self.memory[self.offset..]
    }
}

/// All layers' heads, stored as `E`.
#[derive(Debug)]
pub(crate) struct Heads<E> {
    region: Region,
    count: usize,
    lines: Lines<E>,
}

impl<E: Element> Heads<E> {
    fn new(region: Region, count: usize) -> Self {
        Self { region, count, lines: Lines::new(count * region.elements()) }
    }

    /// The memory of head `index`, counted through the layers.
    fn head(&mut self, index: usize) -> (Region, &mut [E]) {
        let elements = self.region.elements();
        (self.region, &mut self.lines.all_mut()[index * elements..(index + 1) * elements])
    }

    /// A view of head `index` for the attention kernel.
    pub(crate) fn view(&self, index: usize) -> HeadView<'_, E> {
        let elements = self.region.elements();
        let head = &self.lines.all()[index * elements..(index + 1) * elements];
        let (keys, values) = head.split_at(self.region.keys());
        HeadView { region: self.region, keys, values }
    }

    fn write(&mut self, index: usize, slot: usize, key: &[f32], value: &[f32]) {
        let (region, head) = self.head(index);
        let (keys, values) = head.split_at_mut(region.keys());
        for (to, x) in keys[region.key(slot)..].iter_mut().step_by(LANES).zip(key) {
            *to = E::from_f32(*x);
        }
        for (vector, part) in value.chunks(LANES).enumerate() {
            let start = region.value(slot) + vector * Region::VALUE_STEP;
            for (to, x) in values[start..].iter_mut().zip(part) {
                *to = E::from_f32(*x);
            }
        }
    }

    fn move_slot(&mut self, from: usize, to: usize) {
        for index in 0..self.count {
            let (region, head) = self.head(index);
            let (keys, values) = head.split_at_mut(region.keys());
            let (source, target) = (region.key(from), region.key(to));
            for step in (0..region.head_dim).map(|dimension| dimension * LANES) {
                keys[target + step] = keys[source + step];
            }
            let (source, target) = (region.value(from), region.value(to));
            for step in (0..region.value_vectors).map(|vector| vector * Region::VALUE_STEP) {
                values.copy_within(source + step..source + step + LANES, target + step);
            }
        }
    }

    fn copy_from(&mut self, other: &Self, rows: usize) {
        let keys = rows.next_multiple_of(LANES) * self.region.head_dim;
        let values = rows.next_multiple_of(CHUNK) * self.region.value_vectors * LANES;
        for index in 0..self.count {
            let theirs = other.view(index);
            let (region, head) = self.head(index);
            head[..keys].copy_from_slice(&theirs.keys[..keys]);
            head[region.keys()..][..values].copy_from_slice(&theirs.values[..values]);
        }
    }
}

/// Keys and values of one layer and head.
#[derive(Clone, Copy)]
pub(crate) struct HeadView<'a, E> {
    pub(crate) region: Region,
    pub(crate) keys: &'a [E],
    pub(crate) values: &'a [E],
}

/// The memory of a cache, in its element type.
#[derive(Debug)]
pub(crate) enum Storage {
    F32(Heads<f32>),
    F16(Heads<u16>),
}

/// Runs the same code for either element type.
macro_rules! each {
    ($storage:expr, $heads:ident => $body:expr) => {
        match $storage {
            Storage::F32($heads) => $body,
            Storage::F16($heads) => $body,
        }
    };
}

impl Storage {
    pub(super) fn new(kind: KvType, region: Region, heads: usize) -> Self {
        match kind {
            KvType::F32 => Self::F32(Heads::new(region, heads)),
            KvType::F16 => Self::F16(Heads::new(region, heads)),
        }
    }

    pub(super) fn bytes(&self) -> usize {
        each!(self, heads => size_of_val(heads.lines.memory.as_slice()))
    }

    pub(super) fn write(&mut self, index: usize, slot: usize, key: &[f32], value: &[f32]) {
        each!(self, heads => heads.write(index, slot, key, value));
    }

    pub(super) fn move_slot(&mut self, from: usize, to: usize) {
        each!(self, heads => heads.move_slot(from, to));
    }

    /// Both must be of one type and region but for the number of slots.
    pub(super) fn copy_from(&mut self, other: &Self, rows: usize) {
        match (self, other) {
            (Self::F32(ours), Self::F32(theirs)) => ours.copy_from(theirs, rows),
            (Self::F16(ours), Self::F16(theirs)) => ours.copy_from(theirs, rows),
            _ => unreachable!("the caller compared the types"),
        }
    }
}
