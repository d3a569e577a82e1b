//! Prompts to decode one after another.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::args::DatasetArgs;

/// A prompt, maybe with questions that follow it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct Item {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) task: String,
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
        bail!(
            "the files hold no prompts: a line of them is {{\"id\": …, \"task\": …, \"turns\": […]}}"
        );
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
    let file = File::open(path).with_context(|| format!("cannot read the prompts {shown}"))?;
    for (index, line) in BufReader::new(file).lines().enumerate() {
        let line = line.with_context(|| format!("cannot read the prompts {shown}"))?;
        if line.trim().is_empty() {
            continue;
        }
        let number = index + 1;
        let item: Item = serde_json::from_str(&line).with_context(|| {
            format!("line {number} of {shown} is no {{\"id\": …, \"task\": …, \"turns\": […]}}")
        })?;
        if item.turns.iter().all(String::is_empty) {
            bail!("line {number} of {shown} has no turn: nothing is asked");
        }
        items.push(item);
    }
    Ok(())
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
