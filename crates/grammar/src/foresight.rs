//! Guesses at text that a grammar forces.

use foretoken_core::{Context, Token};

use crate::Vocabulary;
use crate::matching::Matching;

/// The chance of a token in the middle of forced text: the model may cut the
/// text in another way.
const INNER: f32 = 0.9;

/// The chance of the last token of forced text: it may go on beyond that text.
const LAST: f32 = 0.6;

/// The tokens that are likely to follow the path: forced text, cut as the
/// model's tokenizer does it. A token has the chance 1 only if no other is
/// allowed.
pub(crate) fn foresee(
    matching: &mut Matching,
    context: &Context<'_>,
    most: usize,
) -> Vec<(Token, f32)> {
    let path = context.emitted();
    let text = matching.forced(path);
    if text.is_empty() {
        let ends = context.end_of_sequence.as_slice();
        return match ends {
            &[end] if matching.is_complete() && most > 0 => vec![(end, 1.0)],
            _ => Vec::new(),
        };
    }
    let vocabulary = matching.vocabulary();
    let tokens = cut(vocabulary, path.last().copied(), &text);
    let mut rest = text.as_slice();
    let mut chain = Vec::new();
    for token in tokens.into_iter().take(most) {
        let chance = if only(vocabulary, rest, token) {
            1.0
        } else if vocabulary.text(token).len() < rest.len() {
            INNER
        } else {
            LAST
        };
        rest = &rest[vocabulary.text(token).len()..];
        chain.push((token, chance));
    }
    chain
}

/// Whether no other token than `token` is allowed where `text` is forced.
fn only(vocabulary: &Vocabulary, text: &[u8], token: Token) -> bool {
    let trie = vocabulary.trie();
    let fitting = trie.all_prefixes(text);
    vocabulary.twins().is_empty() && fitting == [token] && !trie.has_extensions(text)
}

/// Cuts a text that follows `before` into tokens.
fn cut(vocabulary: &Vocabulary, before: Option<Token>, text: &[u8]) -> Vec<Token> {
    let before = before.map_or(&[][..], |token| vocabulary.text(token));
    let mut tokens = together(vocabulary, before, text)
        .or_else(|| together(vocabulary, &[], text))
        .unwrap_or_default();
    // What the encoder has not cut: all, or the beginning of a character.
    let done = tokens.iter().map(|&token| vocabulary.text(token).len()).sum();
    tokens.extend(vocabulary.trie().greedy_tokenize(&text[done..]));
    tokens
}

/// Cuts `before` and `text` together, as the model's own tokenizer does it, and
/// returns the tokens of `text`, if one begins there. They spell `text` but for
/// an incomplete character at its end.
fn together(vocabulary: &Vocabulary, before: &[u8], text: &[u8]) -> Option<Vec<Token>> {
    let whole = [before, text].concat();
    let whole = match std::str::from_utf8(&whole) {
        Ok(whole) => whole,
        Err(error) => std::str::from_utf8(&whole[..error.valid_up_to()]).ok()?,
    };
    let tokens = vocabulary.encode(whole)?;
    let spelled: usize = tokens.iter().map(|&token| vocabulary.text(token).len()).sum();
    // Some tokenizers put a space before a text.
    let start = before.len() + spelled.checked_sub(whole.len())?;
    let mut read = 0;
    let skipped = tokens.iter().take_while(|&&token| {
        let inside = read < start;
        read += if inside { vocabulary.text(token).len() } else { 0 };
        inside
    });
    let first = skipped.count();
    let own = tokens.get(first..)?.to_vec();
    let spelled: Vec<u8> = own.iter().flat_map(|&token| vocabulary.text(token)).copied().collect();
    (read == start && text.starts_with(&spelled) && !own.is_empty()).then_some(own)
}
