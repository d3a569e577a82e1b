//! Why a page cannot be written.

use std::{io, path::PathBuf};

/// A page that cannot be written; the message says of which file, and what to do.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] Kind);

#[derive(Debug, thiserror::Error)]
pub(super) enum Kind {
    #[error(
        "{} holds no results: `foretoken bench --prompts FILE --out {}` writes them",
        .0.display(), .0.display()
    )]
    NoResults(PathBuf),
    #[error("cannot {action} {}: {source}", path.display())]
    File { action: &'static str, path: PathBuf, source: io::Error },
    #[error("{} is damaged: {source}", path.display())]
    Json { path: PathBuf, source: serde_json::Error },
    #[error("line {line} of {} is damaged: {what}", path.display())]
    Line { path: PathBuf, line: usize, what: String },
    #[error("the page cannot be made, please report this: {0:#}")]
    Template(#[from] minijinja::Error),
}

impl Error {
    /// Whether the folder has no results: there is nothing to show, and nothing is wrong with any file.
    pub fn is_no_results(&self) -> bool {
        matches!(self.0, Kind::NoResults(_))
    }
}

impl From<minijinja::Error> for Error {
    fn from(error: minijinja::Error) -> Self {
        Kind::Template(error).into()
    }
}
