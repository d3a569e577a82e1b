use std::collections::HashMap;

use super::vocabulary::{TokenKind, Vocabulary};

/// Finds special tokens in a text: a trie over their bytes.
#[derive(Debug)]
pub(super) struct SpecialTokens {
    /// From a node and a byte to the next node; node 0 is the root.
    edges: HashMap<(u32, u8), u32>,
    /// For each node, the token whose text ends there, and whether it is a control token.
    ends: Vec<Option<(u32, bool)>>,
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fragment<'t> {
    /// A special token, by its text.
    Special(u32),
    /// What lies between special tokens; never empty.
    Text(&'t str),
}

impl SpecialTokens {
    pub(super) fn new(vocabulary: &Vocabulary) -> Self {
        let mut tokens = Self { edges: HashMap::new(), ends: vec![None] };
        for (id, text) in vocabulary.specials().filter(|(_, text)| !text.is_empty()) {
            let mut node = 0;
            for &byte in text {
                let new = tokens.ends.len() as u32;
                node = *tokens.edges.entry((node, byte)).or_insert(new);
                if node == new {
                    tokens.ends.push(None);
                }
            }
            let control = vocabulary.kind(id) == Some(TokenKind::Control);
            tokens.ends[node as usize].get_or_insert((id, control));
        }
        tokens
    }

    /// Cuts a text at its special tokens, leftmost first, the longest of those that begin at one
    /// place. Control tokens count only if `control`; tokens defined by their text always do.
    pub(super) fn split<'t>(&self, text: &'t str, control: bool) -> Vec<Fragment<'t>> {
        let mut fragments = Vec::new();
        let (mut start, mut position) = (0, 0);
        while position < text.len() {
            let Some((id, length)) = self.longest(&text.as_bytes()[position..], control) else {
                position += 1;
                continue;
            };
            if start < position {
                fragments.push(Fragment::Text(&text[start..position]));
            }
            fragments.push(Fragment::Special(id));
            position += length;
            start = position;
        }
        if start < text.len() {
            fragments.push(Fragment::Text(&text[start..]));
        }
        fragments
    }

    /// The longest special token that `bytes` begin with, and its length.
    ///
    /// Token texts are whole characters, so a match in UTF-8 begins and ends between characters.
    fn longest(&self, bytes: &[u8], control: bool) -> Option<(u32, usize)> {
        let (mut node, mut best) = (0, None);
        for (index, &byte) in bytes.iter().enumerate() {
            let Some(&next) = self.edges.get(&(node, byte)) else { break };
            node = next;
            match self.ends[node as usize] {
                Some((id, is_control)) if control || !is_control => best = Some((id, index + 1)),
                _ => {}
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::{super::vocabulary::Spelling, *};
    use Fragment::{Special, Text};
    use TokenKind::{Control, Normal, UserDefined};

    #[test]
    fn splits_at_the_longest_leftmost_token() {
        let tokens = [
            ("<a>", Control),
            ("  ", UserDefined),
            ("   ", UserDefined),
            ("x", Normal),
            ("é<", UserDefined),
            ("", Control),
        ];
        let vocabulary = Vocabulary::new(Spelling::SentencePiece, tokens.into_iter());
        let specials = SpecialTokens::new(&vocabulary);
        let split = |text, control| specials.split(text, control);
        assert_eq!(split("x<a>y", true), [Text("x"), Special(0), Text("y")]);
        assert_eq!(split("x<a>y", false), [Text("x<a>y")]);
        assert_eq!(split("     <a>", true), [Special(2), Special(1), Special(0)]);
        assert_eq!(split("è<é<a>", true), [Text("è<"), Special(4), Text("a>")]);
        assert_eq!(split("", true), []);
    }
}
