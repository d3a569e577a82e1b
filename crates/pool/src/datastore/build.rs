use foretoken_core::Token;

use super::{END_OF_TEXT, NUMBER};

/// Suffixes that agree for so long are in the order of the corpus.
pub(super) const ORDERED: usize = 64;

/// The bytes of a store with these texts.
pub(super) fn index<T: AsRef<[Token]>>(texts: impl IntoIterator<Item = T>) -> Vec<u8> {
    let mut tokens: Vec<u32> = Vec::new();
    for text in texts {
        let text = text.as_ref();
        if tokens.len() + text.len() + 1 >= END_OF_TEXT as usize {
            break;
        }
        tokens.extend(text);
        tokens.push(END_OF_TEXT);
    }
    let start_of = |start: u32| {
        let start = start as usize;
        &tokens[start..tokens.len().min(start + ORDERED)]
    };
    let mut suffixes: Vec<u32> = (0..tokens.len() as u32).collect();
    suffixes.sort_by(|&left, &right| start_of(left).cmp(start_of(right)));
    let mut bytes = Vec::with_capacity(2 * tokens.len() * NUMBER);
    for number in tokens.into_iter().chain(suffixes) {
        bytes.extend(number.to_le_bytes());
    }
    bytes
}
