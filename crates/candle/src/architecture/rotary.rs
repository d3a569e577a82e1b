use std::f64::consts::TAU;

use foretoken_kernels::RotaryStyle;

use super::Failure;

/// How a model encodes positions: pairs of dimensions turn by `position * frequency`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rotary {
    /// Which dimensions are pairs.
    pub(crate) style: RotaryStyle,
    /// Pair `i` of `n` has the frequency `base^(-i/n)`, before scaling.
    pub(crate) base: f64,
    /// Dimensions of a head that turn, the first ones.
    pub(crate) dimensions: usize,
    pub(crate) scaling: Scaling,
}

/// What models do to their frequencies to reach further.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Scaling {
    None,
    /// All are divided by one number.
    Linear(f64),
    /// Each is divided by its own number.
    Each(Vec<f32>),
    /// Slow ones are divided by `factor`, fast ones kept, those between interpolated (Llama 3.1).
    ByWavelength {
        factor: f64,
        /// Wavelengths above `original_context / low` are slow.
        low: f64,
        /// Wavelengths below `original_context / high` are fast.
        high: f64,
        original_context: f64,
    },
}

impl Rotary {
    pub(super) fn check(&self, head_dim: usize) -> Result<(), Failure> {
        let refuse = |problem: String| Err(Failure::Inconsistent(problem));
        let Self { base, dimensions, .. } = *self;
        if dimensions == 0 || !dimensions.is_multiple_of(2) || dimensions > head_dim {
            return refuse(format!("{dimensions} of {head_dim} dimensions turn"));
        }
        if !(base.is_finite() && base > 0.0) {
            return refuse(format!("the rotary base is {base}"));
        }
        let positive = |x: f64| x.is_finite() && x > 0.0;
        match &self.scaling {
            Scaling::None => Ok(()),
            Scaling::Linear(factor) if positive(*factor) => Ok(()),
            Scaling::Each(factors)
                if factors.len() == dimensions / 2
                    && factors.iter().all(|&factor| positive(factor.into())) =>
            {
                Ok(())
            }
            &Scaling::ByWavelength { factor, low, high, original_context }
                if [factor, low, original_context].into_iter().all(positive) && high > low =>
            {
                Ok(())
            }
            scaling => refuse(format!("the rotary scaling {scaling:?} does not fit")),
        }
    }

    /// The frequency of each pair, in radians a position.
    pub(crate) fn frequencies(&self) -> Vec<f32> {
        let pairs = self.dimensions / 2;
        let plain = (0..pairs).map(|pair| self.base.powf(-(pair as f64) / pairs as f64));
        let scaled = plain.enumerate().map(|(pair, frequency)| match &self.scaling {
            Scaling::None => frequency,
            Scaling::Linear(factor) => frequency / factor,
            Scaling::Each(factors) => frequency / f64::from(factors[pair]),
            &Scaling::ByWavelength { factor, low, high, original_context } => {
                // Turns within the original context.
                let turns = original_context * frequency / TAU;
                let kept = ((turns - low) / (high - low)).clamp(0.0, 1.0);
                kept * frequency + (1.0 - kept) * frequency / factor
            }
        });
        scaled.map(|frequency| frequency as f32).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_pairs_are_scaled_fast_ones_kept() {
        let scaling =
            Scaling::ByWavelength { factor: 8.0, low: 1.0, high: 4.0, original_context: 8192.0 };
        let mut rotary = Rotary {
            style: RotaryStyle::HalfSplit,
            base: 500_000.0,
            dimensions: 128,
            scaling: Scaling::None,
        };
        let plain = rotary.frequencies();
        rotary.scaling = scaling;
        rotary.check(128).unwrap();
        let scaled = rotary.frequencies();
        let ratios: Vec<f32> =
            plain.iter().zip(&scaled).map(|(plain, scaled)| plain / scaled).collect();
        assert_eq!(ratios[0], 1.0);
        assert_eq!(ratios[63], 8.0);
        assert!(ratios.is_sorted());
        assert!(ratios.iter().any(|&ratio| ratio > 1.1 && ratio < 7.0));
    }

    #[test]
    fn impossible_dimensions_and_factors_are_refused() {
        let rotary = |dimensions, scaling| Rotary {
            style: RotaryStyle::HalfSplit,
            base: 10_000.0,
            dimensions,
            scaling,
        };
        for dimensions in [0, 3, 66] {
            assert!(rotary(dimensions, Scaling::None).check(64).is_err());
        }
        for scaling in [
            Scaling::Linear(0.0),
            Scaling::Linear(f64::NAN),
            Scaling::Each(vec![1.0; 31]),
            Scaling::Each(vec![0.0; 32]),
            Scaling::ByWavelength { factor: 8.0, low: 4.0, high: 4.0, original_context: 1.0 },
        ] {
            assert!(rotary(64, scaling).check(64).is_err());
        }
    }
}
