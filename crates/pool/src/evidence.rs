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
    /// The odds are `0.4 · length^0.8 · followed / degree`: they grow with the
    /// length of the match and with how often the context kept what it
    /// promised. The form and its constants are a fit to the output of small
    /// instruction-tuned models on prompts of several kinds.
    pub(crate) fn trust(self) -> f32 {
        let per_continuation = self.followed / self.degree.max(1) as f32;
        let odds = 0.4 * (self.length as f32).powf(0.8) * per_continuation;
        odds / (1.0 + odds)
    }
}
