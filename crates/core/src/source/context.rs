use crate::{Token, TokenSet};

/// The sequence so far, as a source is told when it is asked to propose, and a
/// [processor](crate::LogitsProcessor) when a token is chosen.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Context<'a> {
    /// The prompt and all emitted tokens; the last is the root of the tree.
    /// Never empty.
    pub history: &'a [Token],
    /// How many of these are the prompt.
    pub prompt_len: usize,
    /// Tokens are `0..vocabulary`.
    pub vocabulary: usize,
    /// Any of these ends the output: nothing after one is ever emitted.
    pub end_of_sequence: &'a TokenSet,
    /// At most so many tokens will still be emitted.
    pub remaining: usize,
}

impl<'a> Context<'a> {
    /// A context over `history`, of which the first `prompt_len` tokens are the prompt.
    pub fn new(
        history: &'a [Token],
        prompt_len: usize,
        vocabulary: usize,
        end_of_sequence: &'a TokenSet,
    ) -> Self {
        Self { history, prompt_len, vocabulary, end_of_sequence, remaining: usize::MAX }
    }

    /// The same with a limit on the tokens still to be emitted.
    #[must_use]
    pub fn with_remaining(mut self, remaining: usize) -> Self {
        self.remaining = remaining;
        self
    }

    /// The last token: the root of the tree.
    ///
    /// # Panics
    ///
    /// If the history is empty, which no decoder lets happen.
    pub fn last(&self) -> Token {
        *self.history.last().expect("a step follows at least one token")
    }

    /// The emitted tokens.
    pub fn emitted(&self) -> &'a [Token] {
        &self.history[self.prompt_len.min(self.history.len())..]
    }
}
