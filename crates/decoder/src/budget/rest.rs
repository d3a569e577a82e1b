/// A source that takes less than this share of a plain step is always asked.
const NEGLIGIBLE: f64 = 0.02;

/// Steps before a source is judged.
const FIRST: u32 = 16;

/// The longest rest, in steps: then it is asked again, however bad it was.
const LONGEST: u32 = 64;

/// How much of the past a step forgets.
const KEEP: f64 = 0.9;

/// Whether a source is asked at all: one that takes longer than what it saves
/// rests, for twice as many steps each time that nothing has changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rest {
    seconds: f64,
    saved: f64,
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
        self.asked = self.asked.saturating_add(1);
        if self.asked < FIRST || self.seconds < NEGLIGIBLE * plain || self.seconds < self.saved {
            self.next = 1;
        } else {
            self.left = self.next;
            self.next = (2 * self.next).min(LONGEST);
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
    fn a_quick_source_is_always_asked() {
        assert_eq!(asked(&mut Rest::default(), 500, 0.000_1, 0), 500);
        assert_eq!(asked(&mut Rest::default(), 500, 0.005, 1), 500);
    }
}
