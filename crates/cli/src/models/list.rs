//! The models that have a name.

use std::fmt::Write;

use console::style;
use foretoken::candle::catalogue::{self, Cache, Entry, Source};
use serde_json::{Value, json};

use crate::{exit::Exit, output};

/// Lists them, with where their files are.
pub(super) fn run(as_json: bool) -> anyhow::Result<Exit> {
    let cache = Cache::from_environment()?;
    if as_json {
        let models: Vec<Value> =
            catalogue::MODELS.iter().map(|entry| record(entry, &cache)).collect();
        output::print_json(&models)?;
        return Ok(Exit::Done);
    }
    let mut text = String::new();
    for (number, entry) in catalogue::MODELS.iter().enumerate() {
        let mark = if number == 0 { " (default)" } else { "" };
        writeln!(text, "{}{mark}  {}", style(entry.name).bold(), entry.description)?;
        let state = match (&entry.source, cache.find(entry)) {
            (Source::Embedded(_), _) => "is in this program".to_owned(),
            (_, Some(path)) => format!("is at {}", path.display()),
            (Source::Published { hub, wheels }, None) => {
                let or_pip = if wheels.is_empty() { "" } else { ", or with pip," };
                format!("is fetched from hf:{}{or_pip} when it is first used", hub.repository)
            }
            _ => "is fetched when it is first used".to_owned(),
        };
        writeln!(text, "    {:.0} MB, {state}", entry.size as f64 / 1e6)?;
    }
    writeln!(
        text,
        "\nA model of your own is a path: --model model.gguf, or a folder with config.json and safetensors. One on the\n\
         hub is an address: --model hf:owner/repository/file.gguf, or hf:owner/repository for safetensors."
    )?;
    output::print(&text)?;
    Ok(Exit::Done)
}

/// What is known of a model, for other programs.
fn record(entry: &Entry, cache: &Cache) -> Value {
    let (hub, packages) = match &entry.source {
        Source::Published { hub, wheels } => {
            let packages: Vec<Value> = wheels
                .iter()
                .map(|wheel| json!({ "package": wheel.package, "version": wheel.version }))
                .collect();
            let hub =
                json!({ "repository": hub.repository, "revision": hub.revision, "file": hub.file });
            (hub, packages)
        }
        _ => (Value::Null, Vec::new()),
    };
    json!({
        "name": entry.name,
        "description": entry.description,
        "bytes": entry.size,
        "sha256": entry.sha256,
        "embedded": matches!(entry.source, Source::Embedded(_)),
        "hub": hub,
        "packages": packages,
        "path": cache.find(entry),
    })
}
