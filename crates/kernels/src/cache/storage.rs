//! The memory behind a cache: one region for each layer and head.

use std::alloc::{Layout, alloc_zeroed};
use std::ops::Range;

use super::write::{ChunkMemory, chunks, slots_in};
use super::{CHUNK, Element, KvType, Region};
use crate::lanes::{Kernel, LANES, Lanes};

/// Zeroed memory whose first element starts a cache line.
#[derive(Debug)]
struct Lines<T> {
    memory: Box<[T]>,
    offset: usize,
}

const CACHE_LINE: usize = 64;

impl<T: Element> Lines<T> {
    /// `None` if there is not so much memory.
    fn new(len: usize) -> Option<Self> {
        let slack = CACHE_LINE / size_of::<T>();
        let memory = zeros::<T>(len.checked_add(slack)?)?;
        // `align_offset` may decline to answer; unaligned memory is slower, nothing more.
        let offset = memory.as_ptr().align_offset(CACHE_LINE).min(slack);
        Some(Self { memory, offset })
    }
}

/// So many zeros, which come from the system unwritten: pages are provided when first touched. `None` if it refuses; a
/// vector would end the program then.
fn zeros<T: Element>(len: usize) -> Option<Box<[T]>> {
    let layout = Layout::array::<T>(len).ok().filter(|layout| layout.size() > 0)?;
    // SAFETY: the layout is not empty.
    let memory = unsafe { alloc_zeroed(layout) }.cast::<T>();
    if memory.is_null() {
        return None;
    }
    // SAFETY: the global allocator gave memory with the layout of so many elements, and elements are floats, for which zero
    // bytes are zero.
    Some(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(memory, len)) })
}

/// All layers' heads, stored as `E`.
#[derive(Debug)]
pub(crate) struct Heads<E> {
    region: Region,
    count: usize,
    lines: Lines<E>,
}

impl<E: Element> Heads<E> {
    fn new(region: Region, count: usize) -> Option<Self> {
        Some(Self { region, count, lines: Lines::new(count * region.elements())? })
    }

    pub(crate) fn region(&self) -> Region {
        self.region
    }

    /// The memory of all heads, one region after the other.
    pub(crate) fn elements(&self) -> &[E] {
        &self.lines.memory[self.lines.offset..]
    }

    pub(crate) fn elements_mut(&mut self) -> &mut [E] {
        &mut self.lines.memory[self.lines.offset..]
    }

    fn move_slots(&mut self, first: usize, path: &[usize]) {
        let (region, count) = (self.region, self.count);
        for index in 0..count {
            let (keys, values) = region.view_mut(self.elements_mut(), index);
            for (to, from) in path.iter().enumerate().filter(|(to, from)| to != *from) {
                let (source, target) = (region.key(first + from), region.key(first + to));
                for step in (0..region.head_dim()).map(|dimension| dimension * LANES) {
                    keys[target + step] = keys[source + step];
                }
                let (source, target) = (region.value(first + from), region.value(first + to));
                for step in (0..region.value_vectors()).map(|vector| vector * Region::VALUE_STEP) {
                    values.copy_within(source + step..source + step + LANES, target + step);
                }
            }
        }
    }

    fn copy_from(&mut self, other: &Self, rows: usize) {
        let region = self.region;
        let keys = rows.next_multiple_of(LANES) * region.head_dim();
        let values = rows.next_multiple_of(CHUNK) * region.value_vectors() * LANES;
        for index in 0..self.count {
            let theirs = other.region.view(other.elements(), index);
            let (our_keys, our_values) = region.view_mut(self.elements_mut(), index);
            our_keys[..keys].copy_from_slice(&theirs.keys[..keys]);
            our_values[..values].copy_from_slice(&theirs.values[..values]);
        }
    }
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
    /// `None` if there is not so much memory.
    pub(super) fn new(kind: KvType, region: Region, heads: usize) -> Option<Self> {
        Some(match kind {
            KvType::F32 => Self::F32(Heads::new(region, heads)?),
            KvType::F16 => Self::F16(Heads::new(region, heads)?),
        })
    }

    pub(super) fn bytes(&self) -> usize {
        each!(self, heads => size_of_val(&*heads.lines.memory))
    }

    /// Moves the slot `first + path[i]` to `first + i`, for each `i` in turn.
    pub(super) fn move_slots(&mut self, first: usize, path: &[usize]) {
        each!(self, heads => heads.move_slots(first, path));
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

/// Writes rows of heads into the slots of one layer.
pub(super) struct WriteRows<'a> {
    pub(super) storage: &'a mut Storage,
    /// The heads of the layer.
    pub(super) heads: Range<usize>,
    pub(super) slots: Range<usize>,
    pub(super) keys: &'a [f32],
    pub(super) values: &'a [f32],
}

impl Kernel for WriteRows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let Self { storage, heads, slots, keys, values } = self;
        each!(storage, memory => write_rows(lanes, memory, heads, &slots, keys, values));
    }
}

#[inline(always)]
fn write_rows<L: Lanes, E: Element>(
    lanes: L,
    memory: &mut Heads<E>,
    heads: Range<usize>,
    slots: &Range<usize>,
    keys: &[f32],
    values: &[f32],
) {
    let (region, first) = (memory.region, heads.start);
    let (head_dim, width) = (region.head_dim(), heads.len() * region.head_dim());
    for index in heads {
        for chunk in chunks(slots) {
            let [key_span, value_span] = region.chunk(index, chunk);
            let (before, after) = memory.elements_mut().split_at_mut(value_span.start);
            let mut memory = ChunkMemory {
                region,
                keys: &mut before[key_span],
                values: &mut after[..value_span.len()],
            };
            for slot in slots_in(slots, chunk) {
                let start = (slot - slots.start) * width + (index - first) * head_dim;
                let span = start..start + head_dim;
                memory.write(lanes, slot % CHUNK, &keys[span.clone()], &values[span]);
            }
        }
    }
}
