use crate::Token;

/// Turns the tokens of one text into pieces of it, one token at a time.
///
/// Pieces are whole characters: bytes that are the beginning of one wait for
/// the token that completes it. All pieces together are the text.
pub trait Detokenizer: Send {
    /// The text that `token` completes; empty if it completes none.
    fn push(&mut self, token: Token) -> String;

    /// Ends the text: bytes still waiting come out as U+FFFD. The next token
    /// begins another text.
    fn finish(&mut self) -> String;
}

macro_rules! forward_detokenizer {
    ($($pointer:ty),*) => {$(
        impl<D: Detokenizer + ?Sized> Detokenizer for $pointer {
            fn push(&mut self, token: Token) -> String {
                (**self).push(token)
            }

            fn finish(&mut self) -> String {
                (**self).finish()
            }
        }
    )*};
}

forward_detokenizer!(&mut D, Box<D>);
