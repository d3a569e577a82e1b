use std::path::{Path, PathBuf};

/// Why a file's tensors cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("{}: {problem}; the file is incomplete or damaged, fetch it again", path.display())]
    Damaged { path: PathBuf, problem: String },
    #[error("{}: {problem}", path.display())]
    Unsupported { path: PathBuf, problem: String },
    #[error("there is no model at {}: {wanted}", path.display())]
    NotFound { path: PathBuf, wanted: &'static str },
    #[error("the model has no tensor {name}")]
    Missing { name: String },
    #[error("the tensor {name} is {found:?}, and the model's configuration asks for {expected:?}")]
    Shape { name: String, found: Vec<usize>, expected: Vec<usize> },
    #[error(
        "the model has a tensor {name} that is no part of a {architecture} model as known here, so its answers would \
         be wrong"
    )]
    Unknown { name: String, architecture: String },
    #[error("the tensor {name} of type {kind} cannot be read: {problem}")]
    Unreadable { name: String, kind: String, problem: String },
}

impl Failure {
    pub(super) fn damaged(path: &Path, problem: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), problem: problem.into() }
    }

    pub(super) fn unsupported(path: &Path, problem: impl Into<String>) -> Self {
        Self::Unsupported { path: path.to_owned(), problem: problem.into() }
    }
}
