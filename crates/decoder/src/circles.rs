use foretoken_core::{DecodeError, RepetitionGuard, Token};

/// Notices that an output goes round in circles, token by token.
#[derive(Debug)]
pub(crate) struct Circles {
    guard: RepetitionGuard,
    /// For each period, from 1: how many of the last tokens equal the one a
    /// period before.
    matching: Vec<usize>,
}

impl Circles {
    /// For outputs of `most` tokens at most: they have no room for two rounds of a longer period than half of that.
    pub(crate) fn new(guard: RepetitionGuard, most: usize) -> Result<Self, DecodeError> {
        guard.validate()?;
        Ok(Self { guard, matching: vec![0; guard.period.min(most / 2)] })
    }

    /// Whether the last token of `output`, which is told each token once,
    /// completes a repetition.
    pub(crate) fn closed_by(&mut self, output: &[Token]) -> bool {
        let Some((last, before)) = output.split_last() else { return false };
        let mut closed = false;
        for (period, matching) in (1..).zip(&mut self.matching) {
            let same = before.len().checked_sub(period).is_some_and(|at| before[at] == *last);
            *matching = if same { *matching + 1 } else { 0 };
            closed |= *matching + period >= self.guard.tokens;
        }
        closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By definition: the last `tokens` tokens repeat with some period.
    fn goes_round(output: &[Token], guard: RepetitionGuard) -> bool {
        let Some(from) = output.len().checked_sub(guard.tokens) else { return false };
        let tail = &output[from..];
        (1..=guard.period)
            .any(|period| (period..tail.len()).all(|at| tail[at] == tail[at - period]))
    }

    proptest! {
        #[test]
        fn circles_are_noticed_at_once(
            output in prop::collection::vec(0u32..3, 0..60),
            period in 1usize..6,
            more in 0usize..6,
        ) {
            let guard = RepetitionGuard::new(period, 2 * period + more).unwrap();
            let mut circles = Circles::new(guard, output.len()).unwrap();
            for end in 1..=output.len() {
                prop_assert_eq!(circles.closed_by(&output[..end]), goes_round(&output[..end], guard));
            }
        }
    }

    #[test]
    fn a_period_that_nothing_is_as_long_as_takes_no_room() {
        let guard = RepetitionGuard::new(usize::MAX / 4, usize::MAX / 2).unwrap();
        let mut circles = Circles::new(guard, 100).unwrap();
        assert_eq!(circles.matching.len(), 50);
        assert!(!circles.closed_by(&[1; 100]));
    }

    #[test]
    fn guards_that_would_always_stop_are_refused() {
        assert!(RepetitionGuard::new(0, 8).is_err());
        assert!(RepetitionGuard::new(5, 9).is_err());
        assert!(RepetitionGuard::new(5, 10).is_ok());
    }
}
