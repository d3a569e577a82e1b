//! What outlives the program: pools in files.
//!
//! # Format
//!
//! Numbers are little-endian.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | the magic `FORETOKN` |
//! | 4 | the version of the format, 1 |
//! | 32 | the hash of the tokenizer that the tokens belong to |
//! | 8 | the length of the rest after the checksum |
//! | 8 | the checksum: FNV-1a, 64 bits, of all bytes but the magic and itself |
//! | | sections, sorted by name: the name's length (2), the name, the data's length (8), the data |

mod bytes;
mod datastore;
mod error;
mod pool;
mod section;
mod write;

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::path::Path;

pub use error::PoolFileError;

use self::bytes::{Reader, checksum};
use self::error::Problem;
pub(crate) use self::section::Section;

const MAGIC: &[u8; 8] = b"FORETOKN";
const VERSION: u32 = 1;
/// Magic, version, tokenizer, length, checksum.
const HEADER: usize = 8 + 4 + 32 + 8 + 8;

/// Tells tokenizers apart: tokens of one mean nothing to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenizerHash([u8; 32]);

/// A pool file in memory: named sections of data for one tokenizer.
///
/// A [`SharedPool`](crate::SharedPool) is one section; whoever keeps more next
/// to it, statistics, say, adds sections of other names. Sections that a
/// reader does not know stay as they are when the file is written again.
///
/// A file that is read stays mapped: sections are read from disk when they are
/// looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolFile {
    tokenizer: TokenizerHash,
    sections: BTreeMap<String, Section>,
}

impl PoolFile {
    /// A file without sections.
    pub fn new(tokenizer: TokenizerHash) -> Self {
        Self { tokenizer, sections: BTreeMap::new() }
    }

    /// Reads a file, whatever its tokenizer.
    ///
    /// All of it is read once, for the checksum. It must not be written in
    /// place while it is used; [`write`](Self::write) never does that.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is no pool file, is of another version, or
    /// is not whole.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, PoolFileError> {
        let path = path.as_ref();
        let map = Section::whole_file(path).map_err(|error| PoolFileError::io(path, error))?;
        Self::parse(&map).map_err(|problem| problem.at(path))
    }

    /// Reads a file for the tokens of `tokenizer`.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read), or if the file is for another tokenizer.
    pub fn read_for(
        path: impl AsRef<Path>,
        tokenizer: TokenizerHash,
    ) -> Result<Self, PoolFileError> {
        let file = Self::read(&path)?;
        if file.tokenizer == tokenizer {
            Ok(file)
        } else {
            Err(Problem::Tokenizer.at(path.as_ref()))
        }
    }

    /// Writes the file: first next to it, then in its place, so that at every
    /// moment there is a whole file, the old one or the new one.
    ///
    /// # Errors
    ///
    /// If it cannot be written; what was there before is still there then.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), PoolFileError> {
        let path = path.as_ref();
        let written = write::replace(path, &mut |out| self.write_to(out));
        written.map_err(|error| PoolFileError::io(path, error))
    }

    /// The tokenizer.
    pub fn tokenizer(&self) -> TokenizerHash {
        self.tokenizer
    }

    /// The data of a section.
    pub fn section(&self, name: &str) -> Option<&[u8]> {
        self.sections.get(name).map(Section::bytes)
    }

    /// The sections by name.
    pub fn sections(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.sections.iter().map(|(name, data)| (name.as_str(), data.bytes()))
    }

    /// Sets the data of a section. Of a name, the first 65535 bytes count.
    pub fn set_section(&mut self, name: &str, data: Vec<u8>) {
        let length = name.floor_char_boundary(usize::from(u16::MAX));
        self.sections.insert(name[..length].to_owned(), data.into());
    }

    /// Section by section, as each is mapped: the file may be larger than memory.
    fn write_to(&self, out: &mut dyn Write) -> io::Result<()> {
        let sections = self.sections.iter().map(|(name, data)| {
            let (name, data) = (name.as_bytes(), data.bytes());
            let length = (name.len() as u16).to_le_bytes();
            (length, name, (data.len() as u64).to_le_bytes(), data)
        });
        let parts: Vec<_> = sections.collect();
        let parts = || parts.iter().flat_map(|(a, b, c, d)| [&a[..], b, &c[..], d]);
        let length: usize = parts().map(<[u8]>::len).sum();
        let mut header = Vec::with_capacity(HEADER);
        header.extend(MAGIC);
        header.extend(VERSION.to_le_bytes());
        header.extend(self.tokenizer.0);
        header.extend((length as u64).to_le_bytes());
        let sum = checksum(std::iter::once(&header[MAGIC.len()..]).chain(parts())).to_le_bytes();
        out.write_all(&header)?;
        out.write_all(&sum)?;
        parts().try_for_each(|part| out.write_all(part))
    }

    fn parse(file: &Section) -> Result<Self, Problem> {
        let bytes = file.bytes();
        let tokenizer = check(bytes)?;
        let mut sections = BTreeMap::new();
        let mut reader = Reader::new(&bytes[HEADER..]);
        while !reader.is_empty() {
            let (name, length) = header(&mut reader).ok_or(Problem::Damaged)?;
            let start = bytes.len() - reader.len();
            reader.take(length).ok_or(Problem::Damaged)?;
            sections.insert(name, file.part(start..start + length));
        }
        Ok(Self { tokenizer, sections })
    }
}

/// The tokenizer of a file that is whole.
fn check(bytes: &[u8]) -> Result<TokenizerHash, Problem> {
    let magic = &bytes[..bytes.len().min(MAGIC.len())];
    if !MAGIC.starts_with(magic) {
        return Err(Problem::Foreign);
    }
    let mut header = Reader::new(bytes.get(..HEADER).ok_or(Problem::Truncated)?);
    let mut next = || -> Option<_> {
        header.array::<8>()?;
        Some((header.u32()?, header.array()?, header.u64()?, header.u64()?))
    };
    let (version, tokenizer, length, sum) = next().ok_or(Problem::Truncated)?;
    if version != VERSION {
        return Err(Problem::Version(version));
    }
    let body = &bytes[HEADER..];
    if (body.len() as u64) < length {
        return Err(Problem::Truncated);
    }
    let summed = &bytes[MAGIC.len()..HEADER - 8];
    if body.len() as u64 > length || checksum([summed, body]) != sum {
        return Err(Problem::Damaged);
    }
    Ok(TokenizerHash(tokenizer))
}

/// A section's name and length.
fn header(reader: &mut Reader<'_>) -> Option<(String, usize)> {
    let length = reader.u16()?;
    let name = String::from_utf8(reader.take(length.into())?.to_vec()).ok()?;
    Some((name, usize::try_from(reader.u64()?).ok()?))
}

impl TokenizerHash {
    /// The hash of a vocabulary: the bytes of all tokens, in the order of
    /// their numbers. It guards against mistakes, not against forgery.
    pub fn of_vocabulary<'a>(tokens: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut bytes = Vec::new();
        for token in tokens {
            bytes.extend((token.len() as u64).to_le_bytes());
            bytes.extend(token);
        }
        checksum([bytes.as_slice()]).into()
    }
}

impl From<[u8; 32]> for TokenizerHash {
    fn from(hash: [u8; 32]) -> Self {
        Self(hash)
    }
}

impl From<u64> for TokenizerHash {
    fn from(hash: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&hash.to_le_bytes());
        Self(bytes)
    }
}

impl fmt::Display for TokenizerHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
