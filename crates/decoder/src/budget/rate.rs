use std::time::Duration;

/// How much of the past a step forgets: some sixty of the latest steps count.
const KEEP: f64 = 1.0 - 1.0 / 64.0;

/// The running rate of tokens per second.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rate {
    tokens: f64,
    seconds: f64,
}

impl Rate {
    /// A step of `time` yielded `tokens`.
    pub(crate) fn learn(&mut self, tokens: usize, time: Duration) {
        self.tokens = KEEP * self.tokens + tokens as f64;
        self.seconds = KEEP * self.seconds + time.as_secs_f64();
    }

    /// Tokens per second, where a step without guesses takes `plain` seconds:
    /// never less than without guesses.
    pub(crate) fn tokens_per_second(&self, plain: f64) -> f64 {
        // A few imagined plain steps keep the first real ones from deciding all.
        ((self.tokens + 4.0) / (self.seconds + 4.0 * plain)).max(1.0 / plain)
    }
}
