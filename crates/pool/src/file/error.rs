use std::io;
use std::path::{Path, PathBuf};

/// Why a pool file is of no use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PoolFileError {
    /// The file system refused.
    #[error("cannot use the pool {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The file is something else.
    #[error("{}: not a pool file", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file was written by another version of the format.
    #[error("{}: version {version} of the pool format; this build reads version 1, so build the pool again", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// The file is shorter than it says.
    #[error("{}: the file is cut short; build or copy the pool again", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
    },
    /// The file is not what was written.
    #[error("{}: the file is damaged; build or copy the pool again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The tokens in the file mean something else to this tokenizer.
    #[error("{}: the pool is for another model's tokenizer", path.display())]
    Tokenizer {
        /// The file.
        path: PathBuf,
    },
    /// What one scope said is no business of another's.
    #[error("{}: the pool belongs to the scope {found:?}, not to {wanted:?}: give each scope a file of its own", path.display())]
    Scope {
        /// The file.
        path: PathBuf,
        /// The scope that was asked for.
        wanted: String,
        /// The scope of the pool in the file.
        found: String,
    },
    /// The file has no such section.
    #[error("{}: the file holds no shared pool", path.display())]
    NoPool {
        /// The file.
        path: PathBuf,
    },
    /// The file has no such section.
    #[error("{}: the file holds no datastore", path.display())]
    NoDatastore {
        /// The file.
        path: PathBuf,
    },
}

/// The same, before the path is known.
#[derive(Clone, Copy, Debug)]
pub(super) enum Problem {
    Foreign,
    Version(u32),
    Truncated,
    Damaged,
    Tokenizer,
    NoPool,
    NoDatastore,
}

impl PoolFileError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.into(), source }
    }
}

impl Problem {
    pub(super) fn at(self, path: &Path) -> PoolFileError {
        let path = path.into();
        match self {
            Self::Foreign => PoolFileError::Foreign { path },
            Self::Version(version) => PoolFileError::Version { path, version },
            Self::Truncated => PoolFileError::Truncated { path },
            Self::Damaged => PoolFileError::Damaged { path },
            Self::Tokenizer => PoolFileError::Tokenizer { path },
            Self::NoPool => PoolFileError::NoPool { path },
            Self::NoDatastore => PoolFileError::NoDatastore { path },
        }
    }
}
