//! Files on the Hugging Face hub, and the cache of them that its tools share.

mod address;
#[cfg(feature = "hub")]
mod download;
#[cfg(feature = "hub")]
mod repository;
#[cfg(all(test, feature = "hub"))]
mod tests;

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

pub use address::Address;

#[cfg(any(test, not(feature = "hub")))]
use super::Progress;
use super::{Entry, Failure, HubFile};
use crate::{error::Error, weights::is_complete};

/// Where the hub is asked, unless `HF_ENDPOINT` says otherwise.
const ENDPOINT: &str = "https://huggingface.co";

/// The hub, and the folder where its files are kept on this machine.
///
/// The layout of the folder is the hub's own (`models--owner--name/snapshots/commit/file`), so that its other tools find
/// what was fetched here, and the other way round. Nothing in it is ever changed or removed.
#[derive(Clone, Debug)]
pub struct Hub {
    folder: PathBuf,
    endpoint: String,
    token: Option<String>,
    offline: bool,
}

impl Hub {
    /// The hub as its tools' variables describe it: `HF_HUB_CACHE` or `HF_HOME` for the folder, `HF_ENDPOINT` for a
    /// mirror, `HF_TOKEN` or the file `token` in `HF_HOME` for repositories that ask who you are, and `HF_HUB_OFFLINE=1`.
    /// `None` if there is no place for the folder.
    pub(super) fn from_variables(
        variable: impl Fn(&str) -> Option<OsString>,
        home: Option<&Path>,
    ) -> Option<Self> {
        let given = |key| variable(key).filter(|value| !value.is_empty());
        let folder = |key| given(key).map(PathBuf::from);
        let text = |key| given(key).and_then(|value| value.into_string().ok());
        let base = folder("HF_HOME")
            .or_else(|| folder("XDG_CACHE_HOME").map(|cache| cache.join("huggingface")))
            .or_else(|| home.map(|home| home.join(".cache").join("huggingface")));
        let cache =
            folder("HF_HUB_CACHE").or_else(|| base.as_ref().map(|base| base.join("hub")))?;
        let token_file = || fs::read_to_string(base.as_ref()?.join("token")).ok();
        let token = text("HF_TOKEN").or_else(token_file).map(|token| token.trim().to_owned());
        Some(Self {
            folder: absolute(cache),
            endpoint: text("HF_ENDPOINT")
                .map_or_else(|| ENDPOINT.to_owned(), |url| url.trim_end_matches('/').to_owned()),
            token: token.filter(|token| !token.is_empty()),
            offline: is_on(variable("HF_HUB_OFFLINE")),
        })
    }

    /// The hub itself, with its files in a folder of the caller's choice, which need not exist yet.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        let endpoint = ENDPOINT.to_owned();
        Self { folder: absolute(folder.into()), endpoint, token: None, offline: false }
    }

    /// Asks a mirror instead.
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: &str) -> Self {
        endpoint.trim_end_matches('/').clone_into(&mut self.endpoint);
        self
    }

    /// Says who asks.
    #[must_use]
    pub fn with_token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Whether to refuse to fetch anything.
    #[must_use]
    pub fn offline(mut self, offline: bool) -> Self {
        self.offline = offline;
        self
    }

    /// Whether it may be asked at all.
    pub(super) fn is_usable(&self) -> bool {
        cfg!(feature = "hub") && !self.offline
    }

    /// Refuses to fetch where it may not be asked.
    pub(super) fn require(&self, address: &Address) -> Result<(), Error> {
        let what = address.to_string();
        if self.offline {
            return Err(Failure::HubOffline { what, switch: "HF_HUB_OFFLINE" }.into());
        }
        #[cfg(not(feature = "hub"))]
        return Err(Failure::NoHubFeature { what }.into());
        #[cfg(feature = "hub")]
        Ok(())
    }

    /// A file of the catalogue, if the folder has it with the right size.
    pub(super) fn find_known(&self, entry: &Entry, known: &HubFile) -> Option<PathBuf> {
        let Self { folder, .. } = self;
        let repository = folder.join(folder_name(known.repository));
        let snapshot = self.snapshot(known.repository, known.revision);
        // Another tool may have fetched it as a part of a later commit: its bytes are called by their checksum.
        let places = [snapshot.map(|snapshot| snapshot.join(known.file))];
        let places =
            places.into_iter().flatten().chain([repository.join("blobs").join(entry.sha256)]);
        places.into_iter().find(|path| {
            fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() == entry.size)
        })
    }

    /// What an address means, if the folder has all of it: a file, or the folder of a repository.
    pub(super) fn find(&self, address: &Address) -> Option<PathBuf> {
        let snapshot = self.snapshot(address.repository(), address.revision())?;
        match address.file() {
            Some(file) => Some(snapshot.join(file)).filter(|path| path.is_file()),
            None => Some(snapshot).filter(|folder| is_complete(folder)),
        }
    }

    /// The folder of a repository's files at a revision.
    fn snapshot(&self, repository: &str, revision: &str) -> Option<PathBuf> {
        let repository = self.folder.join(folder_name(repository));
        let commit = fs::read_to_string(repository.join("refs").join(revision));
        let commit = commit.as_ref().map_or(revision, |commit| commit.trim());
        let is_commit = !commit.is_empty() && commit.chars().all(|c| c.is_ascii_alphanumeric());
        is_commit.then(|| repository.join("snapshots").join(commit))
    }

    /// Fetches one file, of this checksum and size if they are known.
    #[cfg(not(feature = "hub"))]
    pub(super) fn fetch_file(
        &self,
        address: &Address,
        _known: Option<&Entry>,
        _progress: &mut dyn FnMut(Progress),
    ) -> Result<PathBuf, Error> {
        Err(Failure::NoHubFeature { what: address.to_string() }.into())
    }

    /// Fetches all files of a model.
    #[cfg(not(feature = "hub"))]
    pub(super) fn fetch_repository(
        &self,
        address: &Address,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<PathBuf, Error> {
        self.fetch_file(address, None, progress)
    }
}

/// Whether a switch among the environment's variables is on.
pub(super) fn is_on(value: Option<OsString>) -> bool {
    value.is_some_and(|value| {
        !(value.is_empty() || value == "0" || value.eq_ignore_ascii_case("false"))
    })
}

/// The folder whatever becomes of the current one.
fn absolute(folder: PathBuf) -> PathBuf {
    std::path::absolute(&folder).unwrap_or(folder)
}

/// What the hub's tools call the folder of a repository.
fn folder_name(repository: &str) -> String {
    format!("models--{}", repository.replace('/', "--"))
}
