use std::fmt;

/// Why there is no grammar: one line that says what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrammarError {
    kind: GrammarErrorKind,
    detail: String,
}

/// What kind of failure a [`GrammarError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GrammarErrorKind {
    /// The text of a schema is not JSON.
    Json,
    /// The JSON is not a schema.
    Schema,
    /// The regular expression cannot be read.
    Regex,
    /// The grammar cannot be read.
    Grammar,
    /// It asks for something that is not supported.
    Unsupported,
    /// No text, or none that the vocabulary can spell, is what it asks for.
    NeverMatches,
    /// The vocabulary cannot be used.
    Vocabulary,
}

impl GrammarError {
    pub(crate) fn new(kind: GrammarErrorKind, detail: impl fmt::Display) -> Self {
        Self { kind, detail: one_line(&detail.to_string()) }
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> GrammarErrorKind {
        self.kind
    }
}

impl fmt::Display for GrammarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            GrammarErrorKind::Json => "the schema is not JSON",
            GrammarErrorKind::Schema => "the schema is not valid",
            GrammarErrorKind::Regex => "the regular expression is not valid",
            GrammarErrorKind::Grammar => "the grammar is not valid",
            GrammarErrorKind::Unsupported => "the constraint uses what is not supported",
            GrammarErrorKind::NeverMatches => "the constraint can never be met",
            GrammarErrorKind::Vocabulary => "the vocabulary cannot be used",
        };
        write!(f, "{what}: {}", self.detail)
    }
}

impl std::error::Error for GrammarError {}

/// The longest detail that is shown, in characters.
const LONGEST: usize = 300;

/// A parser's message as one line: without the state that it prints after it.
fn one_line(message: &str) -> String {
    let lines = message.lines().map(str::trim);
    let own = lines.take_while(|line| !line.starts_with("<state>") && *line != "<non-verbose/>");
    let line = own.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_one_line() {
        let error = GrammarError::new(GrammarErrorKind::Grammar, "a\n  b\n\n<state>\nc");
        assert_eq!(error.to_string(), "the grammar is not valid: a b");
        let long = GrammarError::new(GrammarErrorKind::Schema, "é".repeat(1000));
        assert!(long.to_string().chars().count() < LONGEST + 40);
    }
}
