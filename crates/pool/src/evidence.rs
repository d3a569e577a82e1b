/// What one context says of the next token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence {
    /// The length of the context.
    pub(crate) length: f32,
    /// How often anything followed it.
    pub(crate) followed: f32,
    /// How many different tokens did, not zero.
    pub(crate) degree: f32,
}

impl Evidence {
    /// The chance that what comes next is among what followed the context, as
    /// far as longer contexts say nothing of it: its complement is the escape
    /// of prediction by partial matching (Cleary and Witten, 1984).
    ///
    /// The odds are `weight · length^0.7 · followed / degree`: they grow with
    /// the length of the match and with how often the context kept what it
    /// promised. The form and its constants are a fit to the output of small
    /// instruction-tuned models on prompts of several kinds.
    pub(crate) fn trust(self, weight: f32) -> f32 {
        let per_continuation = self.followed / self.degree;
        let odds = weight * self.length.powf(0.7) * per_continuation;
        odds / (1.0 + odds)
    }
}
