//! `foretoken strategies`: what there is to choose from.

use std::fmt::Write;

use console::style;
use foretoken::strategy;

use crate::{exit::Exit, output};

/// Runs the subcommand.
pub(crate) fn run() -> anyhow::Result<Exit> {
    let mut text = String::new();
    for entry in strategy::all() {
        writeln!(text, "{}  {}", style(entry.name).bold(), entry.summary)?;
        let widest = entry.options.iter().map(|(key, _)| key.len()).max().unwrap_or(0);
        for (key, meaning) in entry.options {
            writeln!(text, "    {key:widest$}  {meaning}")?;
        }
    }
    writeln!(text, "\nOptions follow a colon, strategies that guess together are joined by +:")?;
    writeln!(
        text,
        "  foretoken generate --strategy lookahead:w=5,n=4+prompt-lookup --prompt \"...\""
    )?;
    output::print(&text)?;
    Ok(Exit::Done)
}
