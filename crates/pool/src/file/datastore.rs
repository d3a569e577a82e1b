use std::fs::File;
use std::path::Path;

use memmap2::Mmap;

use super::bytes::Reader;
use super::error::Problem;
use super::{HEADER, PoolFile, PoolFileError, TokenizerHash, check};
use crate::Datastore;

/// The section that a datastore is kept in.
const SECTION: &str = "datastore";

impl PoolFile {
    /// Puts a datastore into the file.
    pub fn set_datastore(&mut self, store: &Datastore) {
        self.set_section(SECTION, store.as_bytes().to_vec());
    }

    /// Whether there is a datastore in the file, and its tokens. [`Datastore::open`] opens it.
    pub fn datastore_len(&self) -> Option<usize> {
        self.section(SECTION).map(|data| data.len() / 8)
    }
}

impl Datastore {
    /// Maps the datastore of a pool file into memory, for tokens of `tokenizer`.
    ///
    /// The whole file is read once, for its checksum. It must not be written in place while it is open; writing it as
    /// [`PoolFile::write`] does, next to it first, does no harm.
    ///
    /// # Errors
    ///
    /// As [`PoolFile::read_for`], or if the file holds no datastore.
    #[allow(unsafe_code)]
    pub fn open(path: impl AsRef<Path>, tokenizer: TokenizerHash) -> Result<Self, PoolFileError> {
        let path = path.as_ref();
        let io = |error| PoolFileError::io(path, error);
        let file = File::open(path).map_err(io)?;
        if file.metadata().map_err(io)?.len() == 0 {
            return Err(Problem::Truncated.at(path));
        }
        // SAFETY: the map is only read, as bytes, of which every value is valid. Whoever changes the file meanwhile changes
        // what is guessed, or ends the program if they cut it: as with every mapped file.
        let map = unsafe { Mmap::map(&file) }.map_err(io)?;
        let range = find(&map, tokenizer).map_err(|problem| problem.at(path))?;
        Self::mapped(map, range).ok_or_else(|| Problem::Damaged.at(path))
    }
}

/// Where the section is in a file's bytes.
fn find(bytes: &[u8], tokenizer: TokenizerHash) -> Result<std::ops::Range<usize>, Problem> {
    if check(bytes)? != tokenizer {
        return Err(Problem::Tokenizer);
    }
    let mut reader = Reader::new(&bytes[HEADER..]);
    let mut next = || -> Option<(&[u8], &[u8])> {
        let length = reader.u16()?;
        let name = reader.take(length.into())?;
        let length = usize::try_from(reader.u64()?).ok()?;
        Some((name, reader.take(length)?))
    };
    while let Some((name, data)) = next() {
        if name == SECTION.as_bytes() {
            let start = data.as_ptr().addr() - bytes.as_ptr().addr();
            return Ok(start..start + data.len());
        }
    }
    Err(Problem::NoDatastore)
}
