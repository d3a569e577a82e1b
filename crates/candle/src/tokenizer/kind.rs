use std::fmt;

use candle_core::quantized::gguf_file::Value;

use super::hub::{decoder_parts, spelling_of};
use crate::{
    error::{Error, read_json},
    tokenizer::vocabulary::Spelling,
    weights::Configuration,
};

/// How a model's text becomes tokens, as far as its files say without being loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenizerKind {
    /// Byte-level byte-pair encoding.
    ByteLevel {
        /// How text is split before, as GGUF files name it: `qwen2`, `llama-bpe`.
        splits: Option<String>,
    },
    /// `SentencePiece`.
    SentencePiece,
    /// Something that cannot be used here, by its name in the file.
    Unknown(String),
}

impl TokenizerKind {
    /// What the files of a model say; `None` if they have no tokenizer.
    pub(crate) fn of(configuration: &Configuration) -> Result<Option<Self>, Error> {
        match configuration {
            Configuration::Gguf(metadata) => {
                let text = |key: &str| match metadata.get(key) {
                    Some(Value::String(text)) => Some(text.escape_debug().to_string()),
                    _ => None,
                };
                let splits = text("tokenizer.ggml.pre");
                Ok(text("tokenizer.ggml.model").map(|model| match model.as_str() {
                    "gpt2" => Self::ByteLevel { splits },
                    "llama" => Self::SentencePiece,
                    _ => Self::Unknown(model),
                }))
            }
            Configuration::HuggingFace { folder, .. } => {
                let path = folder.join("tokenizer.json");
                if !path.is_file() {
                    return Ok(None);
                }
                let parts = decoder_parts(&read_json(&path)?["decoder"]);
                Ok(Some(match spelling_of(&parts) {
                    Some(Spelling::ByteLevel) => Self::ByteLevel { splits: None },
                    Some(Spelling::SentencePiece) => Self::SentencePiece,
                    None => Self::Unknown(parts.join(" + ")),
                }))
            }
        }
    }
}

impl fmt::Display for TokenizerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByteLevel { splits: None } => f.write_str("byte-level BPE"),
            Self::ByteLevel { splits: Some(name) } => write!(f, "byte-level BPE ({name})"),
            Self::SentencePiece => f.write_str("SentencePiece"),
            Self::Unknown(name) => write!(f, "{name} (not supported)"),
        }
    }
}
