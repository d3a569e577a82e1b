use std::path::{Path, PathBuf};

use crate::{architecture, catalogue, chat, tokenizer, weights};

/// What went wrong in this crate.
///
/// Its message is one line that says what is wrong and what to do about it; the kinds behind it are private, so that
/// they can change.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<Kind>);

/// The failures of each module; their messages live beside the code that raises them.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Kind {
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{} is not valid JSON: {source}", path.display())]
    Json { path: PathBuf, source: serde_json::Error },
    #[error(transparent)]
    Tokenizer(#[from] tokenizer::Failure),
    #[error(transparent)]
    Chat(#[from] chat::Failure),
    #[error(transparent)]
    Catalogue(#[from] catalogue::Failure),
    #[cfg(feature = "hub")]
    #[error(transparent)]
    Hub(#[from] catalogue::HubFailure),
    #[error(transparent)]
    Weights(#[from] weights::Failure),
    #[error(transparent)]
    Architecture(#[from] architecture::Failure),
    #[error("{0}")]
    Option(&'static str),
    #[error("the kernels refuse the model: {0}")]
    Kernel(foretoken_kernels::KernelError),
    #[error("the tensor library refuses the model: {0}")]
    Tensor(candle_core::Error),
}

impl<K: Into<Kind>> From<K> for Error {
    fn from(kind: K) -> Self {
        Self(Box::new(kind.into()))
    }
}

/// Reads and parses a JSON file.
pub(crate) fn read_json(path: &Path) -> Result<serde_json::Value, Error> {
    let bytes =
        std::fs::read(path).map_err(|source| Kind::Read { path: path.to_owned(), source })?;
    serde_json::from_slice(&bytes)
        .map_err(|source| Kind::Json { path: path.to_owned(), source }.into())
}
