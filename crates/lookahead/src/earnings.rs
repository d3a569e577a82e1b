/// Tokens per verified cell that a window is taken to earn at first: what the
/// published settings W = G = 7, N = 5 earn on Spec-Bench, 0.64 tokens for
/// some 50 nodes a step.
const PRIOR: f32 = 0.012;

/// The prior is held by so many imagined cells.
const HELD: f32 = 300.0;

/// How much of the past a step forgets.
const KEEP: f32 = 0.995;

/// What the window's cells have earned: tokens that only its n-grams guessed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Earnings {
    tokens: f32,
    cells: f32,
}

impl Earnings {
    /// A step verified `cells` cells, and `tokens` tokens came true that only
    /// n-grams of the window had guessed.
    pub(crate) fn count(&mut self, tokens: usize, cells: usize) {
        self.tokens = KEEP * self.tokens + tokens as f32;
        self.cells = KEEP * self.cells + cells as f32;
    }

    /// The tokens that a verified cell earns.
    pub(crate) fn per_cell(self) -> f32 {
        (self.tokens + PRIOR * HELD) / (self.cells + HELD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follow_what_happens() {
        let mut earnings = Earnings::default();
        assert_eq!(earnings.per_cell(), PRIOR);
        for _ in 0..500 {
            earnings.count(0, 12);
        }
        assert!(earnings.per_cell() < PRIOR / 5.0);
        for _ in 0..500 {
            earnings.count(1, 12);
        }
        assert!(earnings.per_cell() > 0.05);
    }
}
