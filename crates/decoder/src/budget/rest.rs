/// A source that takes less than this share of a plain step is always asked.
const NEGLIGIBLE: f64 = 0.02;

/// Times that a source is asked before it is judged, unless that takes as long as [`GRACE`].
const FIRST: u32 = 16;

/// Plain steps that asking may take before a source is judged.
const GRACE: f64 = 4.0;

/// The longest rest, in steps, of a source that takes no longer than a plain step: then it is asked again, however bad it
/// was. The rest of a slower one is as long as makes asking it [`NEGLIGIBLE`].
const LONGEST: u32 = 64;

/// No source rests longer than this many steps.
const FOREVER: f64 = 1e9;

/// How much of the past a step forgets.
const KEEP: f64 = 0.9;

/// Whether a source is asked at all: one that takes longer than what it saves
/// rests, for twice as many steps each time that nothing has changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rest {
    seconds: f64,
    saved: f64,
    /// What asking took in all.
    spent: f64,
    /// What it took the last time.
    before: f64,
    asked: u32,
    left: u32,
    next: u32,
}

impl Rest {
    /// Whether the source rests in this step. Counts the step.
    pub(crate) fn rests(&mut self) -> bool {
        let rests = self.left > 0;
        self.left = self.left.saturating_sub(1);
        rests
    }

    /// The source took `seconds`, and saved the time of `accepted` plain steps
    /// of `plain` seconds each.
    pub(crate) fn learn(&mut self, seconds: f64, accepted: usize, plain: f64) {
        self.seconds = KEEP * self.seconds + (1.0 - KEEP) * seconds;
        self.saved = KEEP * self.saved + (1.0 - KEEP) * accepted as f64 * plain;
        // One that was interrupted once is not slow.
        let lasting = seconds.min(self.before);
        self.before = seconds;
        self.spent += seconds;
        self.asked = self.asked.saturating_add(1);
        let early = self.asked < FIRST && self.spent < GRACE * plain;
        if early || self.seconds < NEGLIGIBLE * plain || self.seconds < self.saved {
            self.next = 1;
        } else {
            let slow = if lasting > plain { lasting / (NEGLIGIBLE * plain) } else { 0.0 };
            self.left = self.next.max(slow.min(FOREVER) as u32);
            self.next = (2 * self.next).clamp(1, LONGEST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often it is asked in so many steps.
    fn asked(rest: &mut Rest, steps: usize, seconds: f64, accepted: usize) -> usize {
        let mut asked = 0;
        for _ in 0..steps {
            if !rest.rests() {
                rest.learn(seconds, accepted, 0.01);
                asked += 1;
            }
        }
        asked
    }

    #[test]
    fn a_slow_source_that_saves_nothing_is_asked_rarely_and_can_come_back() {
        let mut rest = Rest::default();
        let bad = asked(&mut rest, 1000, 0.005, 0);
        assert!((16..50).contains(&bad), "{bad}");
        let good = asked(&mut rest, 1000, 0.005, 2);
        assert!(good > 800, "{good}");
    }

    #[test]
    fn a_source_slower_than_the_model_takes_little_time_in_the_long_run() {
        for seconds in [0.02, 0.1, 1.0] {
            let steps = 20_000;
            let asked = asked(&mut Rest::default(), steps, seconds, 0) as f64;
            let share = asked * seconds / (steps as f64 * 0.01);
            assert!(share < 2.0 * NEGLIGIBLE, "{seconds}: {share}");
            // And it is not forgotten.
            assert!(asked >= 2.0, "{seconds}: {asked}");
        }
    }

    #[test]
    fn one_interruption_is_no_slowness() {
        let mut rest = Rest::default();
        asked(&mut rest, 100, 0.001, 1);
        rest.learn(1.0, 0, 0.01);
        assert!(rest.left <= LONGEST);
    }

    #[test]
    fn a_quick_source_is_always_asked() {
        assert_eq!(asked(&mut Rest::default(), 500, 0.000_1, 0), 500);
        assert_eq!(asked(&mut Rest::default(), 500, 0.005, 1), 500);
    }
}
