//! The key/value cache of one sequence, laid out for the attention kernel.

mod element;
mod region;
mod storage;
mod write;

use std::ops::Range;

use crate::error::{KernelError, Kind};
use crate::lanes::dispatch_best;
pub(crate) use element::Element;
pub(crate) use region::{HeadView, Region};
pub(crate) use storage::Storage;
use storage::WriteRows;
pub(crate) use write::{ChunkMemory, chunks, slots_in};

/// Positions that attention takes together; also the slots whose values lie together.
pub(crate) const CHUNK: usize = 128;

/// How keys and values are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum KvType {
    /// 32-bit floats: as computed.
    #[default]
    F32,
    /// 16-bit IEEE floats: half the memory and half the traffic, each key and value rounded once when written, to infinity
    /// if larger than 65,504.
    F16,
}

/// The dimensions of a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KvShape {
    /// Transformer layers.
    pub layers: usize,
    /// Heads of keys and values (fewer than those of queries where queries share them).
    pub kv_heads: usize,
    /// Values in a head.
    pub head_dim: usize,
    /// Slots: the most rows that may be committed plus those of a pass.
    pub capacity: usize,
}

/// Keys and values of one sequence in every layer.
///
/// A *slot* holds one row. Committed rows fill the slots `0..committed`, in order of their positions; a pass writes its
/// rows behind them, in the order of its nodes, and [`commit`](Self::commit) moves the accepted ones together. Nothing
/// here counts committed rows: the caller does, and dropping rows takes no more than a smaller count.
///
/// Memory is reserved at once and touched as slots are written.
///
/// Within a layer and head, keys lie transposed in blocks of sixteen slots (a vector holds one dimension of sixteen keys),
/// and values in chunks of 128 slots with sixteen dimensions to a vector.
#[derive(Debug)]
pub struct KvCache {
    shape: KvShape,
    kind: KvType,
    storage: Storage,
}

impl KvCache {
    /// An empty cache.
    ///
    /// # Errors
    /// If a dimension is zero, the size overflows the address space, or the system has not so much memory.
    pub fn new(shape: KvShape, kind: KvType) -> Result<Self, KernelError> {
        let KvShape { layers, kv_heads, head_dim, capacity } = shape;
        if [layers, kv_heads, head_dim, capacity].contains(&0) {
            return Err(Kind::Refused {
                what: "a cache needs layers, heads, head dimensions and slots",
            }
            .into());
        }
        let region = Region::new(head_dim, capacity);
        let elements = region
            .and_then(|region| region.elements().checked_mul(layers.checked_mul(kv_heads)?))
            .filter(|elements| *elements < isize::MAX as usize / 16);
        match (region, elements) {
            (Some(region), Some(_)) => {
                let storage = Storage::new(kind, region, layers * kv_heads).ok_or(Kind::Refused {
                    what: "there is no memory for the keys and values of so many tokens: a smaller context needs less",
                })?;
                Ok(Self { shape, kind, storage })
            }
            _ => {
                Err(Kind::Refused { what: "a cache of this size overflows the address space" }
                    .into())
            }
        }
    }

    /// The dimensions.
    pub fn shape(&self) -> KvShape {
        self.shape
    }

    /// How keys and values are stored.
    pub fn kind(&self) -> KvType {
        self.kind
    }

    /// Bytes reserved. The system provides the memory as slots are first written.
    pub fn bytes(&self) -> usize {
        self.storage.bytes()
    }

    /// Stores the keys (already rotated) and values of rows for the slots from `first_slot` on.
    ///
    /// `keys` and `values` are rows of `kv_heads` heads of `head_dim` values each.
    ///
    /// # Errors
    /// If there is no such layer, the operands are not whole rows or not equally many, or the slots end before them.
    pub fn write(
        &mut self,
        layer: usize,
        first_slot: usize,
        keys: &[f32],
        values: &[f32],
    ) -> Result<(), KernelError> {
        let KvShape { kv_heads, head_dim, .. } = self.shape;
        let width = kv_heads * head_dim;
        self.check_layer(layer)?;
        if keys.len() != values.len() || !keys.len().is_multiple_of(width) {
            return Err(
                Kind::Refused { what: "keys and values must be equally many whole rows" }.into()
            );
        }
        let slots = first_slot..first_slot.saturating_add(keys.len() / width);
        self.check_slots(slots.clone())?;
        let heads = layer * kv_heads..(layer + 1) * kv_heads;
        dispatch_best(WriteRows { storage: &mut self.storage, heads, slots, keys, values });
        Ok(())
    }

    /// Keeps the rows of `path` behind `committed` committed rows, in every layer: the row of node `path[i]`, which the
    /// pass wrote to slot `committed + path[i]`, moves to slot `committed + i`.
    ///
    /// # Errors
    /// If `path` is not strictly increasing or names a slot beyond the capacity; nothing has moved then.
    pub fn commit(&mut self, committed: usize, path: &[usize]) -> Result<(), KernelError> {
        if !path.is_sorted_by(|a, b| a < b) {
            return Err(
                Kind::Refused { what: "a committed path must be strictly increasing" }.into()
            );
        }
        if let Some(last) = path.last() {
            self.check_slots(committed..committed.saturating_add(*last).saturating_add(1))?;
        }
        self.storage.move_slots(committed, path);
        Ok(())
    }

    /// Copies the first `rows` slots of another cache into this one, in every layer: a fork of a sequence.
    ///
    /// # Errors
    /// If the caches differ in more than capacity, or either has fewer slots.
    pub fn copy_from(&mut self, other: &Self, rows: usize) -> Result<(), KernelError> {
        let ours = KvShape { capacity: other.shape.capacity, ..self.shape };
        if ours != other.shape || self.kind != other.kind {
            return Err(
                Kind::Refused { what: "only caches of one model and type can be copied" }.into()
            );
        }
        self.check_slots(0..rows)?;
        other.check_slots(0..rows)?;
        self.storage.copy_from(&other.storage, rows);
        Ok(())
    }

    pub(crate) fn check_layer(&self, layer: usize) -> Result<(), KernelError> {
        if layer < self.shape.layers {
            return Ok(());
        }
        Err(Kind::Size { what: "layer of a cache, below", expected: self.shape.layers, got: layer }
            .into())
    }

    pub(crate) fn check_slots(&self, slots: Range<usize>) -> Result<(), KernelError> {
        if slots.end <= self.shape.capacity {
            return Ok(());
        }
        Err(Kind::Size {
            what: "slots of a cache, at most",
            expected: self.shape.capacity,
            got: slots.end,
        }
        .into())
    }

    pub(crate) fn storage(&self) -> &Storage {
        &self.storage
    }

    pub(crate) fn storage_mut(&mut self) -> &mut Storage {
        &mut self.storage
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_no_memory_for_is_refused() {
        // More than any processor can address, and less than a pointer can count.
        let shape = KvShape { layers: 1, kv_heads: 1, head_dim: 64, capacity: 1 << 50 };
        for kind in [KvType::F32, KvType::F16] {
            let error = KvCache::new(shape, kind).unwrap_err().to_string();
            assert!(error.contains("no memory"), "{error}");
        }
        let error =
            KvCache::new(KvShape { capacity: usize::MAX, ..shape }, KvType::F32).unwrap_err();
        assert!(error.to_string().contains("address space"), "{error}");
    }
}
