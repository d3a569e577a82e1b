//! Files with a JSON value a line, which a killed program leaves readable.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Seek, SeekFrom, Write},
    path::Path,
};

use serde::{Serialize, de::DeserializeOwned};

/// Appends a value as one line, all of it or, if the program is killed, a rest that [`open`] takes away.
pub(crate) fn append(file: &mut File, value: &impl Serialize) -> io::Result<()> {
    let line = serde_json::to_string(value)? + "\n";
    file.write_all(line.as_bytes()).and_then(|()| file.flush())
}

/// Opens a file for more lines, and reads those it has. A last line without its end is cut off.
///
/// # Errors
/// A file that cannot be opened, read or cut; a whole line that is no such value: nothing is lost then.
pub(crate) fn open<T: DeserializeOwned>(path: &Path) -> io::Result<(File, Vec<T>)> {
    let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path);
    let mut file = file?;
    let (mut values, mut whole) = (Vec::new(), 0);
    let mut reader = BufReader::new(&file);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 && line.last() == Some(&b'\n') {
        let number = values.len() + 1;
        let value = serde_json::from_slice(&line).map_err(|error| {
            let what = format!("line {number} of {} cannot be used: {error}", path.display());
            io::Error::new(io::ErrorKind::InvalidData, what)
        })?;
        whole += line.len() as u64;
        line.clear();
        values.push(value);
    }
    file.set_len(whole)?;
    file.seek(SeekFrom::End(0))?;
    Ok((file, values))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_cut_anywhere_keeps_its_whole_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        let (mut file, none) = open::<Vec<u32>>(&path).unwrap();
        assert!(none.is_empty());
        let lines = [vec![1, 2], vec![], vec![300]];
        for line in &lines {
            append(&mut file, line).unwrap();
        }
        let written = fs::read(&path).unwrap();
        for length in 0..=written.len() {
            fs::write(&path, &written[..length]).unwrap();
            let whole = written[..length].split(|&byte| byte == b'\n').count() - 1;
            let (mut file, kept) = open::<Vec<u32>>(&path).unwrap();
            assert_eq!(kept, lines[..whole]);
            append(&mut file, &[7]).unwrap();
            let (_, kept) = open::<Vec<u32>>(&path).unwrap();
            assert_eq!((kept.len(), kept.last()), (whole + 1, Some(&vec![7])));
        }
    }

    #[test]
    fn a_line_of_something_else_is_an_error_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        fs::write(&path, "[1]\n{}\n[2]\n").unwrap();
        let error = open::<Vec<u32>>(&path).unwrap_err().to_string();
        assert!(error.starts_with("line 2 of ") && !error.contains('\n'), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "[1]\n{}\n[2]\n");
    }
}
