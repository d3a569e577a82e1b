//! The encoder of GGUF vocabularies of type `gpt2`: byte-level byte-pair encoding.

use tokenizers::{
    AddedToken,
    models::bpe::{BPE, Vocab},
};

use super::{
    Failure, metadata::Metadata, pipeline::Pipeline, pretokenizer::PreTokenizer,
    vocabulary::TokenKind,
};
use crate::error::Error;

/// Vocabulary, merges, splits and special tokens as the file gives them. Text is not normalized:
/// files do not record a normalizer, and every text keeps its bytes.
pub(super) fn encoder(metadata: &Metadata<'_>, splits: &PreTokenizer) -> Result<Pipeline, Error> {
    let ids = (0..).zip(&metadata.tokens);
    let vocabulary: Vocab = ids.map(|(id, &token)| (token.to_owned(), id)).collect();
    let merges = metadata.merges()?;
    // The builder takes for granted that a merge is no longer than the longest token.
    let longest = metadata.tokens.iter().map(|token| token.len()).max().unwrap_or(0);
    if let Some((left, right)) = merges.iter().find(|(a, b)| a.len() + b.len() > longest) {
        return Err(damaged(&format!("join {left:?} and {right:?}, which make no token")));
    }
    let model = BPE::builder()
        .vocab_and_merges(vocabulary, merges)
        .ignore_merges(splits.whole_words)
        .build()
        .map_err(|error| damaged(&error.to_string()))?;
    let mut tokenizer = tokenizers::Tokenizer::new(model);
    tokenizer.with_pre_tokenizer(Some(splits.build()?));
    let specials = metadata.tokens.iter().zip(&metadata.kinds).filter_map(|(&token, kind)| {
        let special = match kind {
            TokenKind::Control => true,
            TokenKind::UserDefined => false,
            _ => return None,
        };
        Some(AddedToken::from(token, special).normalized(false))
    });
    tokenizer.add_tokens(specials).map_err(|error| damaged(&error.to_string()))?;
    Ok(Pipeline::new(tokenizer))
}

fn damaged(problem: &str) -> Error {
    let problem = problem.to_owned();
    Failure::Damaged { key: "tokenizer.ggml.merges", problem }.into()
}
