//! Text to tokens and back.
//!
//! A [`Tokenizer`] is built from what ships with a model: the metadata of a GGUF file, or a
//! `tokenizer.json`. Byte-level vocabularies (`gpt2`: Llama 3, Qwen, `SmolLM` and most others) and
//! `SentencePiece` ones (`llama`: Llama 2, Gemma) are known.
//!
//! Decoding is context-free: the text of a list of tokens is the texts of its tokens put together,
//! so that a streaming reader, the [`IncrementalDecoder`], sees what a later reader of the whole
//! sees.

mod byte_level;
mod eos;
mod failure;
mod hub;
mod incremental;
mod kind;
mod metadata;
mod pipeline;
mod pretokenizer;
mod sentencepiece;
mod special;
mod vocabulary;

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    path::Path,
    sync::Arc,
};

use candle_core::quantized::gguf_file::Value;

pub(crate) use failure::Failure;
pub(crate) use hub::token_text;
pub use incremental::IncrementalDecoder;
pub use kind::TokenizerKind;

use crate::error::Error;
use hub::Hub;
use metadata::Metadata;
use pipeline::Pipeline;
use pretokenizer::PreTokenizer;
use sentencepiece::SentencePiece;
use vocabulary::{Spelling, TokenKind, Vocabulary};

/// Vocabulary types of GGUF files that can be read.
const KNOWN_MODELS: &[&str] = &["gpt2", "llama"];

/// What [`Tokenizer::encode`] does about special tokens.
///
/// Control tokens steer the model (`<|im_start|>`), so text from a stranger should not be able to
/// spell them. Tokens that are merely defined by their text (`<tool_call>`, runs of spaces) are
/// always recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Special {
    /// Whether a control token spelled out in the text becomes that token; otherwise it is
    /// ordinary text.
    pub parse: bool,
    /// Whether the text is put between the tokens that begin and end a sequence, as far as the
    /// model's files ask for them. A beginning that the text already has is not repeated.
    pub add: bool,
}

impl Special {
    /// Text alone: nothing recognised, nothing added.
    pub const NONE: Self = Self { parse: false, add: false };
    /// Control tokens recognised, nothing added: for a part of a prompt.
    pub const PARSE: Self = Self { parse: true, add: false };
    /// The text of a whole prompt, taken literally.
    pub const ADD: Self = Self { parse: false, add: true };
    /// A whole prompt that spells its own control tokens, such as a rendered chat template.
    pub const ALL: Self = Self { parse: true, add: true };
}

/// A model's vocabulary, and how text is cut into it.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use candle_core::quantized::gguf_file;
/// use foretoken_candle::tokenizer::{Special, Tokenizer};
///
/// let content = gguf_file::Content::read(&mut std::fs::File::open("model.gguf")?)?;
/// let tokenizer = Tokenizer::from_gguf(&content.metadata)?;
/// let ids = tokenizer.encode("Once upon a time", Special::ADD)?;
/// assert_eq!(tokenizer.decode(&ids), "Once upon a time");
/// # Ok(())
/// # }
/// ```
///
/// Clones share everything but a few numbers.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    encoder: Arc<Encoder>,
    vocabulary: Arc<Vocabulary>,
    prefix: Vec<u32>,
    suffix: Vec<u32>,
    bos: Option<u32>,
    eos: BTreeSet<u32>,
}

#[derive(Debug)]
enum Encoder {
    Pipeline(Box<Pipeline>),
    SentencePiece(SentencePiece),
}

impl Tokenizer {
    /// The tokenizer in a GGUF file's metadata (the `tokenizer.ggml.*` keys).
    ///
    /// # Errors
    /// Keys missing or contradicting each other; a vocabulary type or a pre-tokenizer that is not
    /// known, since a guess would feed the model tokens that it was not trained on.
    pub fn from_gguf(metadata: &HashMap<String, Value>) -> Result<Self, Error> {
        let metadata = &Metadata::new(metadata)?;
        let pieces = || metadata.tokens.iter().copied().zip(metadata.kinds.iter().copied());
        let (encoder, vocabulary, add_bos) = match metadata.model()? {
            "gpt2" => {
                let splits = PreTokenizer::by_name(metadata.pre_tokenizer()?)?;
                let encoder = byte_level::encoder(metadata, splits)?;
                let vocabulary = Vocabulary::new(Spelling::ByteLevel, pieces());
                (Encoder::Pipeline(Box::new(encoder)), vocabulary, splits.add_bos)
            }
            "llama" => {
                let vocabulary = Vocabulary::new(Spelling::SentencePiece, pieces());
                let encoder = SentencePiece::new(metadata, &vocabulary)?;
                (Encoder::SentencePiece(encoder), vocabulary, true)
            }
            other => return Err(Failure::UnknownModel(other.to_owned()).into()),
        };
        let bos = metadata.id("bos_token_id");
        let eos = metadata.id("eos_token_id");
        let add_bos = metadata.flag("add_bos_token").unwrap_or(add_bos);
        let add_eos = metadata.flag("add_eos_token").unwrap_or(false);
        let ends = ["eot_token_id", "eom_token_id"].into_iter().filter_map(|key| metadata.id(key));
        Ok(Self {
            encoder: Arc::new(encoder),
            prefix: bos.filter(|_| add_bos).into_iter().collect(),
            suffix: eos.filter(|_| add_eos).into_iter().collect(),
            bos,
            eos: eos.into_iter().chain(ends).chain(eos::known_ends(&vocabulary)).collect(),
            vocabulary: Arc::new(vocabulary),
        })
    }

    /// The tokenizer in a `tokenizer.json`.
    ///
    /// Which tokens begin and end a sequence is read from `tokenizer_config.json`,
    /// `generation_config.json` and `config.json` beside it, where they exist.
    ///
    /// # Errors
    /// A file that cannot be read, is no tokenizer, or holds a vocabulary that is neither
    /// byte-level nor `SentencePiece`.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        let Hub { encoder, vocabulary, affixes: (prefix, suffix), bos, mut eos } =
            Hub::read(path.as_ref())?;
        eos.extend(eos::known_ends(&vocabulary));
        eos.retain(|&id| (id as usize) < vocabulary.len());
        let vocabulary = Arc::new(vocabulary);
        Ok(Self {
            encoder: Arc::new(Encoder::Pipeline(Box::new(encoder))),
            vocabulary,
            prefix,
            suffix,
            bos,
            eos,
        })
    }

    /// The tokens of a text.
    ///
    /// # Errors
    /// A text that the vocabulary cannot express; byte-level vocabularies, and those with tokens
    /// for single bytes, express every text.
    pub fn encode(&self, text: &str, special: Special) -> Result<Vec<u32>, Error> {
        let mut ids = if special.add { self.prefix.clone() } else { Vec::new() };
        let prefix = ids.len();
        match &*self.encoder {
            Encoder::Pipeline(pipeline) => pipeline.encode(text, special.parse, &mut ids)?,
            Encoder::SentencePiece(pieces) => pieces.encode(text, special.parse, &mut ids),
        }
        if prefix > 0 && ids[prefix..].starts_with(&self.prefix) {
            ids.drain(..prefix);
        }
        if special.add {
            ids.extend(&self.suffix);
        }
        Ok(ids)
    }

    /// The text of these tokens, as a reader should see it: control tokens are left out.
    ///
    /// Bytes that are no characters become U+FFFD; ids outside the vocabulary have no text.
    pub fn decode(&self, ids: &[u32]) -> String {
        let shown = ids.iter().filter(|&&id| !self.is_control(id));
        self.join(shown)
    }

    /// The text of these tokens with control tokens spelled out, as [`encode`](Self::encode) reads
    /// it.
    pub fn decode_verbatim(&self, ids: &[u32]) -> String {
        self.join(ids.iter())
    }

    fn join<'a>(&self, ids: impl Iterator<Item = &'a u32>) -> String {
        let bytes: Vec<u8> = ids.flat_map(|&id| self.vocabulary.bytes(id)).copied().collect();
        String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    /// A decoder for tokens that come one at a time; control tokens have no text in it.
    pub fn incremental_decoder(&self) -> IncrementalDecoder {
        IncrementalDecoder::new(Arc::clone(&self.vocabulary))
    }

    /// The bytes that a token stands for: not always whole characters. Empty for an id outside the
    /// vocabulary.
    pub fn token_bytes(&self, id: u32) -> &[u8] {
        self.vocabulary.bytes(id)
    }

    /// The text that a token stands for, with U+FFFD for bytes that are no whole character.
    pub fn token_text(&self, id: u32) -> Cow<'_, str> {
        String::from_utf8_lossy(self.token_bytes(id))
    }

    /// Whether a token steers the model instead of being text; no for an id outside the vocabulary.
    pub fn is_control(&self, id: u32) -> bool {
        self.vocabulary.kind(id) == Some(TokenKind::Control)
    }

    /// Whether a token is a piece of text: it neither steers the model nor ends a sequence, and it
    /// is not a stand-in for text that no token covers, nor an id that is never used.
    pub fn is_text(&self, id: u32) -> bool {
        let kind = self.vocabulary.kind(id);
        matches!(kind, Some(TokenKind::Normal | TokenKind::UserDefined | TokenKind::Byte))
            && !self.eos.contains(&id)
    }

    /// How many ids the vocabulary has; a model may compute logits for some more.
    pub fn vocabulary_size(&self) -> usize {
        self.vocabulary.len()
    }

    /// The token that begins a sequence, if the files name one: whether or not prompts get it.
    pub fn bos_id(&self) -> Option<u32> {
        self.bos
    }

    /// The tokens that [`Special::add`] puts before a text; often none.
    pub fn prefix(&self) -> &[u32] {
        &self.prefix
    }

    /// The tokens that end a sequence: those the files name, and those known to end a turn
    /// (`<|im_end|>`, `<end_of_turn>`, `<|eot_id|>`, ...) that the vocabulary has.
    pub fn eos_ids(&self) -> &BTreeSet<u32> {
        &self.eos
    }
}
