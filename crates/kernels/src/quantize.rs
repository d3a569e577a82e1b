//! Quantization of input values to 8 bits, a part of 32 at a time.

use crate::blocks::PART;
use crate::level::Level;

/// The smallest magnitude (2^-119) whose scale is worth keeping: below it, scales leave the range of normal numbers.
const TINY: f32 = f32::from_bits((127 - 119) << 23);

/// One part of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Quantized {
    pub(crate) codes: [i8; PART],
    pub(crate) scale: f32,
    pub(crate) sum: f32,
    pub(crate) total: f32,
    pub(crate) halves: [i16; 2],
    pub(crate) centres: [i32; 2],
}

/// Quantizes whole parts and hands each over with its index.
pub(crate) fn parts(level: Level, values: &[f32], mut put: impl FnMut(usize, &Quantized)) {
    let _ = level;
    for (index, values) in values.as_chunks::<PART>().0.iter().enumerate() {
        put(index, &part(values));
    }
}

#[inline(always)]
fn part(values: &[f32; PART]) -> Quantized {
    // Magnitudes order like their bits, with infinity and then NaN above all finite ones.
    let largest = values.iter().fold(0, |largest: u32, value| largest.max(value.to_bits() & 0x7fff_ffff));
    let largest = f32::from_bits(largest);
    let (scale, inverse) = if !largest.is_finite() {
        (f32::NAN, 0.0)
    } else if largest < TINY {
        (0.0, 0.0)
    } else {
        (largest / 127.0, 127.0 / largest)
    };
    // A product with infinity or NaN casts to an arbitrary but valid integer; the scale tells.
    let codes: [i8; PART] = std::array::from_fn(|i| (values[i] * inverse).round_ties_even() as i8);
    let half = |codes: &[i8]| codes.iter().map(|&code| i16::from(code)).sum::<i16>();
    let halves = [half(&codes[..PART / 2]), half(&codes[PART / 2..])];
    let total = f32::from(halves[0] + halves[1]);
    Quantized { codes, scale, sum: scale * total, total, halves, centres: halves.map(|half| -32 * i32::from(half)) }
}
