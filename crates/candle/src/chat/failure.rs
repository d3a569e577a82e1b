/// Why a conversation could not be written as a prompt.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("the chat template cannot be read: {0}; prompt the model without it")]
    Invalid(String),
    #[error("the chat template refuses these messages: {0}")]
    Refused(String),
    #[error("the chat template fails on these messages: {0}; prompt the model without it")]
    Render(String),
    #[error("{path} is no chat template: {problem}")]
    Config { path: String, problem: &'static str },
}

/// A template error as one line: what is wrong, and where.
pub(super) fn describe(error: &minijinja::Error) -> String {
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let detail = detail.split_whitespace().collect::<Vec<_>>().join(" ");
    match error.line() {
        Some(line) => format!("{detail} (line {line})"),
        None => detail,
    }
}
