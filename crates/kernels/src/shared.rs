//! A slice that several workers write, each its own part.

use std::marker::PhantomData;
use std::ops::Range;

/// A mutable slice shared by the workers of one task, who write disjoint parts of it.
#[derive(Clone, Copy)]
pub(crate) struct Shared<'a, T> {
    start: *mut T,
    len: usize,
    slice: PhantomData<&'a mut [T]>,
}

// SAFETY: the only access is `part`, whose callers promise disjoint ranges; elements move between threads, so they must be `Send`.
unsafe impl<T: Send> Send for Shared<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Shared<'_, T> {}

impl<'a, T> Shared<'a, T> {
    pub(crate) fn new(slice: &'a mut [T]) -> Self {
        Self { start: slice.as_mut_ptr(), len: slice.len(), slice: PhantomData }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The elements in `range`.
    ///
    /// # Safety
    /// While the returned slice is used, no other part that overlaps `range` may be.
    ///
    /// # Panics
    /// If the range is not within the slice.
    #[allow(clippy::mut_from_ref)]
    pub(crate) unsafe fn part(&self, range: Range<usize>) -> &'a mut [T] {
        assert!(
            range.start <= range.end && range.end <= self.len,
            "part {range:?} of a slice of {}",
            self.len
        );
        // SAFETY: in bounds by the assertion, exclusive by the caller's promise, alive for 'a by the borrow in `new`.
        unsafe {
            std::slice::from_raw_parts_mut(self.start.add(range.start), range.end - range.start)
        }
    }

    /// The whole slice, to read.
    ///
    /// # Safety
    /// While the returned slice is used, no part may be written.
    pub(crate) unsafe fn whole(&self) -> &'a [T] {
        // SAFETY: the length is the slice's own, nobody writes by the caller's promise, alive for 'a by the borrow in `new`.
        unsafe { std::slice::from_raw_parts(self.start, self.len) }
    }
}
