//! Prompts to decode one after another.

mod format;

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use anyhow::{Context, bail};
use flate2::bufread::MultiGzDecoder;
use serde_json::Value;

use crate::args::DatasetArgs;
use format::Format;

/// A prompt, maybe with questions that follow it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) task: String,
    /// At least one, none of them empty.
    pub(crate) turns: Vec<String>,
}

/// Reads all files; with a limit, so many items of each task, spread evenly over them in their order.
///
/// # Errors
/// A file that cannot be read, a line that is no item, an item without a turn, no item at all, an id that comes twice.
pub(crate) fn read(args: &DatasetArgs) -> anyhow::Result<Vec<Item>> {
    let mut items = Vec::new();
    for path in &args.prompts {
        read_file(path, &mut items)?;
    }
    if items.is_empty() {
        bail!("the files hold no prompts: a line of them is {}", Format::forms());
    }
    let mut ids: Vec<&str> = items.iter().map(|item| item.id.as_str()).collect();
    ids.sort_unstable();
    if let Some((twice, _)) = ids.iter().zip(&ids[1..]).find(|(id, next)| id == next) {
        bail!("the id {twice} comes twice: give each prompt one of its own");
    }
    Ok(match args.limit {
        Some(limit) => spread(items, limit.get()),
        None => items,
    })
}

fn read_file(path: &Path, items: &mut Vec<Item>) -> anyhow::Result<()> {
    let shown = path.display();
    let cannot = || format!("cannot read the prompts {shown}");
    let lines = open(path).with_context(cannot)?;
    let mut format = None;
    for (index, line) in lines.lines().enumerate() {
        let line = line.with_context(cannot)?;
        if line.trim().is_empty() {
            continue;
        }
        let place = || format!("line {} of {shown}", index + 1);
        let line: Value = serde_json::from_str(&line)
            .with_context(|| format!("{} is no JSON object", place()))?;
        let found = format.or_else(|| line.as_object().and_then(Format::of));
        let Some(found) = found else { bail!("{} is not {}", place(), Format::forms()) };
        format = Some(found);
        let item = found
            .item(line, index + 1, path)
            .with_context(|| format!("{} is not {}", place(), found.form()))?;
        if item.turns.is_empty() || item.turns.iter().any(String::is_empty) {
            bail!("{} has no turn, or an empty one: nothing is asked", place());
        }
        items.push(item);
    }
    Ok(())
}

/// The text of a file, which may be compressed with gzip: its first bytes tell.
fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let mut file = BufReader::new(File::open(path)?);
    let compressed = file.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    let text: Box<dyn Read> =
        if compressed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    Ok(Box::new(BufReader::new(text)))
}

/// `limit` items of each task, every so many.
fn spread(items: Vec<Item>, limit: usize) -> Vec<Item> {
    let mut totals: BTreeMap<String, usize> = BTreeMap::new();
    for item in &items {
        *totals.entry(item.task.clone()).or_default() += 1;
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let chosen = items.into_iter().filter(|item| {
        let total = totals[&item.task];
        let index = seen.entry(item.task.clone()).or_default();
        *index += 1;
        // The share of the limit that is used up grows past a whole number at this item.
        limit >= total || *index * limit / total > (*index - 1) * limit / total
    });
    chosen.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_takes_as_many_of_each_task() {
        let item = |id: usize| Item {
            id: id.to_string(),
            task: if id < 30 { "a" } else { "b" }.to_owned(),
            turns: vec!["?".to_owned()],
        };
        let chosen = spread((0..37).map(item).collect(), 10);
        let of = |task: &str| chosen.iter().filter(|item| item.task == task).count();
        assert_eq!((of("a"), of("b")), (10, 7));
        assert!(chosen.last().unwrap().id == "36" && chosen.windows(2).all(|w| w[0].id != w[1].id));
    }
}
