//! What one strategy did with one prompt: a line of the results.

use std::{
    collections::BTreeSet,
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, Write},
    path::Path,
};

use anyhow::Context;
use foretoken::{SourceStatistics, Token};
use serde::{Deserialize, Serialize};

/// Every strategy's run of one prompt; a prompt is measured when all of them are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) id: String,
    pub(super) task: String,
    pub(super) prompt_tokens: usize,
    /// What plain decoding said.
    pub(super) tokens: Vec<Token>,
    /// Where the output begins to repeat itself for good, if it does.
    pub(super) loop_start: Option<usize>,
    pub(super) runs: Vec<Run>,
}

/// One strategy's run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) strategy: String,
    pub(super) identical: bool,
    /// Of decoding; the prompt's apart.
    pub(super) seconds: f64,
    pub(super) prefill_seconds: f64,
    /// Until the output begins to repeat itself for good.
    pub(super) seconds_loops_cut: f64,
    pub(super) steps: usize,
    pub(super) nodes: usize,
    pub(super) propose_seconds: f64,
    pub(super) observe_seconds: f64,
    pub(super) sources: Vec<SourceStatistics>,
}

/// Appends a record as one line, all of it or, if the program is killed, a rest that reading leaves out.
pub(super) fn append(file: &mut File, record: &Record) -> anyhow::Result<()> {
    let line = serde_json::to_string(record)? + "\n";
    file.write_all(line.as_bytes()).and_then(|()| file.flush()).context("cannot write the results")
}

/// Opens the results for more, and reads those of earlier runs.
///
/// # Errors
/// A file that cannot be opened, read or cut.
pub(super) fn open(path: &Path) -> anyhow::Result<(File, Vec<Record>)> {
    let shown = path.display();
    let cannot = || format!("cannot open the results {shown}");
    let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path);
    let mut file = file.with_context(cannot)?;
    let (mut records, mut ids, mut whole) = (Vec::new(), BTreeSet::new(), 0);
    let mut reader = BufReader::new(&file);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).with_context(cannot)? > 0 {
        let Ok(record) = serde_json::from_slice::<Record>(&line) else { break };
        if line.last() != Some(&b'\n') {
            break;
        }
        whole += line.len() as u64;
        line.clear();
        if ids.insert(record.id.clone()) {
            records.push(record);
        }
    }
    // What a killed run left of a line goes.
    file.set_len(whole).with_context(cannot)?;
    std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0)).with_context(cannot)?;
    Ok((file, records))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_killed_run_loses_only_the_line_it_was_writing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.jsonl");
        let record = |id: &str| Record {
            id: id.to_owned(),
            task: "t".to_owned(),
            prompt_tokens: 3,
            tokens: vec![1, 2],
            loop_start: None,
            runs: Vec::new(),
        };
        let (mut file, none) = open(&path).unwrap();
        assert!(none.is_empty());
        append(&mut file, &record("a")).unwrap();
        append(&mut file, &record("b")).unwrap();
        let length = file.metadata().unwrap().len();
        file.set_len(length - 7).unwrap();
        drop(file);

        let (mut file, kept) = open(&path).unwrap();
        assert_eq!(kept.iter().map(|record| record.id.as_str()).collect::<Vec<_>>(), ["a"]);
        append(&mut file, &record("c")).unwrap();
        let (_, kept) = open(&path).unwrap();
        assert_eq!(kept.iter().map(|record| record.id.as_str()).collect::<Vec<_>>(), ["a", "c"]);
    }
}
