use foretoken_core::{Context, LogitsProcessor, Sampling, Token};

/// The penalties for tokens that came already, in 32-bit arithmetic: first a
/// logit above 0 is divided by the repetition penalty, another multiplied by
/// it, then presence and `count` times frequency are taken off.
#[derive(Clone, Debug)]
pub(crate) struct Penalties {
    repetition: f32,
    presence: f32,
    frequency: f32,
    window: usize,
    /// How often each token came; all 0 between calls.
    counts: Vec<u32>,
    seen: Vec<Token>,
}

impl Penalties {
    /// `None` if nothing is penalized.
    pub(crate) fn new(sampling: &Sampling) -> Option<Self> {
        sampling.penalizes().then(|| Self {
            repetition: sampling.repetition_penalty,
            presence: sampling.presence_penalty,
            frequency: sampling.frequency_penalty,
            window: sampling.penalty_window.unwrap_or(usize::MAX),
            counts: Vec::new(),
            seen: Vec::new(),
        })
    }
}

impl LogitsProcessor for Penalties {
    fn process(&mut self, context: &Context<'_>, logits: &mut [f32]) {
        self.counts.resize(logits.len(), 0);
        let from = context.history.len().saturating_sub(self.window);
        for &token in &context.history[from..] {
            let count = &mut self.counts[token as usize];
            if *count == 0 {
                self.seen.push(token);
            }
            *count += 1;
        }
        for token in self.seen.drain(..) {
            let count = std::mem::take(&mut self.counts[token as usize]);
            let logit = &mut logits[token as usize];
            *logit = if *logit > 0.0 { *logit / self.repetition } else { *logit * self.repetition };
            *logit -= self.presence + self.frequency * count as f32;
        }
    }

    fn fork(&self) -> Box<dyn LogitsProcessor> {
        Box::new(self.clone())
    }
}
