//! Quantization with AVX2.

use std::arch::x86_64::{
    __m256, __m256i, _mm_cvtsi128_si32, _mm_max_epi32, _mm_shuffle_epi32, _mm256_and_si256,
    _mm256_castps_si256, _mm256_castsi256_si128, _mm256_cvtps_epi32, _mm256_extracti128_si256,
    _mm256_hadd_epi32, _mm256_loadu_ps, _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_max_epi32,
    _mm256_mul_ps, _mm256_packs_epi16, _mm256_packs_epi32, _mm256_permutevar8x32_epi32,
    _mm256_set1_epi8, _mm256_set1_epi16, _mm256_set1_epi32, _mm256_set1_ps, _mm256_setr_epi32,
    _mm256_storeu_si256,
};

use super::{Quantized, scaled};
use crate::blocks::PART;

/// As [`super::parts`]; only for levels that include AVX2.
pub(super) fn parts(values: &[f32], put: impl FnMut(usize, Quantized)) {
    // SAFETY: inputs of a level exist only where the machine has its instructions.
    unsafe { compiled(values, put) }
}

#[target_feature(enable = "avx2,fma,f16c")]
fn compiled(values: &[f32], mut put: impl FnMut(usize, Quantized)) {
    for (index, values) in values.as_chunks::<PART>().0.iter().enumerate() {
        let eights: [__m256; 4] = std::array::from_fn(|i| {
            // SAFETY: eight of the part's 32 values.
            unsafe { _mm256_loadu_ps(values.as_ptr().add(8 * i)) }
        });
        put(index, scaled(largest(eights), |inverse| codes(eights, inverse)));
    }
}

/// The largest magnitude, where infinity and then NaN count as larger than all finite values, as their bits do.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn largest(eights: [__m256; 4]) -> f32 {
    let magnitude = _mm256_set1_epi32(0x7fff_ffff);
    let [a, b, c, d] = eights.map(|eight| _mm256_and_si256(_mm256_castps_si256(eight), magnitude));
    let most = _mm256_max_epi32(_mm256_max_epi32(a, b), _mm256_max_epi32(c, d));
    let most = _mm_max_epi32(_mm256_castsi256_si128(most), _mm256_extracti128_si256::<1>(most));
    let most = _mm_max_epi32(most, _mm_shuffle_epi32::<0b01_00_11_10>(most));
    let most = _mm_max_epi32(most, _mm_shuffle_epi32::<0b10_11_00_01>(most));
    f32::from_bits(_mm_cvtsi128_si32(most) as u32)
}

/// The values times `inverse` to the nearest integers, ties to even, and the sums of the halves.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn codes(eights: [__m256; 4], inverse: f32) -> ([i8; PART], [i16; 2]) {
    let inverse = _mm256_set1_ps(inverse);
    let [a, b, c, d] = eights.map(|eight| _mm256_cvtps_epi32(_mm256_mul_ps(eight, inverse)));
    // Packing works within 128-bit halves, which leaves the fours of codes in the order 0 2 4 6 1 3 5 7.
    let packed = _mm256_packs_epi16(_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d));
    let packed = _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    let mut codes = [0i8; PART];
    // SAFETY: 32 codes are 32 bytes.
    unsafe { _mm256_storeu_si256(codes.as_mut_ptr().cast::<__m256i>(), packed) };
    let fours =
        _mm256_madd_epi16(_mm256_maddubs_epi16(_mm256_set1_epi8(1), packed), _mm256_set1_epi16(1));
    let twos = _mm256_hadd_epi32(fours, fours);
    let sums = _mm256_hadd_epi32(twos, twos);
    let halves = [_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums)];
    (codes, halves.map(|half| _mm_cvtsi128_si32(half) as i16))
}
