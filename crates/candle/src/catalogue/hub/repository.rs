//! Repositories with a model in safetensors: several files, which belong together.

use std::path::PathBuf;

use super::{Address, Hub};
use crate::{
    catalogue::{HubFailure, Progress},
    error::Error,
    weights::{self, INDEX, SINGLE},
};

/// Without these there is no model.
const NEEDED: &[&str] = &["config.json", "tokenizer.json"];
/// These say more about it.
const OPTIONAL: &[&str] =
    &["tokenizer_config.json", "generation_config.json", "chat_template.jinja"];
/// How many files an error names.
const SHOWN: usize = 5;

impl Hub {
    /// Fetches all files of a model that the cache does not have, and gives their folder.
    pub(in super::super) fn fetch_repository(
        &self,
        address: &Address,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<PathBuf, Error> {
        let listing = self.listing(address)?;
        let files: Vec<&str> =
            listing.siblings.iter().map(|file| file.rfilename.as_str()).collect();
        let has = |name: &&str| files.contains(name);
        let weights = [INDEX, SINGLE].into_iter().find(has);
        let missing = NEEDED.iter().copied().find(|name| !has(name));
        let (None, Some(weights)) = (missing, weights) else {
            let missing = missing.unwrap_or(SINGLE).to_owned();
            let repository = address.repository().to_owned();
            return Err(HubFailure::NoModel { repository, missing, instead: ggufs(&files) }.into());
        };
        let changed = || HubFailure::Changed { repository: address.repository().to_owned() };
        let folder = self.snapshot(address.repository(), &listing.sha).ok_or_else(changed)?;
        let mut fetch = |file: &str| {
            let expected = folder.join(file);
            if !expected.is_file()
                && self.fetch_file(&address.beside(file), None, progress)? != expected
            {
                return Err(Error::from(changed()));
            }
            Ok(expected)
        };
        for file in NEEDED.iter().chain(OPTIONAL.iter().filter(|name| has(name))) {
            fetch(file)?;
        }
        let weights = fetch(weights)?;
        if weights.ends_with(INDEX) {
            for shard in weights::files(&weights)? {
                let name = shard.file_name().unwrap_or_default().to_string_lossy().into_owned();
                fetch(&name)?;
            }
        }
        Ok(folder)
    }
}

/// Addresses of files that would be a model by themselves, as far as there are any.
fn ggufs(files: &[&str]) -> Vec<String> {
    let is_gguf = |file: &&&str| file.to_ascii_lowercase().ends_with(".gguf");
    files.iter().filter(is_gguf).take(SHOWN).map(|&file| file.to_owned()).collect()
}
