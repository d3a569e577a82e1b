//! How far a ratio of totals might be off, by what resampled prompts come to.

/// Resamplings.
const DRAWS: usize = 1000;

/// Every run of the program draws the same prompts.
const SEED: u64 = 0x666F_7265_746F_6B65;

/// The middle part of the draws that an interval holds.
const HELD: f64 = 0.95;

/// Seconds of one prompt, all its turns together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seconds {
    /// Of plain decoding.
    pub(super) plain: f64,
    /// Of the strategy.
    pub(super) own: f64,
    /// The same with loops cut.
    pub(super) plain_cut: f64,
    /// The same with loops cut.
    pub(super) own_cut: f64,
}

impl Seconds {
    pub(super) fn add(&mut self, other: Self) {
        self.plain += other.plain;
        self.own += other.own;
        self.plain_cut += other.plain_cut;
        self.own_cut += other.own_cut;
    }

    pub(super) fn speedup(self) -> f64 {
        ratio(self.plain, self.own)
    }

    pub(super) fn speedup_loops_cut(self) -> f64 {
        ratio(self.plain_cut, self.own_cut)
    }
}

/// 0 where there is nothing to divide by.
pub(super) fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// The intervals that hold 95% of the speedups of resampled prompts, and of those with loops cut: as many prompts are drawn as
/// there are, with replacement, a thousand times (Efron, 1979).
pub(super) fn intervals(prompts: &[Seconds]) -> ([f64; 2], [f64; 2]) {
    if prompts.is_empty() {
        return Default::default();
    }
    let mut random = SEED;
    let (mut speedups, mut cut) = (Vec::with_capacity(DRAWS), Vec::with_capacity(DRAWS));
    for _ in 0..DRAWS {
        let mut total = Seconds::default();
        for _ in 0..prompts.len() {
            total.add(prompts[below(&mut random, prompts.len())]);
        }
        speedups.push(total.speedup());
        cut.push(total.speedup_loops_cut());
    }
    (middle(speedups), middle(cut))
}

fn middle(mut draws: Vec<f64>) -> [f64; 2] {
    draws.sort_by(f64::total_cmp);
    let outside = (1.0 - HELD) / 2.0;
    [quantile(&draws, outside), quantile(&draws, 1.0 - outside)]
}

/// The value that a share of `sorted` lies below, interpolated; 0 of none.
pub(super) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let place = share * last as f64;
    let below = place.floor() as usize;
    let above = sorted[last.min(below + 1)];
    sorted[below] + (above - sorted[below]) * (place - below as f64)
}

/// The next number below `bound` of the generator `SplitMix64` (Steele, Lea and Flood, 2014).
fn below(state: &mut u64, bound: usize) -> usize {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^= mixed >> 31;
    ((u128::from(mixed) * bound as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(plain: f64, own: f64) -> Seconds {
        Seconds { plain, own, plain_cut: plain / 2.0, own_cut: own / 2.0 }
    }

    #[test]
    fn quantiles_are_interpolated() {
        let values = [1.0, 2.0, 4.0];
        assert_eq!(
            [0.0, 0.25, 0.5, 1.0].map(|share| quantile(&values, share)),
            [1.0, 1.5, 2.0, 4.0]
        );
        assert_eq!((quantile(&[], 0.5), quantile(&[3.0], 0.95)), (0.0, 3.0));
    }

    #[test]
    fn equal_prompts_leave_no_doubt() {
        let (speedup, cut) = intervals(&[prompt(3.0, 2.0); 20]);
        for bound in [speedup, cut].concat() {
            assert!((bound - 1.5).abs() < 1e-12);
        }
        assert_eq!(intervals(&[]), ([0.0; 2], [0.0; 2]));
    }

    #[test]
    fn intervals_are_those_of_the_normal_law() {
        // Every prompt takes a second, so that a speedup is the mean of plain seconds, 1 and 3 with standard deviation 1.
        let prompts: Vec<Seconds> =
            (0..400).map(|index| prompt(1.0 + 2.0 * f64::from(index % 2), 1.0)).collect();
        let ([low, high], _) = intervals(&prompts);
        let expected = 1.96 / 400_f64.sqrt();
        for off in [2.0 - low, high - 2.0] {
            assert!((off / expected - 1.0).abs() < 0.15, "{low} to {high}, not 2 ± {expected}");
        }
    }

    #[test]
    fn fewer_prompts_say_less() {
        let prompts: Vec<Seconds> =
            (0..100).map(|index| prompt(1.0 + f64::from(index % 7), 1.0)).collect();
        let width = |count: usize| {
            let ([low, high], _) = intervals(&prompts[..count]);
            high - low
        };
        assert!(width(14) > 1.5 * width(98), "{} {}", width(14), width(98));
        assert_eq!(intervals(&prompts), intervals(&prompts), "the draws are the same");
    }
}
