//! Memory of packed weights: large mappings that the system may back with huge pages.
//!
//! A pass reads every weight once, so with small pages it walks through hundreds of thousands of
//! them. Small matrices share mappings, since a huge page needs two megabytes in a row.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use memmap2::MmapMut;

use crate::error::{KernelError, Kind};
use crate::packed::LINE;

/// Bytes of a mapping that several matrices share; what is not used of it is never touched.
const SHARED: usize = 32 << 20;

/// The shared mapping that still has room, and how much of it is taken.
static CURRENT: Mutex<(Weak<Mapping>, usize)> = Mutex::new((Weak::new(), 0));

/// Zeroed memory at a multiple of 64 bytes, part of a mapping.
#[derive(Debug)]
pub(crate) struct Memory {
    mapping: Arc<Mapping>,
    start: usize,
    len: usize,
}

/// A mapping; it lives as long as the last memory in it.
#[derive(Debug)]
struct Mapping {
    start: *mut u8,
    _owner: MmapMut,
}

// SAFETY: the pointer is to memory that the mapping owns, and only a `Memory` goes through it, each
// to its own range, shared or exclusively as it is borrowed itself.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Memory {
    /// Memory for `len` bytes, all zero.
    pub(crate) fn zeroed(len: usize) -> Result<Self, KernelError> {
        let padded = len.next_multiple_of(LINE);
        if padded > SHARED / 4 {
            return Ok(Self { mapping: Mapping::of(padded)?, start: 0, len });
        }
        let mut current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
        let (mapping, start) = match current.0.upgrade() {
            Some(mapping) if current.1 + padded <= SHARED => (mapping, current.1),
            _ => (Mapping::of(SHARED)?, 0),
        };
        *current = (Arc::downgrade(&mapping), start + padded);
        Ok(Self { mapping, start, len })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: the range is this memory's own part of the mapping, which lives as long as
        // `self`; it is initialised (zeros at first) and borrowed as `self` is.
        unsafe { std::slice::from_raw_parts(self.mapping.start.add(self.start), self.len) }
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `bytes`; nobody else has a range that overlaps.
        unsafe { std::slice::from_raw_parts_mut(self.mapping.start.add(self.start), self.len) }
    }
}

impl Mapping {
    fn of(bytes: usize) -> Result<Arc<Self>, KernelError> {
        let refused = |_| Kind::OutOfMemory { bytes };
        let mut owner = MmapMut::map_anon(bytes.max(LINE)).map_err(refused)?;
        // Huge pages make passes faster, and nothing depends on them.
        #[cfg(target_os = "linux")]
        let _ = owner.advise(memmap2::Advice::HugePage);
        Ok(Arc::new(Self { start: owner.as_mut_ptr(), _owner: owner }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_zeroed_aligned_and_apart() {
        let sizes = [
            1,
            64,
            65,
            1000,
            SHARED / 4,
            SHARED / 4 + 1,
            SHARED / 8,
            SHARED / 5,
            SHARED / 5,
            SHARED / 5,
        ];
        let mut pieces: Vec<Memory> = Vec::new();
        for round in 0..3 {
            for (i, &len) in sizes.iter().enumerate() {
                let mut piece = Memory::zeroed(len).unwrap();
                assert_eq!(piece.bytes().as_ptr().align_offset(LINE), 0);
                assert_eq!(piece.bytes().len(), len);
                assert!(piece.bytes().iter().all(|&byte| byte == 0));
                piece.bytes_mut().fill(round * 16 + i as u8 + 1);
                pieces.push(piece);
            }
        }
        for (i, piece) in pieces.iter().enumerate() {
            let mark = (i / sizes.len() * 16 + i % sizes.len() + 1) as u8;
            assert!(piece.bytes().iter().all(|&byte| byte == mark));
        }
    }
}
