use foretoken_core::{Token, TokenSet};

use crate::Config;
use crate::pool::{NgramPool, SeenBy};

/// Brings the n-grams of the text into the pool, each once.
///
/// It reads the history, not the steps' outcomes: n-grams across steps are
/// complete, and a step that nobody observed is not missed.
#[derive(Clone, Debug, Default)]
pub(crate) struct TextGrams {
    /// Where the next n-gram starts.
    next: usize,
}

impl TextGrams {
    /// Everything in `history` from where the last call ended. An n-gram is the
    /// prompt's if all of it is, and the output's otherwise. Those with an
    /// end-of-sequence token are left out: nothing ever follows one.
    pub(crate) fn gather(
        &mut self,
        history: &[Token],
        prompt_len: usize,
        config: &Config,
        ends: &TokenSet,
        pool: &mut NgramPool,
    ) {
        while self.next + config.ngram <= history.len() {
            let end = self.next + config.ngram;
            let wanted = if end <= prompt_len { config.prompt } else { config.output };
            let gram = &history[self.next..end];
            if wanted && !gram.iter().any(|&token| ends.contains(token)) {
                pool.insert(gram[0], &gram[1..], SeenBy::Text);
            }
            self.next += 1;
        }
    }

    /// The text was cut back to `len` tokens: n-grams that reached further
    /// will be others.
    pub(crate) fn truncate(&mut self, len: usize, config: &Config) {
        self.next = self.next.min((len + 1).saturating_sub(config.ngram));
    }
}
