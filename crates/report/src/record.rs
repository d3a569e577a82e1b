//! What one strategy did with one prompt: a line of the results.

use std::{
    collections::BTreeSet,
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    path::Path,
};

use foretoken_core::{SourceStatistics, Token};
use serde::{Deserialize, Serialize};

/// Every strategy's run of one prompt; a prompt is measured when all of them are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    /// The prompt's name, which is its alone.
    pub id: String,
    /// Its kind of task.
    pub task: String,
    /// Which of its turns, from 0.
    #[serde(default)]
    pub turn: usize,
    /// Tokens before the output, earlier turns included.
    pub prompt_tokens: usize,
    /// What plain decoding said.
    pub tokens: Vec<Token>,
    /// Where the output begins to repeat itself for good, if it does.
    pub loop_start: Option<usize>,
    /// In the order of [`Setting::strategies`](crate::Setting::strategies).
    pub runs: Vec<Run>,
}

/// One strategy's run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    /// Its name.
    pub strategy: String,
    /// Whether it said what plain decoding says.
    pub identical: bool,
    /// Of decoding; the prompt's apart.
    pub seconds: f64,
    /// Of the passes over the prompt.
    pub prefill_seconds: f64,
    /// Until the output begins to repeat itself for good.
    pub seconds_loops_cut: f64,
    /// Verifying passes.
    pub steps: usize,
    /// Nodes of all of them, roots included.
    pub nodes: usize,
    /// Sources proposing.
    pub propose_seconds: f64,
    /// Passes.
    #[serde(default)]
    pub forward_seconds: f64,
    /// Walks.
    #[serde(default)]
    pub walk_seconds: f64,
    /// Moving cache rows.
    #[serde(default)]
    pub commit_seconds: f64,
    /// Sources observing.
    pub observe_seconds: f64,
    /// Each source's part.
    pub sources: Vec<SourceStatistics>,
}

/// Appends a record as one line, all of it or, if the program is killed, a rest that reading leaves out.
///
/// # Errors
/// A file that cannot be written.
pub fn append(file: &mut File, record: &Record) -> io::Result<()> {
    let line = serde_json::to_string(record)? + "\n";
    file.write_all(line.as_bytes()).and_then(|()| file.flush())
}

/// Opens the results for more, and reads those of earlier runs.
///
/// # Errors
/// A file that cannot be opened, read or cut.
pub fn open(path: &Path) -> io::Result<(File, Vec<Record>)> {
    let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path);
    let mut file = file?;
    let (mut records, mut ids, mut whole) = (Vec::new(), BTreeSet::new(), 0);
    let mut reader = BufReader::new(&file);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
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
    file.set_len(whole)?;
    io::Seek::seek(&mut file, io::SeekFrom::End(0))?;
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
            turn: 0,
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
