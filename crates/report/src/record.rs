//! What one strategy did with one prompt: a line of the results.

pub(crate) mod lines;

use std::{collections::BTreeSet, fs::File, io, path::Path};

use foretoken_core::{SourceStatistics, Token};
use serde::{Deserialize, Serialize};

/// Every strategy's run of one turn of a prompt, which is measured when all of them are.
///
/// A turn of a conversation follows what plain decoding said to the turns before it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Record {
    /// The prompt's name, which is its alone; its turns share it.
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
    /// Whether this is the first record after the program was ended and begun again: what strategies had learned of
    /// the speed of passes was lost.
    #[serde(default)]
    pub resumed: bool,
}

/// One strategy's run: of several ones that whose time is the median.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Run {
    /// Its name.
    pub strategy: String,
    /// Whether it said what plain decoding says, each time if it ran several times.
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
    /// Those of the verifying passes until the output begins to repeat itself for good.
    #[serde(default)]
    pub steps_loops_cut: usize,
    /// Their nodes.
    #[serde(default)]
    pub nodes_loops_cut: usize,
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

/// Appends a record as one line, all of it or, if the program is killed, a rest that [`open`] takes away.
///
/// # Errors
/// A file that cannot be written.
pub fn append(file: &mut File, record: &Record) -> io::Result<()> {
    lines::append(file, record)
}

/// Opens the results for more, and reads those of earlier runs: of each turn the first.
///
/// # Errors
/// A file that cannot be opened or read; a whole line that is no record.
pub fn open(path: &Path) -> io::Result<(File, Vec<Record>)> {
    let (file, mut records) = lines::open::<Record>(path)?;
    let mut turns = BTreeSet::new();
    records.retain(|record| turns.insert((record.id.clone(), record.turn)));
    Ok((file, records))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_killed_run_loses_only_the_line_it_was_writing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.jsonl");
        let record = |id: &str, turn| Record { id: id.to_owned(), turn, ..Record::default() };
        let turns = |records: &[Record]| -> Vec<(String, usize)> {
            records.iter().map(|record| (record.id.clone(), record.turn)).collect()
        };
        let (mut file, none) = open(&path).unwrap();
        assert!(none.is_empty());
        append(&mut file, &record("a", 0)).unwrap();
        append(&mut file, &record("a", 1)).unwrap();
        append(&mut file, &record("b", 0)).unwrap();
        let length = file.metadata().unwrap().len();
        file.set_len(length - 7).unwrap();
        drop(file);

        let (mut file, kept) = open(&path).unwrap();
        assert_eq!(turns(&kept), [("a".to_owned(), 0), ("a".to_owned(), 1)]);
        append(&mut file, &record("a", 1)).unwrap();
        append(&mut file, &record("c", 0)).unwrap();
        let (_, kept) = open(&path).unwrap();
        assert_eq!(turns(&kept), [("a".to_owned(), 0), ("a".to_owned(), 1), ("c".to_owned(), 0)]);
    }

    #[test]
    fn lines_without_what_was_added_later_are_read() {
        let line = r#"{"id":"a","task":"t","prompt_tokens":3,"tokens":[1],"loop_start":null,"runs":[{"strategy":"s",
            "identical":true,"seconds":1.0,"prefill_seconds":0.5,"seconds_loops_cut":1.0,"steps":1,"nodes":2,
            "propose_seconds":0.0,"observe_seconds":0.0,"sources":[]}]}"#;
        let record: Record = serde_json::from_str(line).unwrap();
        assert_eq!((record.turn, record.resumed, record.runs[0].steps_loops_cut), (0, false, 0));
    }
}
