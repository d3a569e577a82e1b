//! Vectors of AVX2, FMA and F16C: eight lanes.
//!
//! There is no instruction that multiplies bytes and adds four of them up, so products of unsigned codes and signed inputs are added in
//! pairs to 16 bits, and these sums added as long as they fit: all of a part's 16 pairs of 4-bit codes (2 * 16 / 2 * 15 * 127 = 30480), eight of
//! 5-bit codes, four of 6-bit codes. One multiplication by ones, or by a part's scales, then brings them to 32 bits.

use std::arch::x86_64::{
    __m128i, __m256, __m256i, _MM_HINT_T1, _mm_loadl_epi64, _mm_loadu_si128, _mm_prefetch,
    _mm256_abs_epi8, _mm256_add_epi16, _mm256_add_epi32, _mm256_and_si256,
    _mm256_broadcastsi128_si256, _mm256_castsi256_ps, _mm256_cvtepi32_ps, _mm256_cvtepu8_epi32,
    _mm256_cvtepu16_epi32, _mm256_cvtph_ps, _mm256_fmadd_ps, _mm256_fnmadd_ps, _mm256_loadu_ps,
    _mm256_loadu_si256, _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_mul_ps, _mm256_or_si256,
    _mm256_set1_epi8, _mm256_set1_epi16, _mm256_set1_epi32, _mm256_set1_ps, _mm256_setr_epi8,
    _mm256_setzero_ps, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_sign_epi8,
    _mm256_slli_epi16, _mm256_slli_epi32, _mm256_srai_epi16, _mm256_srli_epi16, _mm256_storeu_ps,
    _mm256_sub_epi32,
};

use crate::format::Format;
use crate::kernel::Tiles;
use crate::kernel::generic::Kernel;
use crate::kernel::vectors::Vectors;
use crate::quantize::Quantized;

/// Bytes of a vector of codes.
const VECTOR: usize = 32;

pub(crate) struct Avx2;

#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn compiled<K: Kernel, const T: usize>(tiles: Tiles<'_>) {
    // SAFETY: the instructions are enabled here; sizes are the caller's promise.
    unsafe { K::run::<Avx2, T>(tiles) }
}

impl Vectors for Avx2 {
    const LANES: usize = 8;
    const BYTE_OFFSET: i32 = 0;

    type Float = __m256;

    #[inline(always)]
    unsafe fn enter<K: Kernel>(tiles: Tiles<'_>) {
        // SAFETY: the machine has the instructions, by the caller's promise.
        unsafe {
            match tiles.input.rows {
                1 => compiled::<K, 1>(tiles),
                2 => compiled::<K, 2>(tiles),
                3 => compiled::<K, 3>(tiles),
                4 => compiled::<K, 4>(tiles),
                rows => unreachable!("groups have at most four rows, not {rows}"),
            }
        }
    }

    #[inline(always)]
    unsafe fn prefetch(from: *const u8) {
        // SAFETY: a prefetch does not fault.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(from.cast()) }
    }

    #[inline(always)]
    unsafe fn zero() -> __m256 {
        // SAFETY: the instructions are enabled, as for all methods below.
        unsafe { _mm256_setzero_ps() }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> __m256 {
        // SAFETY: see `zero`.
        unsafe { _mm256_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn halves(from: *const u8) -> __m256 {
        // SAFETY: 16 bytes are there, by the caller's promise.
        unsafe { _mm256_cvtph_ps(_mm_loadu_si128(from.cast())) }
    }

    #[inline(always)]
    unsafe fn bytes(from: *const u8) -> __m256 {
        // SAFETY: 8 bytes are there, by the caller's promise.
        unsafe { _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(from.cast()))) }
    }

    #[inline(always)]
    unsafe fn elements(format: Format, from: *const u8) -> __m256 {
        // SAFETY: 8 weights are there, by the caller's promise.
        unsafe {
            match format {
                Format::F16 => _mm256_cvtph_ps(_mm_loadu_si128(from.cast())),
                Format::Bf16 => _mm256_castsi256_ps(_mm256_slli_epi32::<16>(
                    _mm256_cvtepu16_epi32(_mm_loadu_si128(from.cast())),
                )),
                _ => _mm256_loadu_ps(from.cast()),
            }
        }
    }

    #[inline(always)]
    unsafe fn store(values: __m256, to: *mut f32) {
        // SAFETY: there is room for 8 values, by the caller's promise.
        unsafe { _mm256_storeu_ps(to, values) }
    }

    #[inline(always)]
    unsafe fn mul(a: __m256, b: __m256) -> __m256 {
        // SAFETY: see `zero`.
        unsafe { _mm256_mul_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn fma(a: __m256, b: __m256, c: __m256) -> __m256 {
        // SAFETY: see `zero`.
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    unsafe fn fnma(a: __m256, b: __m256, c: __m256) -> __m256 {
        // SAFETY: see `zero`.
        unsafe { _mm256_fnmadd_ps(a, b, c) }
    }

    #[inline(always)]
    unsafe fn dots<const T: usize, const BITS: usize>(
        codes: *const u8,
        inputs: *const Quantized,
    ) -> [__m256; T] {
        // SAFETY: the codes of a part and `T` inputs are there, by the caller's promise.
        unsafe {
            let sums = match BITS {
                4 => nibble_dots::<T>(codes, _mm256_set1_epi16(1), inputs),
                5 => five_bit_dots::<T>(codes, _mm256_set1_epi16(1), inputs),
                _ => byte_dots::<T>(codes, inputs),
            };
            sums.map(|sum| _mm256_cvtepi32_ps(sum))
        }
    }

    #[inline(always)]
    unsafe fn scaled_dots<const T: usize, const BITS: usize>(
        codes: *const u8,
        own: *const u8,
        inputs: *const Quantized,
    ) -> [__m256; T] {
        // SAFETY: the codes and scales of a part and `T` inputs are there, by the caller's promise.
        unsafe {
            // Scale and minimum, or two scales, of eight lanes, in both halves of the vector.
            let own = _mm256_broadcastsi128_si256(_mm_loadu_si128(own.cast::<__m128i>()));
            let sums = match BITS {
                4 => nibble_dots::<T>(codes, positive_scales(own), inputs),
                5 => five_bit_dots::<T>(codes, positive_scales(own), inputs),
                _ => six_bit_dots::<T>(codes, own, inputs),
            };
            sums.map(|sum| _mm256_cvtepi32_ps(sum))
        }
    }
}

/// Four codes of an input in every lane.
#[inline(always)]
unsafe fn four<const T: usize>(inputs: *const Quantized, t: usize, v: usize) -> __m256i {
    debug_assert!(t < T && v < 8);
    // SAFETY: input `t` has eight fours of codes.
    unsafe { _mm256_set1_epi32(inputs.add(t).cast::<i32>().add(v).read_unaligned()) }
}

/// The unsigned first bytes of eight lanes' scales, each twice as 16 bits.
#[inline(always)]
unsafe fn positive_scales(own: __m256i) -> __m256i {
    // SAFETY: the instructions are enabled.
    unsafe {
        let order = _mm256_setr_epi8(
            0, -1, 0, -1, 1, -1, 1, -1, 2, -1, 2, -1, 3, -1, 3, -1, 4, -1, 4, -1, 5, -1, 5, -1, 6,
            -1, 6, -1, 7, -1, 7, -1,
        );
        _mm256_shuffle_epi8(own, order)
    }
}

#[inline(always)]
unsafe fn nibble_dots<const T: usize>(
    codes: *const u8,
    factor: __m256i,
    inputs: *const Quantized,
) -> [__m256i; T] {
    // SAFETY: see `Vectors::dots`.
    unsafe {
        let mask = _mm256_set1_epi8(15);
        let mut sums = [_mm256_setzero_si256(); T];
        for v in 0..4 {
            let raw = _mm256_loadu_si256(codes.add(v * VECTOR).cast());
            let low = _mm256_and_si256(raw, mask);
            for t in 0..T {
                let products = _mm256_maddubs_epi16(low, four::<T>(inputs, t, v));
                sums[t] = if v == 0 { products } else { _mm256_add_epi16(sums[t], products) };
            }
            let high = _mm256_and_si256(_mm256_srli_epi16::<4>(raw), mask);
            for t in 0..T {
                sums[t] = _mm256_add_epi16(
                    sums[t],
                    _mm256_maddubs_epi16(high, four::<T>(inputs, t, 4 + v)),
                );
            }
        }
        sums.map(|sum| _mm256_madd_epi16(sum, factor))
    }
}

#[inline(always)]
unsafe fn five_bit_dots<const T: usize>(
    codes: *const u8,
    factor: __m256i,
    inputs: *const Quantized,
) -> [__m256i; T] {
    // SAFETY: see `Vectors::dots`.
    unsafe {
        let (mask, bit) = (_mm256_set1_epi8(15), _mm256_set1_epi8(16));
        let bits = _mm256_loadu_si256(codes.add(4 * VECTOR).cast());
        let mut totals = [_mm256_setzero_si256(); T];
        for half in 0..2 {
            let mut sums = [_mm256_setzero_si256(); T];
            for v in 0..4 {
                let raw = _mm256_loadu_si256(codes.add(v * VECTOR).cast());
                // Bit `4 * half + v` of a byte goes to bit 4.
                let (low, high) = if half == 0 {
                    let high = match v {
                        0 => _mm256_slli_epi16::<4>(bits),
                        1 => _mm256_slli_epi16::<3>(bits),
                        2 => _mm256_slli_epi16::<2>(bits),
                        _ => _mm256_slli_epi16::<1>(bits),
                    };
                    (raw, high)
                } else {
                    let high = match v {
                        0 => bits,
                        1 => _mm256_srli_epi16::<1>(bits),
                        2 => _mm256_srli_epi16::<2>(bits),
                        _ => _mm256_srli_epi16::<3>(bits),
                    };
                    (_mm256_srli_epi16::<4>(raw), high)
                };
                let code =
                    _mm256_or_si256(_mm256_and_si256(low, mask), _mm256_and_si256(high, bit));
                for t in 0..T {
                    let products = _mm256_maddubs_epi16(code, four::<T>(inputs, t, 4 * half + v));
                    sums[t] = if v == 0 { products } else { _mm256_add_epi16(sums[t], products) };
                }
            }
            for t in 0..T {
                let sum = _mm256_madd_epi16(sums[t], factor);
                totals[t] = if half == 0 { sum } else { _mm256_add_epi32(totals[t], sum) };
            }
        }
        totals
    }
}

/// `own` has the scales of the first halves and then those of the second halves; the offset of 32 is subtracted here.
#[inline(always)]
unsafe fn six_bit_dots<const T: usize>(
    codes: *const u8,
    own: __m256i,
    inputs: *const Quantized,
) -> [__m256i; T] {
    // SAFETY: see `Vectors::scaled_dots`.
    unsafe {
        // The scale's byte as the upper one of 16 bits, for each half alone and for both.
        let first = _mm256_setr_epi8(
            -1, 0, -1, 0, -1, 1, -1, 1, -1, 2, -1, 2, -1, 3, -1, 3, -1, 4, -1, 4, -1, 5, -1, 5, -1,
            6, -1, 6, -1, 7, -1, 7,
        );
        let both = _mm256_setr_epi8(
            -1, 0, -1, 8, -1, 1, -1, 9, -1, 2, -1, 10, -1, 3, -1, 11, -1, 4, -1, 12, -1, 5, -1, 13,
            -1, 6, -1, 14, -1, 7, -1, 15,
        );
        let second = _mm256_setr_epi8(
            -1, 8, -1, 8, -1, 9, -1, 9, -1, 10, -1, 10, -1, 11, -1, 11, -1, 12, -1, 12, -1, 13, -1,
            13, -1, 14, -1, 14, -1, 15, -1, 15,
        );
        let (mask, crumb) = (_mm256_set1_epi8(15), _mm256_set1_epi8(48));
        // 32 times the scales of both halves.
        let pair = _mm256_srai_epi16::<3>(_mm256_shuffle_epi8(own, both));
        let mut totals = [_mm256_setzero_si256(); T];
        for t in 0..T {
            let sums = _mm256_set1_epi32(
                (&raw const (*inputs.add(t)).halves).cast::<i32>().read_unaligned(),
            );
            totals[t] = _mm256_sub_epi32(_mm256_setzero_si256(), _mm256_madd_epi16(pair, sums));
        }
        for half in 0..2 {
            let scale = _mm256_srai_epi16::<8>(_mm256_shuffle_epi8(
                own,
                if half == 0 { first } else { second },
            ));
            let crumbs = _mm256_loadu_si256(codes.add((4 + half) * VECTOR).cast());
            let mut sums = [_mm256_setzero_si256(); T];
            for v in 0..4 {
                let raw = _mm256_loadu_si256(codes.add(v * VECTOR).cast());
                let low = if half == 0 { raw } else { _mm256_srli_epi16::<4>(raw) };
                let high = match v {
                    0 => _mm256_slli_epi16::<4>(crumbs),
                    1 => _mm256_slli_epi16::<2>(crumbs),
                    2 => crumbs,
                    _ => _mm256_srli_epi16::<2>(crumbs),
                };
                let code =
                    _mm256_or_si256(_mm256_and_si256(low, mask), _mm256_and_si256(high, crumb));
                for t in 0..T {
                    let products = _mm256_maddubs_epi16(code, four::<T>(inputs, t, 4 * half + v));
                    if v % 2 == 0 {
                        sums[t] = products;
                    } else {
                        let sum = _mm256_madd_epi16(_mm256_add_epi16(sums[t], products), scale);
                        totals[t] = _mm256_add_epi32(totals[t], sum);
                    }
                }
            }
        }
        totals
    }
}

/// Magnitudes of the weights times inputs that took over the weights' signs.
#[inline(always)]
unsafe fn byte_dots<const T: usize>(codes: *const u8, inputs: *const Quantized) -> [__m256i; T] {
    // SAFETY: see `Vectors::dots`.
    unsafe {
        let ones = _mm256_set1_epi16(1);
        let mut sums = [_mm256_setzero_si256(); T];
        for v in 0..8 {
            let weights = _mm256_loadu_si256(codes.add(v * VECTOR).cast());
            let magnitudes = _mm256_abs_epi8(weights);
            for t in 0..T {
                let signed = _mm256_sign_epi8(four::<T>(inputs, t, v), weights);
                let products = _mm256_madd_epi16(_mm256_maddubs_epi16(magnitudes, signed), ones);
                sums[t] = if v == 0 { products } else { _mm256_add_epi32(sums[t], products) };
            }
        }
        sums
    }
}
