//! `foretoken models`: models that have a name, their files, and what files say.

mod info;
mod list;

use std::path::{Path, PathBuf};

use anyhow::bail;
use foretoken::candle::catalogue::{Cache, Entry, Source};

use crate::{
    args::{ModelsArgs, ModelsCommand},
    exit::Exit,
    fetch,
    locate::Named,
    output,
};

/// Runs the subcommand.
pub(crate) fn run(args: &ModelsArgs) -> anyhow::Result<Exit> {
    match &args.command {
        None => list::run(false),
        Some(ModelsCommand::List { json }) => list::run(*json),
        Some(ModelsCommand::Pull { model }) => pull(model),
        Some(ModelsCommand::Path { model }) => print(&present(&Named::new(model)?)?),
        Some(ModelsCommand::Info { model, json }) => info::run(model, *json),
    }
}

/// Fetches a model's files and prints where they are.
fn pull(model: &str) -> anyhow::Result<Exit> {
    let path = match Named::new(model)? {
        Named::Entry(entry) => fetch::entry(entry)?,
        Named::Address(address) => fetch::address(&address)?,
        Named::Path(path) => path,
    };
    print(&path)
}

fn print(path: &Path) -> anyhow::Result<Exit> {
    output::print(&format!("{}\n", path.display()))?;
    Ok(Exit::Done)
}

/// The files of a model that are there already.
fn present(model: &Named) -> anyhow::Result<PathBuf> {
    let cache = Cache::from_environment()?;
    let (found, name) = match model {
        Named::Path(path) => return Ok(path.clone()),
        Named::Entry(entry) => (cache.find(entry), entry.name.to_owned()),
        Named::Address(address) => (cache.find_address(address), address.to_string()),
    };
    match (found, model) {
        (Some(path), _) => Ok(path),
        (None, Named::Entry(Entry { source: Source::Embedded(_), .. })) => {
            bail!(
                "{name} is in this program and in no file: foretoken models pull {name} writes it to one"
            )
        }
        (None, _) => {
            bail!("{name} is not on this machine: foretoken models pull {name} fetches it")
        }
    }
}
