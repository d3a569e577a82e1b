//! The byte-level vocabulary, learned from the corpus.

use std::path::Path;

use anyhow::{Context, anyhow};
use tokenizers::{
    AddedToken, PreTokenizerWrapper, SplitDelimiterBehavior, Tokenizer,
    models::{
        TrainerWrapper,
        bpe::{BPE, BpeTrainer},
    },
    pre_tokenizers::{
        byte_level::ByteLevel,
        sequence::Sequence,
        split::{Split, SplitPattern},
    },
};

/// Stands before, between and after texts.
pub const END_OF_TEXT: &str = "<|endoftext|>";

/// Its id.
pub const END_OF_TEXT_ID: u32 = 0;

/// What GGUF files call this way of splitting: digits one by one, then as GPT-2 does.
pub const PRE_TOKENIZER: &str = "smollm";

/// Learns a vocabulary of `size` tokens.
///
/// # Errors
/// What the tokenizers library says.
pub fn learn(texts: impl Iterator<Item = String> + Send, size: usize) -> anyhow::Result<Tokenizer> {
    let digits = Split::new(
        SplitPattern::Regex(r"\p{N}".to_owned()),
        SplitDelimiterBehavior::Isolated,
        false,
    )
    .map_err(library)?;
    let bytes = ByteLevel::new(false, false, true);
    let mut tokenizer = Tokenizer::new(BPE::default());
    tokenizer.with_pre_tokenizer(Some(Sequence::new(vec![
        PreTokenizerWrapper::Split(digits),
        PreTokenizerWrapper::ByteLevel(bytes),
    ])));
    tokenizer.with_decoder(Some(bytes));
    let trainer = BpeTrainer::builder()
        .vocab_size(size)
        .min_frequency(2)
        .show_progress(false)
        .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
        .special_tokens(vec![AddedToken::from(END_OF_TEXT, true)])
        .build();
    tokenizer.train(&mut TrainerWrapper::BpeTrainer(trainer), texts).map_err(library)?;
    Ok(tokenizer)
}

/// Reads a vocabulary.
///
/// # Errors
/// What the tokenizers library says.
pub fn load(path: &Path) -> anyhow::Result<Tokenizer> {
    Tokenizer::from_file(path)
        .map_err(library)
        .with_context(|| format!("{} is no tokenizer: run `tokenizer` first", path.display()))
}

/// A text as training has it: its tokens and the end.
///
/// # Errors
/// What the tokenizers library says.
pub fn encode(tokenizer: &Tokenizer, text: &str) -> anyhow::Result<Vec<u32>> {
    let mut ids = tokenizer.encode(text, false).map_err(library)?.get_ids().to_vec();
    ids.push(END_OF_TEXT_ID);
    Ok(ids)
}

/// The library's errors are boxed: they become ours by their words.
#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn library(error: tokenizers::Error) -> anyhow::Error {
    anyhow!("{error}")
}
