//! Tokenizers from `tokenizer.json`, with what the files beside it say about special tokens.

use std::{
    collections::{BTreeSet, HashMap},
    panic::{self, AssertUnwindSafe},
    path::Path,
};

use serde::Deserialize;
use serde_json::Value;
use tokenizers::Tokenizer;

use super::{
    Failure,
    pipeline::Pipeline,
    vocabulary::{Spelling, TokenKind, Vocabulary, byte_value},
};
use crate::error::{Error, Kind, read_json};

/// Ids are positions in a list: this bounds how many of them may have no token.
const MOST_UNUSED: u32 = 1 << 16;

/// What a `tokenizer.json` and its neighbours hold.
pub(super) struct Hub {
    pub(super) encoder: Pipeline,
    pub(super) vocabulary: Vocabulary,
    /// What the post-processor puts before a text, and after it.
    pub(super) affixes: (Vec<u32>, Vec<u32>),
    pub(super) bos: Option<u32>,
    pub(super) eos: BTreeSet<u32>,
}

impl Hub {
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let invalid = |problem: String| Failure::TokenizerFile {
            path: path.display().to_string(),
            problem: problem.replace('\n', " "),
        };
        let bytes =
            std::fs::read(path).map_err(|source| Kind::Read { path: path.to_owned(), source })?;
        let mut stages = stages(&bytes).map_err(invalid)?;
        stages.with_padding(None);
        stages.with_truncation(None).map_err(|error| invalid(error.to_string()))?;

        let vocabulary = vocabulary(&stages, spelling(&stages, path)?)
            .ok_or_else(|| invalid("its token ids are not a compact list from 0".to_owned()))?;
        let affixes = affixes(&stages).map_err(invalid)?;
        let named = NamedTokens::beside(path)?;
        let id = |text: &String| stages.token_to_id(text);
        let bos = named.bos.as_ref().and_then(id).or_else(|| affixes.0.first().copied());
        let mut eos: BTreeSet<u32> = named.eos.iter().filter_map(id).collect();
        eos.extend(named.eos_ids);
        Ok(Self { encoder: Pipeline::new(stages), vocabulary, affixes, bos, eos })
    }
}

/// The stages that a `tokenizer.json` describes.
///
/// The tokenizers crate takes for granted that parts of the document can be read, so it is read once before, and a panic
/// that is left counts as an error.
fn stages(bytes: &[u8]) -> Result<Tokenizer, String> {
    std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let document: Document = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if has_type(&document.normalizer, "Precompiled") {
        return Err(
            "its normalizer is precompiled, which no model that can be run here has".to_owned()
        );
    }
    careful(|| Tokenizer::from_bytes(bytes))
}

/// What is looked at before the tokenizers crate sees it.
#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    normalizer: Value,
}

/// Whether a part of a tokenizer is of a type, or has such a part. Tables that are precompiled are read without any check.
fn has_type(part: &Value, name: &str) -> bool {
    match part {
        Value::Array(parts) => parts.iter().any(|part| has_type(part, name)),
        Value::Object(fields) => {
            part["type"] == name || fields.values().any(|part| has_type(part, name))
        }
        _ => false,
    }
}

/// What the tokenizers crate makes of a document that nobody has checked: a panic counts as an error.
fn careful<T>(work: impl FnOnce() -> Result<T, tokenizers::Error>) -> Result<T, String> {
    panic::catch_unwind(AssertUnwindSafe(|| work().map_err(|error| error.to_string())))
        .unwrap_or_else(|_| Err("it describes no tokenizer".to_owned()))
}

/// How the vocabulary spells bytes, told by the decoder that undoes it.
fn spelling(stages: &Tokenizer, path: &Path) -> Result<Spelling, Error> {
    let kinds = decoder_parts(&serde_json::to_value(stages.get_decoder()).unwrap_or_default());
    spelling_of(&kinds).ok_or_else(|| {
        let found = if kinds.is_empty() { "none".to_owned() } else { kinds.join(" + ") };
        Failure::UnknownDecoder { path: path.display().to_string(), found }.into()
    })
}

/// The types of the parts of a decoder.
pub(super) fn decoder_parts(decoder: &Value) -> Vec<String> {
    let parts = match decoder.get("decoders") {
        Some(Value::Array(parts)) => parts.as_slice(),
        _ => std::slice::from_ref(decoder),
    };
    let kinds = parts.iter().filter_map(|part| part["type"].as_str());
    kinds.map(|kind| kind.escape_debug().to_string()).collect()
}

/// The spelling that a decoder of such parts undoes.
pub(super) fn spelling_of(parts: &[String]) -> Option<Spelling> {
    let has = |kind: &str| parts.iter().any(|part| part == kind);
    if has("ByteLevel") {
        Some(Spelling::ByteLevel)
    } else if has("Metaspace") || has("ByteFallback") {
        Some(Spelling::SentencePiece)
    } else {
        None
    }
}

/// All tokens by id; ids that no token has stay empty. `None` if the ids are absurd.
fn vocabulary(stages: &Tokenizer, spelling: Spelling) -> Option<Vocabulary> {
    let pieces: HashMap<u32, String> =
        stages.get_vocab(true).into_iter().map(|(piece, id)| (id, piece)).collect();
    let added = stages.get_added_vocabulary().get_added_tokens_decoder();
    let size = pieces.keys().max()?.checked_add(1)?;
    if size > (pieces.len() as u32).saturating_mul(2).saturating_add(MOST_UNUSED) {
        return None;
    }
    let tokens = (0..size).map(|id| {
        let piece = pieces.get(&id).map_or("", String::as_str);
        let kind = match added.get(&id) {
            Some(token) if token.special => TokenKind::Control,
            Some(_) => TokenKind::UserDefined,
            None if piece.is_empty() => TokenKind::Unused,
            None if spelling == Spelling::SentencePiece && byte_value(piece).is_some() => {
                TokenKind::Byte
            }
            None => TokenKind::Normal,
        };
        (piece, kind)
    });
    Some(Vocabulary::new(spelling, tokens))
}

/// What the post-processor adds around a text, found by looking at a short one.
fn affixes(stages: &Tokenizer) -> Result<(Vec<u32>, Vec<u32>), String> {
    let processor = serde_json::to_value(stages.get_post_processor()).unwrap_or_default();
    if let Some(token) = undefined_special(&processor) {
        return Err(format!("its post-processor adds {token:?}, which it does not define"));
    }
    let bare = careful(|| stages.encode_fast("a", false))?;
    let full = careful(|| stages.encode_fast("a", true))?;
    let (bare, full) = (bare.get_ids(), full.get_ids());
    let start = full.windows(bare.len().max(1)).position(|window| window == bare).unwrap_or(0);
    let end = full.len().min(start + bare.len());
    Ok((full[..start].to_vec(), full[end..].to_vec()))
}

/// A special token that a template of the post-processor adds and does not define.
fn undefined_special(processor: &Value) -> Option<String> {
    if let Value::Array(parts) = &processor["processors"] {
        return parts.iter().find_map(undefined_special);
    }
    let pieces = ["single", "pair"].into_iter().filter_map(|name| processor[name].as_array());
    let added = pieces.flatten().filter_map(|piece| piece["SpecialToken"]["id"].as_str());
    let mut undefined = added.filter(|id| processor["special_tokens"].get(id).is_none());
    undefined.next().map(str::to_owned)
}

/// The special tokens that the files beside a `tokenizer.json` name.
#[derive(Debug, Default)]
struct NamedTokens {
    bos: Option<String>,
    eos: Option<String>,
    eos_ids: Vec<u32>,
}

impl NamedTokens {
    /// From `tokenizer_config.json`, `generation_config.json` and `config.json`, where they exist.
    fn beside(path: &Path) -> Result<Self, Error> {
        let mut named = Self::default();
        let neighbour = |name: &str| {
            let path = path.with_file_name(name);
            if path.is_file() { read_json(&path) } else { Ok(Value::Null) }
        };
        let config = neighbour("tokenizer_config.json")?;
        named.bos = token_text(&config["bos_token"]);
        named.eos = token_text(&config["eos_token"]);
        for name in ["generation_config.json", "config.json"] {
            named.eos_ids.extend(token_ids(&neighbour(name)?["eos_token_id"]));
        }
        Ok(named)
    }
}

/// A special token is its text, or an object with its text as `content`.
pub(crate) fn token_text(value: &Value) -> Option<String> {
    value.as_str().or_else(|| value["content"].as_str()).map(str::to_owned)
}

/// One id or a list of them.
fn token_ids(value: &Value) -> Vec<u32> {
    let ids = match value {
        Value::Array(ids) => ids.as_slice(),
        id => std::slice::from_ref(id),
    };
    ids.iter().filter_map(Value::as_u64).filter_map(|id| u32::try_from(id).ok()).collect()
}
