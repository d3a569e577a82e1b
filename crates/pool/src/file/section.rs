use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use memmap2::Mmap;

/// Bytes in memory or in a mapped file. A handle: clones are the same bytes.
#[derive(Clone)]
pub(crate) struct Section {
    bytes: Bytes,
    range: Range<usize>,
}

#[derive(Clone)]
enum Bytes {
    Owned(Arc<Vec<u8>>),
    Mapped(Arc<Mmap>),
}

impl Section {
    /// All of a file.
    #[allow(unsafe_code)]
    pub(crate) fn whole_file(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        if length == 0 {
            // Nothing cannot be mapped.
            return Ok(Vec::new().into());
        }
        // SAFETY: the map is only read, as bytes, of which every value is valid. Whoever changes the file in place meanwhile
        // changes what is guessed, or ends the program if they cut it, as with every mapped file; pool files are replaced, not
        // changed.
        let map = unsafe { Mmap::map(&file) }?;
        Ok(Self { range: 0..map.len(), bytes: Bytes::Mapped(Arc::new(map)) })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Owned(bytes) => &bytes[self.range.clone()],
            Bytes::Mapped(map) => &map[self.range.clone()],
        }
    }

    /// The bytes in `range`, which is inside.
    pub(crate) fn part(&self, range: Range<usize>) -> Self {
        let range = self.range.start + range.start..self.range.start + range.end;
        Self { range, bytes: self.bytes.clone() }
    }
}

impl From<Vec<u8>> for Section {
    fn from(bytes: Vec<u8>) -> Self {
        Self { range: 0..bytes.len(), bytes: Bytes::Owned(Arc::new(bytes)) }
    }
}

impl PartialEq for Section {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for Section {}

impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.range.len())
    }
}
