//! From what the user calls a model to its files.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use anyhow::bail;
use foretoken::candle::{
    LoadOptions, Loaded, Progress,
    catalogue::{self, Address, Entry, Source},
    load_bytes, load_with_progress,
};

use crate::fetch;

/// What the user means by a model.
#[derive(Debug)]
pub(crate) enum Named {
    /// A name from the catalogue.
    Entry(&'static Entry),
    /// A file or a repository on the hub.
    Address(Address),
    /// A file or a folder that is there.
    Path(PathBuf),
}

impl Named {
    /// A name comes before an address and a path; `./name` is a path in any case.
    ///
    /// # Errors
    /// Nothing of the three, or an address that is none.
    pub(crate) fn new(given: &str) -> anyhow::Result<Self> {
        if let Some(entry) = catalogue::entry(given) {
            return Ok(Self::Entry(entry));
        }
        if given.starts_with(Address::PREFIX) {
            return Ok(Self::Address(given.parse()?));
        }
        let path = PathBuf::from(given);
        if path.exists() {
            return Ok(Self::Path(path));
        }
        let names: Vec<&str> = catalogue::MODELS.iter().map(|entry| entry.name).collect();
        bail!(
            "no model {given:?}: there is no such file or folder, and the names are {}; hf:owner/repository/file is one on \
             the hub",
            names.join(", ")
        )
    }
}

/// A model's files, and the name to show for it.
pub(crate) struct Located {
    files: Files,
    /// The catalogue's name, or that of the file or folder.
    pub(crate) name: String,
}

enum Files {
    At(PathBuf),
    /// A GGUF file in the program.
    Embedded(&'static [u8]),
}

impl Located {
    /// Loads the model; `progress` hears how far it is.
    ///
    /// # Errors
    /// What loading says.
    pub(crate) fn load(
        &self,
        options: &LoadOptions,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Loaded, foretoken::candle::Error> {
        match &self.files {
            Files::At(path) => load_with_progress(path, options, progress),
            Files::Embedded(bytes) => load_bytes(&self.name, bytes, options),
        }
    }
}

/// The files of a model: a path is taken as it is, what has a name or an address is fetched if need be. Nothing given is
/// the first of the names.
///
/// # Errors
/// None of these; what fetching says.
pub(crate) fn model(given: Option<&str>) -> anyhow::Result<Located> {
    let named = given.map_or(Ok(Named::Entry(&catalogue::MODELS[0])), Named::new)?;
    Ok(match named {
        Named::Entry(Entry { name, source: Source::Embedded(bytes), .. }) => {
            Located { files: Files::Embedded(bytes), name: (*name).to_owned() }
        }
        Named::Entry(entry) => {
            Located { files: Files::At(fetch::entry(entry)?), name: entry.name.to_owned() }
        }
        Named::Address(address) => {
            let path = Path::new(address.file().unwrap_or(address.repository()));
            let is_gguf = path.extension().is_some_and(|extension| extension == "gguf");
            let name = if is_gguf { path.file_stem() } else { path.file_name() };
            let name = name.unwrap_or_default().to_string_lossy().into_owned();
            Located { files: Files::At(fetch::address(&address)?), name }
        }
        Named::Path(path) => Located { name: shown_name(&path), files: Files::At(path) },
    })
}

/// `model.gguf` is called `model`; `folder`, and `folder/model.safetensors`, are called `folder`.
fn shown_name(path: &Path) -> String {
    let is_gguf = path.extension().is_some_and(|extension| extension == "gguf");
    let named = if is_gguf {
        path.file_stem().map(OsStr::to_owned)
    } else {
        let folder = if path.is_dir() { Some(path) } else { path.parent() };
        // `.` and `..` have a name only once they are resolved.
        let folder = folder.and_then(|folder| folder.canonicalize().ok());
        folder.as_deref().and_then(Path::file_name).map(OsStr::to_owned)
    };
    named.map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_before_addresses_and_these_before_paths() {
        let named = |given: &str| Named::new(given);
        assert!(
            matches!(named("gemma-3-270m"), Ok(Named::Entry(entry)) if entry.name == "gemma-3-270m")
        );
        assert!(
            matches!(named("hf:a/b/c.gguf"), Ok(Named::Address(address)) if address.file() == Some("c.gguf"))
        );
        assert!(matches!(named("."), Ok(Named::Path(_))));
        assert!(named("hf:nowhere").unwrap_err().to_string().contains("hf:owner/repository"));
        assert!(named("no/such.gguf").unwrap_err().to_string().contains("gemma-3-1b"));
    }

    #[test]
    fn models_are_called_as_their_users_call_them() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("small.1");
        std::fs::create_dir(&folder).unwrap();
        assert_eq!(shown_name(&folder), "small.1");
        assert_eq!(shown_name(&folder.join("model.safetensors")), "small.1");
        assert_eq!(shown_name(&folder.join("qwen2.5-q4_k_m.gguf")), "qwen2.5-q4_k_m");
    }
}
