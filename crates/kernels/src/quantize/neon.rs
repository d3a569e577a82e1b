//! Quantization with NEON.

use std::arch::aarch64::{
    float32x4_t, vaddlvq_s8, vandq_u32, vcombine_s8, vcombine_s16, vcvtnq_s32_f32, vdupq_n_u32,
    vld1q_f32, vmaxq_u32, vmaxvq_u32, vmulq_n_f32, vqmovn_s16, vqmovn_s32, vreinterpretq_u32_f32,
    vst1q_s8,
};

use super::{Quantized, scaled};
use crate::blocks::PART;

/// As [`super::parts`]; only for levels that include NEON.
pub(super) fn parts(values: &[f32], put: impl FnMut(usize, Quantized)) {
    // SAFETY: inputs of a level exist only where the machine has its instructions.
    unsafe { compiled(values, put) }
}

#[target_feature(enable = "neon")]
fn compiled(values: &[f32], mut put: impl FnMut(usize, Quantized)) {
    for (index, values) in values.as_chunks::<PART>().0.iter().enumerate() {
        let fours: [float32x4_t; 8] = std::array::from_fn(|i| {
            // SAFETY: four of the part's 32 values.
            unsafe { vld1q_f32(values.as_ptr().add(4 * i)) }
        });
        // Magnitudes order like their bits, with infinity and then NaN above all finite ones.
        let magnitude = vdupq_n_u32(0x7fff_ffff);
        let largest =
            fours.map(|four| vandq_u32(vreinterpretq_u32_f32(four), magnitude)).into_iter();
        let largest = vmaxvq_u32(largest.fold(vdupq_n_u32(0), |a, b| vmaxq_u32(a, b)));
        put(index, scaled(f32::from_bits(largest), |inverse| codes(fours, inverse)));
    }
}

/// The values times `inverse` to the nearest integers, ties to even, and the sums of the halves.
#[inline]
#[target_feature(enable = "neon")]
fn codes(fours: [float32x4_t; 8], inverse: f32) -> ([i8; PART], [i16; 2]) {
    let narrow = fours.map(|four| vqmovn_s32(vcvtnq_s32_f32(vmulq_n_f32(four, inverse))));
    let mut codes = [0i8; PART];
    let halves = [0, 1].map(|half| {
        let [a, b] = [0, 2]
            .map(|i| vqmovn_s16(vcombine_s16(narrow[4 * half + i], narrow[4 * half + i + 1])));
        let sixteen = vcombine_s8(a, b);
        // SAFETY: 16 of the 32 codes.
        unsafe { vst1q_s8(codes.as_mut_ptr().add(16 * half), sixteen) };
        vaddlvq_s8(sixteen)
    });
    (codes, halves)
}
