use std::sync::Arc;

use foretoken_core::{Detokenizer, Token};

use super::vocabulary::{TokenKind, Vocabulary};

/// Turns tokens into text as they come.
///
/// The pieces it hands out are whole characters: the bytes of one that is not complete yet wait for
/// the next token. All pieces together, [`flush`](Self::flush) included, are what
/// [`Tokenizer::decode`](super::Tokenizer::decode) gives for all tokens together. A step costs
/// time in proportion to the token's own bytes, however many came before.
///
/// From [`Tokenizer::incremental_decoder`](super::Tokenizer::incremental_decoder).
#[derive(Debug, Clone)]
pub struct IncrementalDecoder {
    vocabulary: Arc<Vocabulary>,
    /// The beginning of a character: at most three bytes.
    pending: Vec<u8>,
}

impl IncrementalDecoder {
    pub(super) fn new(vocabulary: Arc<Vocabulary>) -> Self {
        Self { vocabulary, pending: Vec::new() }
    }

    /// The text that this token completes, if any. Control tokens and ids outside the vocabulary
    /// have none; bytes that cannot be a character become U+FFFD.
    pub fn push(&mut self, token: u32) -> Option<String> {
        if self.vocabulary.kind(token) == Some(TokenKind::Control) {
            return None;
        }
        self.pending.extend_from_slice(self.vocabulary.bytes(token));
        let mut text = String::new();
        let mut complete = 0;
        for chunk in self.pending.utf8_chunks() {
            text.push_str(chunk.valid());
            complete += chunk.valid().len();
            if !chunk.invalid().is_empty() {
                if is_incomplete(chunk.invalid(), self.pending.len() - complete) {
                    break;
                }
                text.push(char::REPLACEMENT_CHARACTER);
                complete += chunk.invalid().len();
            }
        }
        self.pending.drain(..complete);
        (!text.is_empty()).then_some(text)
    }

    /// Ends the text: bytes still waiting for the rest of their character become U+FFFD.
    /// The decoder can then begin another text.
    pub fn flush(&mut self) -> Option<String> {
        let waited = !self.pending.is_empty();
        self.pending.clear();
        waited.then(|| char::REPLACEMENT_CHARACTER.to_string())
    }
}

impl Detokenizer for IncrementalDecoder {
    fn push(&mut self, token: Token) -> String {
        Self::push(self, token).unwrap_or_default()
    }

    fn finish(&mut self) -> String {
        self.flush().unwrap_or_default()
    }
}

/// Whether an invalid sequence is the beginning of a character cut off by the end of the text,
/// `remaining` bytes of which begin with the sequence.
fn is_incomplete(invalid: &[u8], remaining: usize) -> bool {
    invalid.len() == remaining
        && std::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none())
}
