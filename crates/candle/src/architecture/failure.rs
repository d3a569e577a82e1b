/// Why a network cannot be computed here.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("models of the architecture {found} are not supported; supported are {known}")]
    Family { found: String, known: String },
    #[error("the model's configuration has no {0}")]
    Missing(String),
    #[error("the model's configuration cannot be read: {0}")]
    Unreadable(String),
    #[error("the model's configuration is inconsistent: {0}")]
    Inconsistent(String),
    #[error("the model asks for {0}, which is not supported")]
    Unsupported(String),
}
