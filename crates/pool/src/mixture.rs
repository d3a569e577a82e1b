use foretoken_core::Token;

/// What one context says of the next token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence {
    /// The length of the context.
    pub(crate) length: usize,
    /// How often anything followed it.
    pub(crate) followed: f32,
    /// How many different tokens did.
    pub(crate) degree: usize,
}

impl Evidence {
    /// The chance that what comes next is among what followed the context, as
    /// far as longer contexts say nothing of it: its complement is the escape
    /// of prediction by partial matching (Cleary and Witten, 1984).
    ///
    /// The odds are `0.5 · length^0.8 · followed / degree`: they grow with the
    /// length of the match and with how often the context kept what it
    /// promised. The form and its constants are a fit to the output of small
    /// instruction-tuned models on prompts of several kinds.
    fn trust(self) -> f32 {
        let per_continuation = self.followed / self.degree.max(1) as f32;
        let odds = 0.5 * (self.length as f32).powf(0.8) * per_continuation;
        odds / (1.0 + odds)
    }
}

/// What no context can claim: nothing that was seen before is certain to come again.
const UNSEEN: f32 = 0.002;

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

    /// Mixes in what the next shorter context says: the shares of the tokens
    /// that followed it, which sum up to 1 at most. Tokens that no longer
    /// context named need a probability of `least` from it to become candidates.
    pub(crate) fn add(
        &mut self,
        evidence: Evidence,
        least: f32,
        shares: impl Iterator<Item = (Token, f32)>,
    ) {
        let claimed = self.left * evidence.trust();
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
    pub(crate) fn add_named(&mut self, evidence: Evidence, share: impl Fn(Token) -> f32) {
        let claimed = self.left * evidence.trust();
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
