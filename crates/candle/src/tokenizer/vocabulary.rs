/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A piece of ordinary text.
    Normal,
    /// The stand-in for text that no token covers.
    Unknown,
    /// Steers the model (end of turn, padding); is never text.
    Control,
    /// Text that is always one token, whatever surrounds it.
    UserDefined,
    /// An id that the model never uses.
    Unused,
    /// One byte, for text that no other token covers.
    Byte,
}

/// How the pieces of a vocabulary spell bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// Every byte is one printable character, after GPT-2.
    ByteLevel,
    /// Spaces are `▁`, and `<0xE2>` is a byte.
    SentencePiece,
}

/// The bytes and the kind of every token, in two flat arrays.
#[derive(Debug)]
pub(super) struct Vocabulary {
    bytes: Vec<u8>,
    /// Where each token's bytes end; they begin where the one before it ends.
    ends: Vec<usize>,
    kinds: Vec<TokenKind>,
}

impl Vocabulary {
    /// Spells out all tokens, in the order of their ids.
    pub(super) fn new<'a>(
        spelling: Spelling,
        tokens: impl Iterator<Item = (&'a str, TokenKind)>,
    ) -> Self {
        let alphabet = byte_level_alphabet();
        let mut vocabulary = Self { bytes: Vec::new(), ends: Vec::new(), kinds: Vec::new() };
        for (piece, kind) in tokens {
            match (spelling, kind) {
                (Spelling::SentencePiece, TokenKind::Byte) if byte_value(piece).is_some() => {
                    vocabulary.bytes.extend(byte_value(piece));
                }
                (Spelling::SentencePiece, TokenKind::Normal | TokenKind::UserDefined) => {
                    vocabulary.bytes.extend(piece.replace(SPACE, " ").into_bytes());
                }
                (Spelling::ByteLevel, TokenKind::Normal) => {
                    vocabulary.push_byte_level(piece, &alphabet);
                }
                _ => vocabulary.bytes.extend(piece.as_bytes()),
            }
            vocabulary.ends.push(vocabulary.bytes.len());
            vocabulary.kinds.push(kind);
        }
        vocabulary
    }

    /// A piece with a character outside the alphabet was never made of bytes: it stands for itself.
    fn push_byte_level(&mut self, piece: &str, alphabet: &Alphabet) {
        let start = self.bytes.len();
        for character in piece.chars() {
            if let Some(&Some(byte)) = alphabet.get(character as usize) {
                self.bytes.push(byte);
            } else {
                self.bytes.truncate(start);
                self.bytes.extend(piece.as_bytes());
                return;
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of a token; none for an id outside the vocabulary.
    pub(super) fn bytes(&self, id: u32) -> &[u8] {
        let id = id as usize;
        match self.ends.get(id) {
            Some(&end) => &self.bytes[if id == 0 { 0 } else { self.ends[id - 1] }..end],
            None => &[],
        }
    }

    pub(super) fn kind(&self, id: u32) -> Option<TokenKind> {
        self.kinds.get(id as usize).copied()
    }

    /// The first token with this text that is special: one that steers, or one defined by its text.
    pub(super) fn specials(&self) -> impl Iterator<Item = (u32, &[u8])> {
        (0..self.len() as u32)
            .filter(|&id| {
                matches!(self.kind(id), Some(TokenKind::Control | TokenKind::UserDefined))
            })
            .map(|id| (id, self.bytes(id)))
    }
}

/// What `SentencePiece` writes for a space (U+2581).
pub(super) const SPACE: &str = "\u{2581}";

/// The byte that a piece such as `<0x0A>` stands for.
pub(super) fn byte_value(piece: &str) -> Option<u8> {
    let digits = piece.strip_prefix("<0x")?.strip_suffix('>')?;
    if digits.len() == 2 { u8::from_str_radix(digits, 16).ok() } else { None }
}

/// For each of the first characters of Unicode, the byte that it stands for.
type Alphabet = [Option<u8>; 0x144];

/// GPT-2's printable stand-ins for bytes: printable Latin-1 stands for itself, the other 68 bytes
/// are, in order, the characters from U+0100.
fn byte_level_alphabet() -> Alphabet {
    let mut alphabet = [None; 0x144];
    let mut next = 0x100;
    for byte in 0..=u8::MAX {
        let stand_in = match byte {
            b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF => usize::from(byte),
            _ => {
                next += 1;
                next - 1
            }
        };
        alphabet[stand_in] = Some(byte);
    }
    alphabet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alphabet_covers_every_byte_once() {
        let alphabet = byte_level_alphabet();
        let mut bytes: Vec<u8> = alphabet.iter().copied().flatten().collect();
        bytes.sort_unstable();
        assert_eq!(bytes, (0..=u8::MAX).collect::<Vec<_>>());
        let byte = |character: char| alphabet[character as usize].unwrap();
        assert_eq!([byte('Ġ'), byte('Ċ'), byte('Ń'), byte('a')], [b' ', b'\n', 0xAD, b'a']);
    }

    #[test]
    fn spells_each_kind() {
        use TokenKind::{Byte, Control, Normal, UserDefined};
        let byte_level = Vocabulary::new(
            Spelling::ByteLevel,
            [("ĠhÃ©", Normal), ("<|Ġ|>", Control), ("  ", UserDefined), ("日", Normal)].into_iter(),
        );
        assert_eq!(byte_level.bytes(0), " hé".as_bytes());
        assert_eq!(byte_level.bytes(1), "<|Ġ|>".as_bytes());
        assert_eq!(byte_level.bytes(2), b"  ");
        assert_eq!(byte_level.bytes(3), "日".as_bytes());
        assert_eq!(byte_level.bytes(4), b"");
        let pieces = [("▁a▁b", Normal), ("<0xE2>", Byte), ("▁▁", UserDefined), ("<0xGG>", Byte)];
        let sentence_piece = Vocabulary::new(Spelling::SentencePiece, pieces.into_iter());
        assert_eq!(sentence_piece.bytes(0), b" a b");
        assert_eq!(sentence_piece.bytes(1), [0xE2]);
        assert_eq!(sentence_piece.bytes(2), b"  ");
        assert_eq!(sentence_piece.bytes(3), b"<0xGG>");
    }
}
