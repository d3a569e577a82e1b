use foretoken_core::Token;

/// What no context can claim: even where all agree, some tokens in a hundred
/// are something else. It also keeps long chains modest.
const UNSEEN: f32 = 0.02;

/// A distribution of the next token, mixed from contexts, the longest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mixture {
    candidates: Vec<(Token, f32)>,
    /// What no context has claimed yet.
    left: f32,
}

impl Mixture {
    /// Starts a new distribution.
    pub(crate) fn reset(&mut self) {
        self.candidates.clear();
        self.left = 1.0 - UNSEEN;
    }

    /// The probability that shorter contexts share.
    pub(crate) fn left(&self) -> f32 {
        self.left
    }

    /// Mixes in what the next shorter context says, which claims `trust` of what
    /// is left: the shares of the tokens that followed it, which sum up to 1 at most. Tokens that no longer
    /// context named need a probability of `least` from it to become candidates.
    pub(crate) fn add(
        &mut self,
        trust: f32,
        least: f32,
        shares: impl Iterator<Item = (Token, f32)>,
    ) {
        let claimed = self.left * trust;
        for (token, share) in shares {
            let share = claimed * share;
            match self.candidates.iter_mut().find(|(known, _)| *known == token) {
                Some((_, probability)) => *probability += share,
                None if share >= least => self.candidates.push((token, share)),
                None => {}
            }
        }
        self.left -= claimed;
    }

    /// The same, but only for tokens that are candidates already.
    pub(crate) fn add_named(&mut self, trust: f32, share: impl Fn(Token) -> f32) {
        let claimed = self.left * trust;
        for (token, probability) in &mut self.candidates {
            *probability += claimed * share(*token);
        }
        self.left -= claimed;
    }

    /// The candidates with their probabilities.
    pub(crate) fn candidates(&self) -> &[(Token, f32)] {
        &self.candidates
    }
}
