//! The exponential function: one polynomial for attention's weights, the gates and the soft cap.

use std::f32::consts::{LN_2, LOG2_E};

use crate::elementwise::{self, Unary};
use crate::lanes::Lanes;
use crate::level::Level;

/// Where a key's weight stops falling: `exp(-60)` is 9e-27, far below what a sum of `f32` weights can show, and no weight
/// is ever subnormal, which some CPUs multiply a hundred times slower.
const FLOOR: f32 = -60.0;

/// `1.5 * 2^23`: adding it rounds a small float to an integer, ties to even, and leaves that integer in the low bits.
const ROUND: f32 = 12_582_912.0;
/// [`ROUND`] plus the exponent bias: the low bits then are a biased exponent.
const ROUND_AND_BIAS: f32 = ROUND + 127.0;

/// ln 2 in two parts; the first has so few bits that its product with any integer of an exponent's size is exact.
const LN_2_HIGH: f32 = f32::from_bits(0x3F31_8000);
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// Coefficients of `exp(r)` for `|r| <= ln(2) / 2`, the highest power first: one and one, so that the result is exact at
/// zero, and the others fitted to the least largest relative error (3e-9).
const POLYNOMIAL: [f32; 7] =
    [1.381_454e-3, 8.368_745e-3, 4.166_839e-2, 0.166_665_21, 0.499_999_94, 1.0, 1.0];

/// `exp(r)` for `|r| <= ln(2) / 2`.
#[inline(always)]
fn near_zero<L: Lanes>(lanes: L, r: L::V) -> L::V {
    let mut y = lanes.splat(POLYNOMIAL[0]);
    for coefficient in &POLYNOMIAL[1..] {
        y = lanes.mul_add(y, r, lanes.splat(*coefficient));
    }
    y
}

/// `exp(x)` over the whole range of `f32`, subnormal results included.
#[inline(always)]
pub(crate) fn exp<L: Lanes>(lanes: L, x: L::V) -> L::V {
    // Beyond these bounds the result is 0 or infinity already. A NaN is the second operand, so it passes.
    let x = lanes.min(lanes.splat(89.0), lanes.max(lanes.splat(-104.0), x));
    let round = lanes.splat(ROUND);
    let n = lanes.sub(lanes.mul_add(x, lanes.splat(LOG2_E), round), round);
    let r = lanes.mul_add(n, lanes.splat(-LN_2_HIGH), x);
    let r = lanes.mul_add(n, lanes.splat(-LN_2_LOW), r);
    let y = near_zero(lanes, r);
    // 2^n in two factors, because n reaches from -150 to 128.
    let half = lanes.sub(lanes.mul_add(n, lanes.splat(0.5), round), round);
    let rest = lanes.sub(n, half);
    let biased = lanes.splat(ROUND_AND_BIAS);
    let power = |n: L::V| lanes.low_bits_to_exponent(lanes.add(n, biased));
    lanes.mul(lanes.mul(y, power(half)), power(rest))
}

/// `exp(x)` for `x` no larger than about zero, in fewer steps: below [`FLOOR`], the value there; NaN stays NaN.
///
/// The rest of the exponent is found with one constant, whose error grows with the distance from zero: the relative error
/// is 1.2e-7 and `4e-9` more for each unit of that distance.
#[inline(always)]
pub(crate) fn weight<L: Lanes>(lanes: L, x: L::V) -> L::V {
    let x = lanes.max(lanes.splat(FLOOR), x);
    let biased = lanes.splat(ROUND_AND_BIAS);
    let n = lanes.mul_add(x, lanes.splat(LOG2_E), biased);
    let r = lanes.mul_add(lanes.sub(n, biased), lanes.splat(-LN_2), x);
    lanes.mul(near_zero(lanes, r), lanes.low_bits_to_exponent(n))
}

/// `tanh(x)`, with an absolute error of about 1e-7.
#[inline(always)]
pub(crate) fn tanh<L: Lanes>(lanes: L, x: L::V) -> L::V {
    let zero = lanes.splat(0.0);
    let one = lanes.splat(1.0);
    let size = lanes.max(x, lanes.sub(zero, x));
    let e = exp(lanes, lanes.mul(size, lanes.splat(-2.0)));
    let t = lanes.div(lanes.sub(one, e), lanes.add(one, e));
    lanes.select_lt(x, zero, lanes.sub(zero, t), t)
}

struct Exp;

impl Unary for Exp {
    #[inline(always)]
    fn apply<L: Lanes>(&self, lanes: L, x: L::V) -> L::V {
        exp(lanes, x)
    }
}

/// Replaces each `x` by `exp(x)`.
///
/// The relative error is at most 1.2e-7 (two units in the last place) where the result is a normal number, and half the
/// smallest subnormal more below that. Minus infinity gives 0, infinity gives infinity, NaN stays NaN. The bits are the
/// same at every level.
pub fn exp_in_place(level: Level, x: &mut [f32]) {
    elementwise::map(level, &Exp, x);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::{Kernel, LANES, dispatch};
    use proptest::prelude::*;

    struct Weight([f32; LANES]);

    impl Kernel for Weight {
        type Output = [f32; LANES];

        #[inline(always)]
        fn run<L: Lanes>(self, lanes: L) -> [f32; LANES] {
            let mut out = [0.0; LANES];
            lanes.store(weight(lanes, lanes.load(&self.0)), &mut out);
            out
        }
    }

    fn exp_of(level: Level, x: f32) -> f32 {
        let mut value = [x];
        exp_in_place(level, &mut value);
        value[0]
    }

    #[test]
    fn every_thousandth_float_is_within_two_units_in_the_last_place() {
        let mut worst = 0.0f64;
        let inputs: Vec<f32> =
            (0..u32::MAX).step_by(997).map(f32::from_bits).filter(|x| x.abs() < 110.0).collect();
        let mut outputs = inputs.clone();
        exp_in_place(Level::detect(), &mut outputs);
        for (x, y) in inputs.iter().zip(outputs) {
            let exact = f64::from(*x).exp();
            if exact > f64::from(f32::MAX) {
                assert!(y == f32::INFINITY || y == f32::MAX, "exp({x}) = {y}");
            } else if exact >= f64::from(f32::MIN_POSITIVE) {
                worst = worst.max(((f64::from(y) - exact) / exact).abs());
            } else {
                // The result is subnormal: one step of 2^-149 is allowed.
                assert!((f64::from(y) - exact).abs() <= 2f64.powi(-149), "exp({x}) = {y}");
            }
        }
        assert!(worst <= 1.2e-7, "relative error {worst}");
        assert!(worst > 1e-8, "the comparison is not vacuous");
    }

    #[test]
    fn special_values() {
        for level in Level::available() {
            assert_eq!(exp_of(level, f32::NEG_INFINITY).to_bits(), 0);
            assert_eq!(exp_of(level, -1e30).to_bits(), 0);
            assert_eq!(exp_of(level, f32::INFINITY), f32::INFINITY);
            assert_eq!(exp_of(level, 1e30), f32::INFINITY);
            assert_eq!(exp_of(level, 0.0), 1.0);
            assert_eq!(exp_of(level, -0.0), 1.0);
            assert!(exp_of(level, f32::NAN).is_nan());
            let mut x = [0.0; LANES];
            x[..5].copy_from_slice(&[f32::NEG_INFINITY, f32::NAN, -60.1, -59.0, 0.0]);
            let y = dispatch(level, Weight(x));
            assert_eq!((y[0], y[2]), (y[0], y[0]), "one floor for all");
            assert!(y[0] > f32::MIN_POSITIVE && y[0] < 1e-26);
            assert!(y[1].is_nan());
            assert!(y[3] > y[0] && y[3] < 3e-26);
            assert_eq!(y[4], 1.0);
        }
    }

    #[test]
    fn weights_are_as_close_as_they_say() {
        for i in 0..59_999 {
            let x = -0.001 * i as f32;
            let y = dispatch(Level::detect(), Weight([x; LANES]))[0];
            let exact = f64::from(x).exp();
            let error = ((f64::from(y) - exact) / exact).abs();
            assert!(error <= 1.2e-7 + 4e-9 * f64::from(-x), "exp({x}) is off by {error}");
        }
    }

    proptest! {
        #[test]
        fn levels_agree_to_the_bit(x in prop::collection::vec(-130.0f32..130.0, 1..50)) {
            let mut portable = x.clone();
            exp_in_place(Level::Portable, &mut portable);
            for level in Level::available() {
                let mut y = x.clone();
                exp_in_place(level, &mut y);
                prop_assert!(y.iter().zip(&portable).all(|(a, b)| a.to_bits() == b.to_bits()), "{}", level);
            }
        }
    }
}
