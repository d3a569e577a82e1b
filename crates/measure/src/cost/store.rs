use std::{
    fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::CostTable;
use crate::error::{Error, Kind};

/// What a cost table was measured on: on anything else its times are others.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// The model's name.
    pub model: String,
    /// How its weights are stored.
    pub file_type: String,
    /// Bytes of its weights: models of one name may differ in size.
    pub bytes: u64,
    /// How keys and values are kept.
    pub cache: String,
    /// The processor; see [`machine`](super::machine).
    pub machine: String,
    /// Threads that compute.
    pub threads: usize,
    /// The kernels' instruction-set level.
    pub level: String,
}

/// A folder of cost tables, one file for each [`Subject`].
///
/// A table appears under its name only when it is complete, so readers and writers need not know of each other.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// What is in a file.
#[derive(Serialize, Deserialize)]
struct Entry<S, T> {
    subject: S,
    table: T,
}

impl Store {
    /// The tables in a folder, which need not exist yet.
    pub fn at(folder: impl AsRef<Path>) -> Self {
        Self { folder: folder.as_ref().to_owned() }
    }

    /// Where a subject's table is, or would be.
    pub fn path(&self, subject: &Subject) -> PathBuf {
        let Subject { model, file_type, bytes, cache, machine, threads, level } = subject;
        let name = format!("{model} {file_type} {bytes} {cache} {machine} {threads}t {level}");
        let plain = |c: char| if c.is_ascii_alphanumeric() || "._".contains(c) { c } else { '-' };
        let name: String = name.chars().map(plain).collect();
        // Names of files are bounded; the number tells apart what was cut off or replaced.
        let start: String = name.trim_start_matches('.').chars().take(120).collect();
        self.folder.join(format!("{start}-{:016x}.json", fingerprint(subject)))
    }

    /// A subject's table; `None` if there is none, or only one of another subject.
    ///
    /// # Errors
    /// A file that cannot be read or holds no table.
    pub fn load(&self, subject: &Subject) -> Result<Option<CostTable>, Error> {
        let path = self.path(subject);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(Kind::File { action: "read", path, source }.into()),
        };
        let entry: Entry<Subject, CostTable> =
            serde_json::from_slice(&bytes).map_err(|source| Kind::Damaged { path, source })?;
        Ok((entry.subject == *subject).then_some(entry.table))
    }

    /// Keeps a subject's table in place of the one before, and returns where.
    ///
    /// # Errors
    /// A folder that cannot be made or written to.
    pub fn save(&self, subject: &Subject, table: &CostTable) -> Result<PathBuf, Error> {
        let path = self.path(subject);
        let failed = |source| Kind::File { action: "write", path: path.clone(), source };
        let write = || {
            fs::create_dir_all(&self.folder)?;
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            file.write_all(&serde_json::to_vec(&Entry { subject, table })?)?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|error| error.error)?;
            Ok(())
        };
        write().map_err(failed)?;
        Ok(path)
    }
}

/// The same on every machine and in every version of this program (FNV-1a).
fn fingerprint(subject: &Subject) -> u64 {
    let Subject { model, file_type, bytes, cache, machine, threads, level } = subject;
    let text = format!("{model}\0{file_type}\0{bytes}\0{cache}\0{machine}\0{threads}\0{level}");
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::{super::ContextCosts, *};

    fn subject() -> Subject {
        Subject {
            model: "../a model/with: a path".to_owned(),
            file_type: "Q4_1".to_owned(),
            bytes: 98_362_432,
            cache: "f32".to_owned(),
            machine: "Some(R) CPU @ 2.80GHz".to_owned(),
            threads: 2,
            level: "avx2".to_owned(),
        }
    }

    fn table(seconds: f64) -> CostTable {
        CostTable::new(vec![ContextCosts { context: 256, points: vec![(1, seconds)] }]).unwrap()
    }

    #[test]
    fn tables_are_kept_by_subject() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path().join("not/yet/there"));
        assert_eq!(store.load(&subject()).unwrap(), None);
        let path = store.save(&subject(), &table(0.1)).unwrap();
        assert_eq!(path, store.path(&subject()));
        assert_eq!(path.parent().unwrap(), folder.path().join("not/yet/there"));
        assert_eq!(store.load(&subject()).unwrap(), Some(table(0.1)));
        store.save(&subject(), &table(0.25)).unwrap();
        assert_eq!(store.load(&subject()).unwrap(), Some(table(0.25)));
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing beside it");
        for other in [
            Subject { model: "other".to_owned(), ..subject() },
            Subject { model: "..-a model-with- a path".to_owned(), ..subject() },
            Subject { file_type: "Q8_0".to_owned(), ..subject() },
            Subject { bytes: 1, ..subject() },
            Subject { cache: "f16".to_owned(), ..subject() },
            Subject { machine: "x".to_owned(), ..subject() },
            Subject { threads: 3, ..subject() },
            Subject { level: "portable".to_owned(), ..subject() },
        ] {
            assert_eq!(store.load(&other).unwrap(), None, "{other:?}");
            // As if the names were the same.
            fs::copy(&path, store.path(&other)).unwrap();
            assert_eq!(store.load(&other).unwrap(), None, "{other:?}");
        }
    }

    #[test]
    fn damage_is_an_error_that_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path());
        let path = store.save(&subject(), &table(0.1)).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        for damaged in ["", "{}", &text[..text.len() / 2], &text.replace("0.1", "-0.1")] {
            fs::write(&path, damaged).unwrap();
            let message = store.load(&subject()).unwrap_err().to_string();
            assert!(message.contains("calibrate again"), "{message}");
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = Store::at(file.path()).save(&subject(), &table(0.1)).unwrap_err();
        assert!(error.to_string().starts_with("cannot write the cost table"), "{error}");
    }
}
