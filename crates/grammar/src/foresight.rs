//! Guesses at text that a grammar forces.

use std::collections::HashMap;

use foretoken_core::{Context, Token};

use crate::Vocabulary;
use crate::matching::Matching;

/// The chance of a token in the middle of forced text: the model may cut the
/// text in another way.
const INNER: f32 = 0.9;

/// The chance of the last token of forced text: it may go on beyond that text.
const LAST: f32 = 0.6;

/// Guesses at forced text, and what is known of how the model cuts it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Foresight {
    /// The token that came instead of one that was guessed, the last time.
    habits: HashMap<Token, Token>,
    /// The last guess, and how long the path was before it.
    guess: Vec<Token>,
    at: usize,
}

impl Foresight {
    /// The tokens that are likely to follow the path: forced text, cut as the
    /// model's tokenizer does it, or as the model itself did. A token has the
    /// chance 1 only if no other is allowed.
    pub(crate) fn foresee(
        &mut self,
        matching: &mut Matching,
        context: &Context<'_>,
        most: usize,
    ) -> Vec<(Token, f32)> {
        let path = context.emitted();
        self.learn(path);
        let text = matching.forced(path);
        if text.is_empty() {
            let ends = context.end_of_sequence.as_slice();
            return match ends {
                &[end] if matching.is_complete() && most > 0 => vec![(end, 1.0)],
                _ => Vec::new(),
            };
        }
        let vocabulary = matching.vocabulary();
        let mut rest = text.as_slice();
        let mut chain = Vec::new();
        for token in self.cut(vocabulary, path.last().copied(), &text).into_iter().take(most) {
            let length = vocabulary.text(token).len();
            let chance = if only(vocabulary, rest, token) {
                1.0
            } else if length < rest.len() {
                INNER
            } else {
                LAST
            };
            rest = &rest[length..];
            chain.push((token, chance));
        }
        self.guess = chain.iter().map(|&(token, _)| token).collect();
        self.at = path.len();
        chain
    }

    /// Compares the last guess with what came.
    fn learn(&mut self, path: &[Token]) {
        let came = path.get(self.at..).unwrap_or_default();
        let differing = self.guess.iter().zip(came).find(|(guess, came)| guess != came);
        if let Some((&guess, &came)) = differing {
            // What was a habit is none any more.
            match self.habits.iter().find(|&(_, &habit)| habit == guess) {
                Some((&usual, _)) => self.habits.remove(&usual),
                None => self.habits.insert(guess, came),
            };
        }
        self.guess.clear();
    }

    /// Cuts a text that follows `before` into tokens that spell it.
    fn cut(&self, vocabulary: &Vocabulary, before: Option<Token>, text: &[u8]) -> Vec<Token> {
        let (mut before, mut rest) = (before, text);
        let mut cut: Vec<Token> = Vec::new();
        'again: loop {
            for usual in usual_cut(vocabulary, before, rest) {
                let habit = self.habits.get(&usual).copied();
                let habit = habit.filter(|&habit| {
                    let text = vocabulary.text(habit);
                    !text.is_empty() && rest.starts_with(text)
                });
                let token = habit.unwrap_or(usual);
                cut.push(token);
                rest = &rest[vocabulary.text(token).len()..];
                if habit.is_some() {
                    before = habit;
                    continue 'again;
                }
            }
            return cut;
        }
    }
}

/// Whether no other token than `token` is allowed where `text` is forced.
fn only(vocabulary: &Vocabulary, text: &[u8], token: Token) -> bool {
    let trie = vocabulary.trie();
    let fitting = trie.all_prefixes(text);
    vocabulary.twins().is_empty() && fitting == [token] && !trie.has_extensions(text)
}

/// Cuts a text that follows `before` into tokens, as the tokenizer does it.
fn usual_cut(vocabulary: &Vocabulary, before: Option<Token>, text: &[u8]) -> Vec<Token> {
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
    let pieces = own.iter().all(|&token| !vocabulary.text(token).is_empty());
    (read == start && text.starts_with(&spelled) && pieces).then_some(own)
}

#[cfg(test)]
mod tests {
    use foretoken_core::{Constraint, TokenSet};

    use super::*;
    use crate::Grammar;

    const TEXTS: [&str; 8] = ["", "n", "na", "me", "\":\"", "\":", "\"", "ame"];

    fn chain(grammar: &mut Grammar, path: &[Token]) -> Vec<Token> {
        let ends: TokenSet = [0].into_iter().collect();
        let history = [&[1], path].concat();
        let context = Context::new(&history, 1, TEXTS.len(), &ends);
        grammar.foresee(&context, 9).into_iter().map(|(token, _)| token).collect()
    }

    #[test]
    fn forced_text_is_cut_as_the_model_cuts_it() {
        let encode = |text: &str| match text {
            "name\":\"" => vec![2, 3, 4],
            "\"name\":\"" => vec![6, 2, 3, 4],
            "\"" => vec![6],
            _ => Vec::new(),
        };
        let vocabulary = Vocabulary::new(TEXTS).unwrap().with_encoder(encode).unwrap();
        let mut grammar = Grammar::regex("(name\":\"n?\"){2}", &vocabulary).unwrap();
        // The encoder's cut, and after another token came the longest that fits.
        assert_eq!(chain(&mut grammar, &[]), [2, 3, 4]);
        assert_eq!(chain(&mut grammar, &[2, 3, 5]), [6]);
        // The model goes on as it did, up to where it does not.
        let path = [2, 3, 5, 6, 1, 6];
        assert_eq!(chain(&mut grammar, &path)[..3], [2, 3, 5]);
        let path = [2, 3, 5, 6, 1, 6, 2, 3, 4];
        assert!(chain(&mut grammar, &path).is_empty());
        assert_eq!(chain(&mut grammar, &[2, 3, 5, 6, 1, 6]), [2, 3, 4]);
        // At the end there is no choice.
        assert_eq!(chain(&mut grammar, &[2, 3, 4, 1, 6, 2, 3, 4, 1, 6]), [0]);
    }

    #[test]
    fn the_cut_heeds_the_token_before_and_ends_in_whole_characters() {
        let encode = |text: &str| text.bytes().map(|byte| Token::from(byte == b'b')).collect();
        let vocabulary = Vocabulary::new(["a", "b", "ab", "\u{e9}"]).unwrap();
        let vocabulary = vocabulary.with_encoder(encode).unwrap();
        assert_eq!(usual_cut(&vocabulary, Some(0), b"bab"), [1, 0, 1]);
        // This encoder cannot spell the character; the longest tokens do.
        assert_eq!(usual_cut(&vocabulary, None, "ab\u{e9}".as_bytes()), [2, 3]);
        assert!(usual_cut(&vocabulary, None, b"").is_empty());
    }
}
