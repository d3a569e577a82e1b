use std::path::PathBuf;

use foretoken_core::{CostTableError, ModelError};

/// Why something could not be measured or kept.
///
/// Its message is one line that says what is wrong and what to do about it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(#[from] Kind);

#[derive(Debug, thiserror::Error)]
pub(crate) enum Kind {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(
        "a context of {context} tokens does not fit: this model's sequences have {length}, and a pass needs {room} of them"
    )]
    Context { context: usize, length: usize, room: usize },
    #[error("a plan needs contexts, numbers of nodes above 0, and at least one round")]
    Plan,
    #[error(transparent)]
    Table(#[from] CostTableError),
    #[error("cannot {action} the cost table {}: {source}", path.display())]
    File { action: &'static str, path: PathBuf, source: std::io::Error },
    #[error("the cost table {} is damaged ({source}): calibrate again", path.display())]
    Damaged { path: PathBuf, source: serde_json::Error },
    #[error(
        "the text has {found} tokens: a perplexity needs at least two, and chunks of at least {needed}"
    )]
    Text { found: usize, needed: usize },
    #[error("chunks of {chunk} tokens do not fit in this model's context of {length}")]
    Chunk { chunk: usize, length: usize },
    #[error("the model gave a token of the text no probability: its weights may be corrupt")]
    Impossible,
}

impl From<CostTableError> for Error {
    fn from(error: CostTableError) -> Self {
        Kind::Table(error).into()
    }
}

impl From<ModelError> for Error {
    fn from(error: ModelError) -> Self {
        Kind::Model(error).into()
    }
}

impl Error {
    /// The model's own failure, if that is what it was.
    pub fn model(&self) -> Option<&ModelError> {
        match &self.0 {
            Kind::Model(error) => Some(error),
            _ => None,
        }
    }
}
