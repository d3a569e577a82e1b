//! A generation step by step, to look at.

use std::{fs::File, io, path::Path};

use serde::{Deserialize, Serialize};

use crate::record::lines;

/// One generation, decoded once more beside the measured ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Steps {
    /// The prompt's id.
    pub id: String,
    /// Its kind of task.
    pub task: String,
    /// Which of its turns, from 0.
    pub turn: usize,
    /// Who guessed.
    pub strategy: String,
    /// The prompt's last turn as text.
    pub prompt: String,
    /// Names of the sources that nodes refer to by index.
    pub sources: Vec<String>,
    /// The verifying passes in order.
    pub steps: Vec<StepTree>,
}

/// One pass: its tree, what was accepted, what came out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StepTree {
    /// The nodes that were verified, the root first, parents before children.
    pub nodes: Vec<Node>,
    /// Indices of the accepted nodes, the root (0) first.
    pub path: Vec<usize>,
    /// The tokens that came out, as text: those of the path below the root, then the model's own choice.
    pub emitted: Vec<String>,
}

/// A token of a tree.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// The index of its parent; the root's is 0.
    pub parent: usize,
    /// The token as text.
    pub text: String,
    /// Who guessed it: indices into [`Steps::sources`]; none for the root.
    pub sources: Vec<usize>,
    /// The probability of its path: as its sources claimed it or, where guesses are weighed, what that is worth.
    pub probability: f32,
}

/// Appends a generation as one line, as [`append`](crate::append) does a record.
///
/// # Errors
/// A file that cannot be written.
pub fn append_steps(file: &mut File, steps: &Steps) -> io::Result<()> {
    lines::append(file, steps)
}

/// Opens the generations for more, and reads those of earlier runs.
///
/// # Errors
/// A file that cannot be opened or read; a whole line that is no generation.
pub fn open_steps(path: &Path) -> io::Result<(File, Vec<Steps>)> {
    lines::open(path)
}
