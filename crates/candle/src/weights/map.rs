use std::{
    fs::{self, File},
    io,
    ops::Range,
    path::{Path, PathBuf},
};

use memmap2::{Mmap, MmapMut};

use crate::error::{Error, Kind};

/// A file mapped into memory, to read, or the bytes of one.
///
/// The file must not be changed while a model is loaded from it: pages are read when they are used.
#[derive(Debug)]
pub(super) struct MappedFile {
    path: PathBuf,
    map: Mmap,
    /// Whether the bytes are in a file, to be read from there again.
    in_file: bool,
}

impl MappedFile {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let read = |source| Kind::Read { path: path.to_owned(), source };
        // A map of a device or a pipe has no end, and to open a pipe would wait for somebody who writes.
        if !fs::metadata(path).map_err(read)?.is_file() {
            return Err(read(io::Error::new(io::ErrorKind::InvalidInput, "it is no file")).into());
        }
        let file = File::open(path).map_err(read)?;
        #[expect(unsafe_code, reason = "a memory map")]
        // SAFETY: the map is only read. That nobody changes the file meanwhile is the condition that
        // every reader of a mapped file depends on, and the type's documentation states it.
        let map = unsafe { Mmap::map(&file) }.map_err(read)?;
        Ok(Self { path: path.to_owned(), map, in_file: true })
    }

    /// A copy of bytes that are no file, in pages of their own; `name` stands for a path in errors.
    pub(super) fn of_bytes(name: &str, bytes: &[u8]) -> Result<Self, Error> {
        let path = PathBuf::from(name);
        let copy = || {
            let mut map = MmapMut::map_anon(bytes.len())?;
            map.copy_from_slice(bytes);
            map.make_read_only()
        };
        let map = copy().map_err(|source| Kind::Read { path: path.clone(), source })?;
        Ok(Self { path, map, in_file: false })
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
        if self.in_file {
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
