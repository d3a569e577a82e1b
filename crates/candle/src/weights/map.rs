use std::{
    fs::File,
    ops::Range,
    path::{Path, PathBuf},
};

use memmap2::Mmap;

use crate::error::{Error, Kind};

/// A file mapped into memory, to read.
///
/// The file must not be changed while a model is loaded from it: pages are read when they are used.
#[derive(Debug)]
pub(super) struct MappedFile {
    path: PathBuf,
    map: Mmap,
}

impl MappedFile {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let read = |source| Kind::Read { path: path.to_owned(), source };
        let file = File::open(path).map_err(read)?;
        #[expect(unsafe_code, reason = "a memory map")]
        // SAFETY: the map is only read. That nobody changes the file meanwhile is the condition that
        // every reader of a mapped file depends on, and the type's documentation states it.
        let map = unsafe { Mmap::map(&file) }.map_err(read)?;
        Ok(Self { path: path.to_owned(), map })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// Lets the system take back the memory behind a range that will hardly be read again.
    pub(super) fn release(&self, range: Range<usize>) {
        #[cfg(unix)]
        {
            use memmap2::UncheckedAdvice;
            #[expect(unsafe_code, reason = "a memory map")]
            // SAFETY: the map is read-only and backed by a file: pages that are dropped are read from the
            // file again when they are used, so no reference into the map ever sees other bytes.
            let advised = unsafe {
                self.map.unchecked_advise_range(UncheckedAdvice::DontNeed, range.start, range.len())
            };
            // Advice only: a system that does not take it keeps the pages a little longer.
            let _ = advised;
        }
        #[cfg(not(unix))]
        let _ = range;
    }
}
