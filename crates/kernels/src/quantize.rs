//! Quantization of input values to 8 bits, a part of 32 at a time.

use crate::blocks::PART;
use crate::level::Level;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "aarch64")]
mod neon;

/// The smallest magnitude (2^-119) whose scale is worth keeping: below it, scales leave the range of normal numbers.
const TINY: f32 = f32::from_bits((127 - 119) << 23);

/// One part of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub(crate) struct Quantized {
    /// Integers in -127..=127.
    pub(crate) codes: [i8; PART],
    /// What the codes are multiples of.
    pub(crate) scale: f32,
    /// Scale times the sum of the codes.
    pub(crate) sum: f32,
    /// The sum of the codes.
    pub(crate) total: f32,
    /// The sums of the codes of the two halves.
    pub(crate) halves: [i16; 2],
}

impl Quantized {
    pub(crate) const ZERO: Self =
        Self { codes: [0; PART], scale: 0.0, sum: 0.0, total: 0.0, halves: [0; 2] };
    /// A part with an infinity or a NaN: every product with it is not a number.
    const BROKEN: Self = Self { scale: f32::NAN, sum: f32::NAN, ..Self::ZERO };
}

/// Quantizes whole parts and hands each over with its index; the bits are the same at every level.
pub(crate) fn parts(level: Level, values: &[f32], put: impl FnMut(usize, Quantized)) {
    match level {
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 | Level::Avx512Vnni => avx2::parts(values, put),
        #[cfg(target_arch = "aarch64")]
        Level::Neon => neon::parts(values, put),
        _ => portable(values, put),
    }
}

fn portable(values: &[f32], mut put: impl FnMut(usize, Quantized)) {
    for (index, values) in values.as_chunks::<PART>().0.iter().enumerate() {
        // Magnitudes order like their bits, with infinity and then NaN above all finite ones.
        let largest =
            values.iter().fold(0, |largest: u32, value| largest.max(value.to_bits() & 0x7fff_ffff));
        put(
            index,
            scaled(f32::from_bits(largest), |inverse| {
                let codes: [i8; PART] =
                    std::array::from_fn(|i| (values[i] * inverse).round_ties_even() as i8);
                let half = |codes: &[i8]| codes.iter().map(|&code| i16::from(code)).sum();
                (codes, [half(&codes[..PART / 2]), half(&codes[PART / 2..])])
            }),
        );
    }
}

/// A part whose largest magnitude is given; `codes` gets the inverse of the scale and returns the codes and the sums of their halves.
#[inline(always)]
fn scaled(largest: f32, codes: impl FnOnce(f32) -> ([i8; PART], [i16; 2])) -> Quantized {
    if !largest.is_finite() {
        return Quantized::BROKEN;
    }
    if largest < TINY {
        return Quantized::ZERO;
    }
    let scale = largest / 127.0;
    let (codes, halves) = codes(127.0 / largest);
    let total = f32::from(halves[0] + halves[1]);
    Quantized { codes, scale, sum: scale * total, total, halves }
}
