use std::hash::Hasher;

use foretoken_core::Token;

use crate::hash::Mixer;

/// The tokens of the longest context.
pub(crate) const ORDER: usize = 8;

/// The last tokens of a path, up to [`ORDER`].
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Recent {
    /// The last token first.
    tokens: [Token; ORDER],
    length: usize,
}

impl Recent {
    /// The end of `text`.
    pub(crate) fn of(text: &[Token]) -> Self {
        let mut recent = Self::default();
        for (place, &token) in recent.tokens.iter_mut().zip(text.iter().rev()) {
            *place = token;
        }
        recent.length = text.len().min(ORDER);
        recent
    }

    /// The same with `token` after it.
    pub(crate) fn followed_by(mut self, token: Token) -> Self {
        self.tokens.copy_within(..ORDER - 1, 1);
        self.tokens[0] = token;
        self.length = (self.length + 1).min(ORDER);
        self
    }

    /// The hashes of the last token, the last two tokens, and so on.
    pub(crate) fn hashes(&self) -> impl Iterator<Item = u64> + '_ {
        hashes(self.tokens[..self.length].iter())
    }
}

/// The hashes of `text`'s last token, last two tokens, and so on up to [`ORDER`].
pub(crate) fn suffix_hashes(text: &[Token]) -> impl Iterator<Item = u64> + '_ {
    hashes(text.iter().rev().take(ORDER))
}

fn hashes<'a>(backwards: impl Iterator<Item = &'a Token>) -> impl Iterator<Item = u64> {
    backwards.scan(Mixer::default(), |mixer, &token| {
        // No hash is that of a shorter context: a token adds at least 1.
        mixer.write_u64(u64::from(token) + 1);
        Some(mixer.finish())
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_path_has_the_hashes_of_its_text(
            text in prop::collection::vec(0..9u32, 0..20),
            start in 0..20usize,
        ) {
            let start = start.min(text.len());
            let follow = |recent: Recent, &token: &Token| recent.followed_by(token);
            let recent = text[start..].iter().fold(Recent::of(&text[..start]), follow);
            let hashes: Vec<u64> = recent.hashes().collect();
            prop_assert_eq!(hashes.len(), text.len().min(ORDER));
            prop_assert!(suffix_hashes(&text).eq(hashes));
        }
    }

    #[test]
    fn contexts_have_different_hashes() {
        let mut seen = HashMap::new();
        for first in 0..60 {
            for second in 0..60 {
                for third in 0..20 {
                    let text = [first, second * 1000, third << 16];
                    for (length, hash) in suffix_hashes(&text).enumerate() {
                        let context = text[2 - length..].to_vec();
                        assert_eq!(seen.entry(hash).or_insert_with(|| context.clone()), &context);
                    }
                }
            }
        }
    }
}
