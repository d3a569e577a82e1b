//! The exponential function, the same to the bit on every platform.

/// `x` to `e^x` for each number, none of them above 0 or NaN. Within two units
/// in the last place; below the smallest normal number the answer is 0.
///
/// Additions, multiplications and shifts of 64 bits only, so that equal inputs
/// give equal weights on every platform, and several at a time.
pub(crate) fn exp_all(numbers: &mut [f64]) {
    for x in numbers {
        *x = exp(*x);
    }
}

/// Adding it rounds a small number to an integer, in the lowest bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// ln 2, split so that a multiple of the first part by a small integer is exact.
const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// The least number whose exponential is normal.
const LEAST: f64 = -708.0;

#[inline]
fn exp(x: f64) -> f64 {
    // 2^k e^r, with r at most half of ln 2.
    let clamped = if x < LEAST { LEAST } else { x };
    let rounded = clamped * std::f64::consts::LOG2_E + ROUND;
    let k = rounded - ROUND;
    let r = (clamped - k * LN2_HIGH) - k * LN2_LOW;
    let mut sum = 1.0 / 6_227_020_800.0;
    for factorial in [
        479_001_600.0,
        39_916_800.0,
        3_628_800.0,
        362_880.0,
        40_320.0,
        5_040.0,
        720.0,
        120.0,
        24.0,
        6.0,
        2.0,
        1.0,
        1.0,
    ] {
        sum = sum * r + 1.0 / factorial;
    }
    let exponent = rounded.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(1023);
    let power = f64::from_bits(exponent << 52);
    if x < LEAST { 0.0 } else { sum * power }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn it_is_the_exponential(x in prop_oneof![-707.9..0.0f64, -1.0..0.0f64, -1e-9..0.0f64]) {
            let mut number = [x];
            exp_all(&mut number);
            let error = (number[0] - x.exp()).abs() / x.exp();
            prop_assert!(error < 5e-16, "{x}: {} is off by {error}", number[0]);
        }
    }

    #[test]
    fn the_ends_are_exact() {
        let mut numbers = [0.0, -0.0, f64::NEG_INFINITY, -1e300, -709.0];
        exp_all(&mut numbers);
        assert_eq!(numbers, [1.0, 1.0, 0.0, 0.0, 0.0]);
    }
}
