//! What a results folder holds, read and checked.

use std::{
    collections::{BTreeSet, HashSet},
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;

use super::error::{Error, Kind};
use crate::{Record, Run, Setting, StepTree, Steps, Summary};

/// Everything that is there.
#[derive(Debug)]
pub(super) struct Folder {
    /// Of folders that have it.
    pub(super) setting: Option<Setting>,
    /// At least one.
    pub(super) records: Vec<Record>,
    /// Generations step by step; none in folders without them.
    pub(super) traces: Vec<Steps>,
    /// Made anew from the records: a killed run leaves an old one, or none.
    pub(super) summary: Summary,
    /// Plain decoding first.
    pub(super) strategies: Vec<String>,
}

impl Folder {
    /// Reads the files of a folder.
    ///
    /// The last line of a file of lines may be incomplete, as a killed run leaves it; it is left out.
    ///
    /// # Errors
    /// No results; a file that cannot be read or is damaged.
    pub(super) fn read(dir: &Path) -> Result<Self, Error> {
        let records: Vec<Record> = lines(&dir.join("results.jsonl"))?.unwrap_or_default();
        let mut seen = HashSet::new();
        let records: Vec<Record> = records
            .into_iter()
            .filter(|record| seen.insert((record.id.clone(), record.turn)))
            .collect();
        let strategies = strategies(&records);
        if strategies.is_empty() {
            return Err(Kind::NoResults(dir.to_owned()).into());
        }
        let path = dir.join("setting.json");
        let parse = |text: String| serde_json::from_str(&text);
        let setting = text(&path)?.map(parse).transpose();
        let setting = setting.map_err(|source| Kind::Json { path, source })?;
        let path = dir.join("steps.jsonl");
        let traces: Vec<Steps> = lines(&path)?.unwrap_or_default();
        for (index, trace) in traces.iter().enumerate() {
            if let Some(what) = trace.steps.iter().find_map(|step| fault(step, trace.sources.len()))
            {
                let what = what.to_owned();
                return Err(Kind::Line { path, line: index + 1, what }.into());
            }
        }
        let summary = Summary::new(&records, &strategies);
        Ok(Self { setting, records, traces, summary, strategies })
    }

    /// The name of plain decoding.
    pub(super) fn plain(&self) -> &str {
        &self.strategies[0]
    }

    /// Each record with its run of one strategy.
    pub(super) fn runs<'a>(
        &'a self,
        strategy: &'a str,
    ) -> impl Iterator<Item = (&'a Record, &'a Run)> {
        self.records.iter().filter_map(move |record| Some((record, run(record, strategy)?)))
    }

    /// Each record with plain decoding's time over a strategy's.
    pub(super) fn speedups(&self, strategy: &str) -> Vec<(&Record, f64)> {
        let speedup = |record: &'_ Record| {
            let (one, plain) = (run(record, strategy)?, run(record, self.plain())?);
            let speedup = plain.seconds / one.seconds;
            (speedup.is_finite() && speedup > 0.0).then_some(speedup)
        };
        self.records.iter().filter_map(|record| Some((record, speedup(record)?))).collect()
    }

    /// The names of all sources of guesses, in the order of their first appearance.
    pub(super) fn sources(&self) -> Vec<&str> {
        let runs = self.records.iter().flat_map(|record| &record.runs);
        let named = runs.flat_map(|run| &run.sources).map(|source| source.name.as_str());
        let traced = self.traces.iter().flat_map(|trace| &trace.sources).map(String::as_str);
        let mut seen = BTreeSet::new();
        named.chain(traced).filter(|name| seen.insert(*name)).collect()
    }

    /// How many prompts there are; one may have several turns, and a record for each.
    pub(super) fn prompts(&self) -> usize {
        self.records.iter().map(|record| record.id.as_str()).collect::<HashSet<_>>().len()
    }
}

/// One strategy's run.
pub(super) fn run<'a>(record: &'a Record, strategy: &str) -> Option<&'a Run> {
    record.runs.iter().find(|run| run.strategy == strategy)
}

fn strategies(records: &[Record]) -> Vec<String> {
    let mut seen = HashSet::new();
    let runs = records.iter().flat_map(|record| &record.runs);
    runs.filter(|run| seen.insert(&run.strategy)).map(|run| run.strategy.clone()).collect()
}

/// What is wrong with a step, if something is.
fn fault(step: &StepTree, sources: usize) -> Option<&'static str> {
    let nodes = step.nodes.len();
    let mut below = step.nodes.iter().enumerate().skip(1);
    if below.any(|(index, node)| node.parent >= index) {
        return Some("a node comes before its parent");
    }
    if step.nodes.iter().flat_map(|node| &node.sources).any(|&source| source >= sources) {
        return Some("a node has a source that is not named");
    }
    if step.path.iter().any(|&node| node >= nodes) {
        return Some("its path has a node that is not there");
    }
    None
}

/// The text of a file; `None` if there is no such file.
fn text(path: &Path) -> Result<Option<String>, Error> {
    match fs::read(path) {
        // A killed run may leave a part of a character, in the line that is left out.
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(cannot("read", path, source)),
    }
}

/// The values of a file, one a line; `None` if there is no such file.
fn lines<T: DeserializeOwned>(path: &Path) -> Result<Option<Vec<T>>, Error> {
    let Some(text) = text(path)? else { return Ok(None) };
    let mut values = Vec::new();
    for (index, line) in text.split_inclusive('\n').enumerate() {
        match serde_json::from_str(line) {
            Ok(value) => values.push(value),
            Err(_) if !line.ends_with('\n') => break,
            Err(error) => {
                let (line, what) = (index + 1, error.to_string());
                return Err(Kind::Line { path: path.to_owned(), line, what }.into());
            }
        }
    }
    Ok(Some(values))
}

pub(super) fn cannot(action: &'static str, path: &Path, source: std::io::Error) -> Error {
    Kind::File { action, path: PathBuf::from(path), source }.into()
}
