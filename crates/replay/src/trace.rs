use std::io::{BufRead, Write};

use foretoken_core::{Request, Token};
use serde::{Deserialize, Serialize};

use crate::TraceError;

/// What the first line says that it is.
const FORMAT: &str = "foretoken-trace-1";

/// More tokens than any model's vocabulary has: a file that claims as many is damaged.
const MOST_TOKENS: usize = 1 << 24;

/// The most likely tokens with their logits, the best first.
pub type Ranked = Vec<(Token, f32)>;

/// A generation by plain decoding.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Trace {
    /// Which prompt it was.
    pub id: String,
    /// The kind of task.
    pub task: String,
    /// The prompt, at least one token.
    pub prompt: Vec<Token>,
    /// What came out.
    pub tokens: Vec<Token>,
    /// The predictions after each token of the prompt, then after each token
    /// that came out but the last: the first prediction of entry
    /// `prompt.len() - 1 + i` is `tokens[i]`.
    pub predictions: Vec<Ranked>,
    /// Tokens are `0..vocabulary`.
    pub vocabulary: usize,
    /// The tokens that end a sequence.
    pub end_of_sequence: Vec<Token>,
}

/// The first line of a trace file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TraceHeader {
    format: String,
    /// What the model is called.
    pub model: String,
}

impl TraceHeader {
    /// The header for traces of `model`.
    pub fn new(model: impl Into<String>) -> Self {
        Self { format: FORMAT.to_owned(), model: model.into() }
    }
}

impl Trace {
    /// The request that this trace answers.
    pub fn request(&self) -> Request {
        Request::new(self.prompt.clone())
            .with_max_new_tokens(self.tokens.len())
            .with_end_of_sequence(self.end_of_sequence.iter().copied())
    }

    /// The same, cut to its first `tokens` tokens.
    #[must_use]
    pub fn cut(mut self, tokens: usize) -> Self {
        self.tokens.truncate(tokens);
        self.predictions.truncate(self.prompt.len() + self.tokens.len().saturating_sub(1));
        self
    }

    /// Says what does not fit together.
    fn check(&self) -> Result<(), String> {
        let text = || self.prompt.iter().chain(&self.tokens);
        if self.prompt.is_empty() {
            return Err("the prompt is empty".to_owned());
        }
        if self.vocabulary > MOST_TOKENS {
            return Err(format!("a vocabulary of {} tokens is no model's", self.vocabulary));
        }
        if text().any(|&token| token as usize >= self.vocabulary) {
            return Err("a token lies outside the vocabulary".to_owned());
        }
        let expected = self.prompt.len() + self.tokens.len().saturating_sub(1);
        if self.predictions.len() != expected {
            return Err(format!("{} predictions instead of {expected}", self.predictions.len()));
        }
        let mut predicted = self.predictions.iter();
        if predicted.any(Vec::is_empty) {
            return Err("a position has no prediction".to_owned());
        }
        let mut predicted = self.predictions.iter().flatten();
        if predicted.any(|&(token, _)| token as usize >= self.vocabulary) {
            return Err("a predicted token lies outside the vocabulary".to_owned());
        }
        let after_prompt = &self.predictions[self.prompt.len() - 1..];
        let mut pairs = after_prompt.iter().zip(&self.tokens);
        if pairs.any(|(ranked, token)| ranked.first().map(|best| best.0) != Some(*token)) {
            return Err("a token is not the first prediction".to_owned());
        }
        Ok(())
    }
}

/// Writes a header and traces, a line each.
///
/// # Errors
///
/// If writing fails.
pub fn write<'t>(
    out: &mut dyn Write,
    header: &TraceHeader,
    traces: impl IntoIterator<Item = &'t Trace>,
) -> std::io::Result<()> {
    write_header(out, header)?;
    traces.into_iter().try_for_each(|trace| write_trace(out, trace))
}

/// Writes the first line alone.
///
/// # Errors
///
/// If writing fails.
pub fn write_header(out: &mut dyn Write, header: &TraceHeader) -> std::io::Result<()> {
    writeln!(out, "{}", serde_json::to_string(header)?)
}

/// Writes one more line.
///
/// # Errors
///
/// If writing fails.
pub fn write_trace(out: &mut dyn Write, trace: &Trace) -> std::io::Result<()> {
    writeln!(out, "{}", serde_json::to_string(trace)?)
}

/// Reads what [`write()`] wrote.
///
/// # Errors
///
/// If reading fails, or a line is not what it should be.
pub fn read(input: impl BufRead) -> Result<(TraceHeader, Vec<Trace>), TraceError> {
    let mut lines = input.lines();
    let first = lines.next().ok_or(TraceError::Header)??;
    let header: TraceHeader = serde_json::from_str(&first).map_err(|_| TraceError::Header)?;
    if header.format != FORMAT {
        return Err(TraceError::Header);
    }
    let mut traces = Vec::new();
    for (index, line) in lines.enumerate() {
        let damaged = |reason| TraceError::Line { line: index + 2, reason };
        let trace: Trace =
            serde_json::from_str(&line?).map_err(|error| damaged(error.to_string()))?;
        trace.check().map_err(damaged)?;
        traces.push(trace);
    }
    Ok((header, traces))
}
