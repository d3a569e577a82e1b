use std::collections::HashMap;

use candle_core::quantized::gguf_file::Value;

use super::{Failure, vocabulary::TokenKind};
use crate::error::Error;

const MODEL: &str = "tokenizer.ggml.model";
const TOKENS: &str = "tokenizer.ggml.tokens";
const TOKEN_TYPES: &str = "tokenizer.ggml.token_type";
const PRE_TOKENIZER: &str = "tokenizer.ggml.pre";
const SCORES: &str = "tokenizer.ggml.scores";
const MERGES: &str = "tokenizer.ggml.merges";

/// The tokenizer's part of a GGUF file's metadata, checked as it is read.
pub(super) struct Metadata<'a> {
    values: &'a HashMap<String, Value>,
    /// All pieces; an id is a position.
    pub(super) tokens: Vec<&'a str>,
    /// One for each token.
    pub(super) kinds: Vec<TokenKind>,
}

impl<'a> Metadata<'a> {
    pub(super) fn new(values: &'a HashMap<String, Value>) -> Result<Self, Error> {
        let tokens = strings(values, TOKENS)?.ok_or(Failure::Missing(TOKENS))?;
        if tokens.is_empty() {
            return Err(damaged(TOKENS, "is empty"));
        }
        let kinds = match array(values, TOKEN_TYPES)? {
            Some(types) => types.iter().map(token_kind).collect(),
            None => vec![TokenKind::Normal; tokens.len()],
        };
        if kinds.len() != tokens.len() {
            let problem = format!("has {} entries for {} tokens", kinds.len(), tokens.len());
            return Err(damaged(TOKEN_TYPES, problem));
        }
        let mut metadata = Self { values, tokens, kinds };
        metadata.mark_named_control_tokens();
        Ok(metadata)
    }

    /// The vocabulary's type: `gpt2`, `llama` and so on.
    pub(super) fn model(&self) -> Result<&'a str, Error> {
        match self.values.get(MODEL) {
            Some(Value::String(model)) => Ok(model),
            Some(_) => Err(damaged(MODEL, "is not text")),
            None => Err(Failure::Missing(MODEL).into()),
        }
    }

    /// How a byte-level vocabulary splits text before merging.
    pub(super) fn pre_tokenizer(&self) -> Result<Option<&'a str>, Error> {
        match self.values.get(PRE_TOKENIZER) {
            Some(Value::String(name)) => Ok(Some(name)),
            Some(_) => Err(damaged(PRE_TOKENIZER, "is not text")),
            None => Ok(None),
        }
    }

    /// Merges of a byte-level vocabulary, the most wanted first.
    pub(super) fn merges(&self) -> Result<Vec<(String, String)>, Error> {
        strings(self.values, MERGES)?
            .ok_or(Failure::Missing(MERGES))?
            .into_iter()
            .map(|merge| {
                let (left, right) = merge
                    .split_once(' ')
                    .ok_or_else(|| damaged(MERGES, format!("holds {merge:?}, which is no pair")))?;
                Ok((left.to_owned(), right.to_owned()))
            })
            .collect()
    }

    /// One score for each token of a `SentencePiece` vocabulary.
    pub(super) fn scores(&self) -> Result<Vec<f32>, Error> {
        let scores: Vec<f32> = array(self.values, SCORES)?
            .ok_or(Failure::Missing(SCORES))?
            .iter()
            .map(|score| score.to_f32().map_err(|_| damaged(SCORES, "holds no numbers")))
            .collect::<Result<_, Error>>()?;
        if scores.len() != self.tokens.len() {
            let problem = format!("has {} entries for {} tokens", scores.len(), self.tokens.len());
            return Err(damaged(SCORES, problem));
        }
        Ok(scores)
    }

    /// The token id stored as `tokenizer.ggml.{name}`; none where it is absent or out of range.
    pub(super) fn id(&self, name: &str) -> Option<u32> {
        let value = self.values.get(&format!("tokenizer.ggml.{name}"))?;
        let id = match *value {
            Value::I32(id) => u32::try_from(id).ok()?,
            Value::I64(id) => u32::try_from(id).ok()?,
            ref other => u32::try_from(other.to_u64().ok()?).ok()?,
        };
        ((id as usize) < self.tokens.len()).then_some(id)
    }

    /// The switch stored as `tokenizer.ggml.{name}`.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.values.get(&format!("tokenizer.ggml.{name}"))?.to_bool().ok()
    }

    /// Files without token types still say which ids begin and end a sequence.
    fn mark_named_control_tokens(&mut self) {
        for name in ["bos_token_id", "eos_token_id", "eot_token_id", "eom_token_id"] {
            if let Some(id) = self.id(name) {
                let kind = &mut self.kinds[id as usize];
                if *kind == TokenKind::Normal {
                    *kind = TokenKind::Control;
                }
            }
        }
    }
}

fn token_kind(value: &Value) -> TokenKind {
    let number = match *value {
        Value::I32(number) => i64::from(number),
        Value::I64(number) => number,
        ref other => other.to_u64().map_or(1, |number| number as i64),
    };
    match number {
        2 => TokenKind::Unknown,
        3 => TokenKind::Control,
        4 => TokenKind::UserDefined,
        5 => TokenKind::Unused,
        6 => TokenKind::Byte,
        _ => TokenKind::Normal,
    }
}

fn array<'a>(
    values: &'a HashMap<String, Value>,
    key: &'static str,
) -> Result<Option<&'a [Value]>, Error> {
    match values.get(key) {
        Some(Value::Array(array)) => Ok(Some(array)),
        Some(_) => Err(damaged(key, "is not a list")),
        None => Ok(None),
    }
}

fn strings<'a>(
    values: &'a HashMap<String, Value>,
    key: &'static str,
) -> Result<Option<Vec<&'a str>>, Error> {
    let Some(array) = array(values, key)? else { return Ok(None) };
    let strings = array.iter().map(|value| match value {
        Value::String(text) => Ok(text.as_str()),
        _ => Err(damaged(key, "holds something that is not text")),
    });
    strings.collect::<Result<_, _>>().map(Some)
}

fn damaged(key: &'static str, problem: impl Into<String>) -> Error {
    Failure::Damaged { key, problem: problem.into() }.into()
}
