use std::fmt;

use foretoken_core::{Request, Sampling, Token};

use super::{Company, Settings};
use crate::TestModel;

/// An output that is not the oracle's, with all that is needed to see it again.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Violation {
    /// The model.
    pub model: TestModel,
    /// What was asked for.
    pub request: Request,
    /// The decoder's settings.
    pub settings: Settings,
    /// What else proposed.
    pub company: Company,
    /// Sequences that the same source and decoder had before.
    pub earlier: usize,
    /// The oracle's output.
    pub expected: Vec<Token>,
    /// What came instead.
    pub difference: Difference,
}

/// How an output differs from the oracle's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// These tokens came out.
    Output(Vec<Token>),
    /// The output is right, but the sink saw these tokens.
    Sink(Vec<Token>),
    /// A decoder whose future was dropped had passed these tokens to its sink.
    Cancelled(Vec<Token>),
    /// Decoding failed with this message.
    Failure(String),
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, actual) = match &self.difference {
            Difference::Output(tokens) => ("the output differs", tokens),
            Difference::Sink(tokens) => ("the sink saw other tokens than came out", tokens),
            Difference::Cancelled(tokens) => ("a cancelled run emitted other tokens", tokens),
            Difference::Failure(message) => {
                write!(f, "decoding failed: {message}")?;
                return self.circumstances(f);
            }
        };
        let at = self.expected.iter().zip(actual).take_while(|(left, right)| left == right).count();
        let token = |tokens: &[Token]| {
            tokens.get(at).map_or_else(|| "the end".to_owned(), |token| format!("token {token}"))
        };
        write!(f, "{what} at index {at}: {} instead of ", token(actual))?;
        write!(f, "{}", token(&self.expected))?;
        write!(f, "\n  expected: {:?}\n  actual:   {actual:?}", self.expected)?;
        self.circumstances(f)
    }
}

impl Violation {
    fn circumstances(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { model, request, settings, company, earlier, .. } = self;
        write!(f, "\n  model:    {model:?}\n  prompt:   {:?}", request.prompt)?;
        write!(f, "\n  request:  at most {} tokens", request.max_new_tokens)?;
        if let Some(tokens) = &request.end_of_sequence {
            write!(f, ", end of sequence {:?}", tokens.as_slice())?;
        }
        if request.sampling != Sampling::default() {
            write!(f, "\n  sampling: {:?}", request.sampling)?;
        }
        write!(f, "\n  settings: {settings:?}\n  company:  {company:?}")?;
        write!(f, "\n  earlier:  {earlier} sequences of the same decoder")
    }
}

impl std::error::Error for Violation {}
