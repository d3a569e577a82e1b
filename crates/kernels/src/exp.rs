//! The exponential function: one polynomial for attention's weights, the gates and the soft cap.

use crate::elementwise::{self, Unary};
use crate::lanes::Lanes;
use crate::level::Level;

/// Beyond this distance below the largest score, a key's weight is zero: `exp(-60)` is 9e-27, far below what a sum of
/// `f32` weights can show, and no weight is ever subnormal, which some CPUs multiply a hundred times slower.
const NEGLIGIBLE: f32 = -60.0;

/// `1.5 * 2^23`: adding it rounds a small float to an integer, ties to even, and leaves that integer in the low bits.
const ROUND: f32 = 12_582_912.0;
/// [`ROUND`] plus the exponent bias: the low bits then are a biased exponent.
const ROUND_AND_BIAS: f32 = ROUND + 127.0;

/// ln 2 in two parts; the first has so few bits that its product with any integer of an exponent's size is exact.
const LN_2_HIGH: f32 = 0.693_359_375;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// Coefficients of `(exp(r) - 1 - r) / r^2` for `|r| <= ln(2) / 2`, fitted to the least largest relative error of the
/// whole (3e-9); the highest power first.
const POLYNOMIAL: [f32; 5] = [1.381_454e-3, 8.368_745e-3, 4.166_839e-2, 0.166_665_21, 0.499_999_94];

/// `exp(x)` as an integer power of two and the exponential of the rest: `(n, exp(x - n ln 2))`.
#[inline(always)]
fn split<L: Lanes>(lanes: L, x: L::V) -> (L::V, L::V) {
    let round = lanes.splat(ROUND);
    let n = lanes.sub(lanes.mul_add(x, lanes.splat(std::f32::consts::LOG2_E), round), round);
    let r = lanes.mul_add(n, lanes.splat(-LN_2_HIGH), x);
    let r = lanes.mul_add(n, lanes.splat(-LN_2_LOW), r);
    let mut q = lanes.splat(POLYNOMIAL[0]);
    for coefficient in &POLYNOMIAL[1..] {
        q = lanes.mul_add(q, r, lanes.splat(*coefficient));
    }
    let one_and_r = lanes.add(r, lanes.splat(1.0));
    (n, lanes.mul_add(lanes.mul(r, r), q, one_and_r))
}

/// `2^n` for an integer `n` in `-126..=127`.
#[inline(always)]
fn power_of_two<L: Lanes>(lanes: L, n: L::V) -> L::V {
    lanes.low_bits_to_exponent(lanes.add(n, lanes.splat(ROUND_AND_BIAS)))
}

/// `exp(x)` over the whole range of `f32`, subnormal results included.
#[inline(always)]
pub(crate) fn exp<L: Lanes>(lanes: L, x: L::V) -> L::V {
    // Beyond these bounds the result is 0 or infinity already. A NaN is the second operand, so it passes.
    let x = lanes.min(lanes.splat(89.0), lanes.max(lanes.splat(-104.0), x));
    let (n, y) = split(lanes, x);
    // 2^n in two factors, because n reaches from -150 to 128.
    let round = lanes.splat(ROUND);
    let half = lanes.sub(lanes.mul_add(n, lanes.splat(0.5), round), round);
    let rest = lanes.sub(n, half);
    lanes.mul(lanes.mul(y, power_of_two(lanes, half)), power_of_two(lanes, rest))
}

/// `exp(x)` for `x <= 0`, exactly zero below [`NEGLIGIBLE`]; NaN stays NaN.
#[inline(always)]
pub(crate) fn weight<L: Lanes>(lanes: L, x: L::V) -> L::V {
    let floor = lanes.splat(NEGLIGIBLE);
    let (n, y) = split(lanes, lanes.max(floor, x));
    lanes.select_lt(x, floor, lanes.splat(0.0), lanes.mul(y, power_of_two(lanes, n)))
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
            x[..5].copy_from_slice(&[f32::NEG_INFINITY, f32::NAN, -60.1, -59.9, -0.5]);
            let y = dispatch(level, Weight(x));
            assert_eq!(y[0].to_bits(), 0);
            assert!(y[1].is_nan());
            assert_eq!(y[2].to_bits(), 0);
            assert!(y[3] > 0.0 && y[3] < 1e-25);
            assert_eq!(y[4], exp_of(level, -0.5), "one polynomial for both");
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
