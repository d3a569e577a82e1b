//! Outputs that obey a JSON schema, a regular expression or a grammar.

pub use foretoken_grammar::*;

/// The texts of a tokenizer's tokens, with its own way to cut a text into them.
///
/// # Errors
///
/// If no token has a text.
#[cfg(feature = "candle")]
pub fn vocabulary(tokenizer: &crate::candle::Tokenizer) -> Result<Vocabulary, GrammarError> {
    use crate::candle::Special;

    let tokens = 0..tokenizer.vocabulary_size() as u32;
    let text = |token| if tokenizer.is_text(token) { tokenizer.token_bytes(token) } else { &[] };
    let own = tokenizer.clone();
    Vocabulary::new(tokens.map(text))?
        .with_encoder(move |text| own.encode(text, Special::NONE).unwrap_or_default())
}
