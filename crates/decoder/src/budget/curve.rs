use serde::{Deserialize, Serialize};

/// Knots lie at log-odds -6, -5, … 6: from 1 in 400 to 400 in 401.
const KNOTS: usize = 13;
const REACH: f32 = 6.0;

/// What a knot starts with is held by so many imagined observations.
const HELD: f32 = 2.0;

/// The least weight of an observation: some hundred of the latest count.
const LATEST: f32 = 0.01;

/// From what is claimed to what turns out: a piecewise linear curve over the
/// log-odds of the claim, learned online.
///
/// It starts by believing the claims.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Saved", into = "Saved")]
pub(crate) struct Curve {
    chance: [f32; KNOTS],
    seen: [f32; KNOTS],
}

#[derive(Serialize, Deserialize)]
struct Saved {
    chance: Vec<f32>,
    seen: Vec<f32>,
}

impl From<Curve> for Saved {
    fn from(curve: Curve) -> Self {
        Self { chance: curve.chance.to_vec(), seen: curve.seen.to_vec() }
    }
}

impl From<Saved> for Curve {
    /// What is missing or no probability is as in the beginning.
    fn from(saved: Saved) -> Self {
        let mut curve = Self::default();
        for (knot, (&chance, &seen)) in saved.chance.iter().zip(&saved.seen).enumerate().take(KNOTS)
        {
            if (0.0..=1.0).contains(&chance) && seen >= 0.0 && seen.is_finite() {
                (curve.chance[knot], curve.seen[knot]) = (chance, seen);
            }
        }
        curve
    }
}

impl Default for Curve {
    fn default() -> Self {
        let chance = std::array::from_fn(|knot| 1.0 / (1.0 + (REACH - knot as f32).exp()));
        Self { chance, seen: [0.0; KNOTS] }
    }
}

impl Curve {
    /// The chance of what is claimed to have chance `claim`.
    pub(crate) fn chance(&self, claim: f32) -> f32 {
        let (low, share) = place(claim);
        self.chance[low] * (1.0 - share) + self.chance[low + 1] * share
    }

    /// It turned out `right`, or not. Each knot is the mean of what happened
    /// around it, the latest counting most.
    pub(crate) fn learn(&mut self, claim: f32, right: bool) {
        let (low, share) = place(claim);
        let outcome = f32::from(u8::from(right));
        for (knot, weight) in [(low, 1.0 - share), (low + 1, share)] {
            self.seen[knot] += weight;
            let rate = (1.0 / (self.seen[knot] + HELD)).max(LATEST);
            let chance = self.chance[knot];
            self.chance[knot] = (chance + (outcome - chance) * weight * rate).clamp(0.001, 0.999);
        }
    }
}

/// The knot below the claim and how far it is from there to the next, 0 to 1.
fn place(claim: f32) -> (usize, f32) {
    let odds = (claim / (1.0 - claim)).ln().clamp(-REACH, REACH) + REACH;
    let low = (odds as usize).min(KNOTS - 2);
    (low, odds - low as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn believes_claims_at_first_and_what_happens_later() {
        let mut curve = Curve::default();
        for claim in [0.01, 0.1, 0.5, 0.731, 0.95] {
            assert!((curve.chance(claim) - claim).abs() < 0.03, "{claim}");
        }
        for round in 0..2000 {
            curve.learn(0.9, round % 4 == 0);
            curve.learn(0.1, round % 20 == 0);
        }
        assert!((curve.chance(0.9) - 0.25).abs() < 0.05, "{}", curve.chance(0.9));
        assert!((curve.chance(0.1) - 0.05).abs() < 0.03, "{}", curve.chance(0.1));
    }

    #[test]
    fn survives_claims_of_zero_and_one() {
        let mut curve = Curve::default();
        for claim in [0.0, 1.0] {
            curve.learn(claim, true);
            assert!((0.0..=1.0).contains(&curve.chance(claim)));
        }
    }
}
