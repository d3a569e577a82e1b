//! Vectors of AVX-512 with VNNI: sixteen lanes, and one instruction that adds up four products of bytes.

use std::arch::x86_64::{
    __m512, __m512i, _MM_HINT_T1, _mm_loadu_si128, _mm_prefetch, _mm256_loadu_si256,
    _mm512_and_si512, _mm512_castsi512_ps, _mm512_cvtepi8_epi32, _mm512_cvtepi32_ps,
    _mm512_cvtepu8_epi32, _mm512_cvtepu16_epi32, _mm512_cvtph_ps, _mm512_dpbusd_epi32,
    _mm512_dpwssd_epi32, _mm512_fmadd_ps, _mm512_fnmadd_ps, _mm512_loadu_ps, _mm512_loadu_si512,
    _mm512_mul_ps, _mm512_or_si512, _mm512_set1_epi8, _mm512_set1_epi32, _mm512_set1_ps,
    _mm512_setzero_ps, _mm512_setzero_si512, _mm512_slli_epi16, _mm512_slli_epi32,
    _mm512_srli_epi16, _mm512_storeu_ps, _mm512_sub_epi16, _mm512_xor_si512,
};

use crate::format::Format;
use crate::kernel::Tiles;
use crate::kernel::generic::Kernel;
use crate::kernel::vectors::Vectors;
use crate::quantize::Quantized;

/// Bytes of a vector of codes.
const VECTOR: usize = 64;

pub(crate) struct Avx512Vnni;

#[target_feature(enable = "avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn compiled<K: Kernel, const T: usize>(tiles: Tiles<'_>) {
    // SAFETY: the instructions are enabled here; sizes are the caller's promise.
    unsafe { K::run::<Avx512Vnni, T>(tiles) }
}

impl Vectors for Avx512Vnni {
    const LANES: usize = 16;
    const BYTE_OFFSET: i32 = 128;

    type Float = __m512;

    #[inline(always)]
    unsafe fn enter<K: Kernel>(tiles: Tiles<'_>) {
        // SAFETY: the machine has the instructions, by the caller's promise.
        unsafe {
            match tiles.input.rows {
                1 => compiled::<K, 1>(tiles),
                2 => compiled::<K, 2>(tiles),
                3 => compiled::<K, 3>(tiles),
                4 => compiled::<K, 4>(tiles),
                5 => compiled::<K, 5>(tiles),
                6 => compiled::<K, 6>(tiles),
                7 => compiled::<K, 7>(tiles),
                8 => compiled::<K, 8>(tiles),
                rows => unreachable!("groups have at most eight rows, not {rows}"),
            }
        }
    }

    #[inline(always)]
    unsafe fn prefetch(from: *const u8) {
        // SAFETY: a prefetch does not fault.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(from.cast()) }
    }

    #[inline(always)]
    unsafe fn zero() -> __m512 {
        // SAFETY: the instructions are enabled, as for all methods below.
        unsafe { _mm512_setzero_ps() }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> __m512 {
        // SAFETY: see `zero`.
        unsafe { _mm512_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn halves(from: *const u8) -> __m512 {
        // SAFETY: 32 bytes are there, by the caller's promise.
        unsafe { _mm512_cvtph_ps(_mm256_loadu_si256(from.cast())) }
    }

    #[inline(always)]
    unsafe fn bytes(from: *const u8) -> __m512 {
        // SAFETY: 16 bytes are there, by the caller's promise.
        unsafe { _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(from.cast()))) }
    }

    #[inline(always)]
    unsafe fn elements(format: Format, from: *const u8) -> __m512 {
        // SAFETY: 16 weights are there, by the caller's promise.
        unsafe {
            match format {
                Format::F16 => _mm512_cvtph_ps(_mm256_loadu_si256(from.cast())),
                Format::Bf16 => _mm512_castsi512_ps(_mm512_slli_epi32::<16>(
                    _mm512_cvtepu16_epi32(_mm256_loadu_si256(from.cast())),
                )),
                _ => _mm512_loadu_ps(from.cast()),
            }
        }
    }

    #[inline(always)]
    unsafe fn store(values: __m512, to: *mut f32) {
        // SAFETY: there is room for 16 values, by the caller's promise.
        unsafe { _mm512_storeu_ps(to, values) }
    }

    #[inline(always)]
    unsafe fn mul(a: __m512, b: __m512) -> __m512 {
        // SAFETY: see `zero`.
        unsafe { _mm512_mul_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn fma(a: __m512, b: __m512, c: __m512) -> __m512 {
        // SAFETY: see `zero`.
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    unsafe fn fnma(a: __m512, b: __m512, c: __m512) -> __m512 {
        // SAFETY: see `zero`.
        unsafe { _mm512_fnmadd_ps(a, b, c) }
    }

    #[inline(always)]
    unsafe fn dots<const T: usize, const BITS: usize>(
        codes: *const u8,
        inputs: *const Quantized,
    ) -> [__m512; T] {
        // SAFETY: the codes of a part and `T` inputs are there, by the caller's promise.
        unsafe {
            let mut sums = [_mm512_setzero_si512(); T];
            for half in 0..2 {
                for v in 0..4 {
                    add_four::<T>(&mut sums, unpack::<BITS>(codes, half, v), inputs, 4 * half + v);
                }
            }
            sums.map(|sum| _mm512_cvtepi32_ps(sum))
        }
    }

    #[inline(always)]
    unsafe fn scaled_dots<const T: usize, const BITS: usize>(
        codes: *const u8,
        own: *const u8,
        inputs: *const Quantized,
    ) -> [__m512; T] {
        // SAFETY: the codes and scales of a part and `T` inputs are there, by the caller's promise.
        unsafe {
            if BITS != 6 {
                let scale = Self::bytes(own);
                return Self::dots::<T, BITS>(codes, inputs).map(|dot| _mm512_mul_ps(dot, scale));
            }
            // The bytes of both scales of a lane as 16 bits, -32 times as large, to take off the codes' offset.
            let [first, second] = [0, 1].map(|half| {
                _mm512_cvtepi8_epi32(_mm_loadu_si128(own.add(half * Self::LANES).cast()))
            });
            let low = _mm512_and_si512(first, _mm512_set1_epi32(0xffff));
            let pair = _mm512_or_si512(low, _mm512_slli_epi32::<16>(second));
            let pair = _mm512_sub_epi16(_mm512_setzero_si512(), _mm512_slli_epi16::<5>(pair));
            let mut dots = [_mm512_setzero_ps(); T];
            for (t, dot) in dots.iter_mut().enumerate() {
                let halves = (&raw const (*inputs.add(t)).halves).cast::<i32>().read_unaligned();
                *dot = _mm512_cvtepi32_ps(_mm512_dpwssd_epi32(
                    _mm512_setzero_si512(),
                    pair,
                    _mm512_set1_epi32(halves),
                ));
            }
            for (half, scale) in [first, second].into_iter().enumerate() {
                let scale = _mm512_cvtepi32_ps(scale);
                let mut sums = [_mm512_setzero_si512(); T];
                for v in 0..4 {
                    add_four::<T>(&mut sums, unpack::<6>(codes, half, v), inputs, 4 * half + v);
                }
                for t in 0..T {
                    dots[t] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[t]), scale, dots[t]);
                }
            }
            dots
        }
    }
}

/// Adds the products of four codes of every lane with the fours `at` of the inputs.
#[inline(always)]
unsafe fn add_four<const T: usize>(
    sums: &mut [__m512i; T],
    codes: __m512i,
    inputs: *const Quantized,
    at: usize,
) {
    // SAFETY: input `t` has eight fours of codes.
    unsafe {
        for (t, sum) in sums.iter_mut().enumerate() {
            let four = _mm512_set1_epi32(inputs.add(t).cast::<i32>().add(at).read_unaligned());
            *sum = _mm512_dpbusd_epi32(*sum, codes, four);
        }
    }
}

/// Vector `v` of one half of a part's codes, unsigned: 8-bit codes are shifted up by 128.
#[inline(always)]
unsafe fn unpack<const BITS: usize>(codes: *const u8, half: usize, v: usize) -> __m512i {
    // SAFETY: the codes of a part are there, by the caller's promise.
    unsafe {
        if BITS == 8 {
            let bytes = _mm512_loadu_si512(codes.add((4 * half + v) * VECTOR).cast());
            return _mm512_xor_si512(bytes, _mm512_set1_epi8(-128));
        }
        let raw = _mm512_loadu_si512(codes.add(v * VECTOR).cast());
        let low = if half == 0 { raw } else { _mm512_srli_epi16::<4>(raw) };
        let low = _mm512_and_si512(low, _mm512_set1_epi8(15));
        if BITS == 4 {
            return low;
        }
        let high =
            _mm512_loadu_si512(codes.add(if BITS == 6 { 4 + half } else { 4 } * VECTOR).cast());
        // The code's high bits go to bit 4 and up.
        let (at, mask) = if BITS == 6 { (2 * v, 48) } else { (4 * half + v, 16) };
        let high = match at {
            0 => _mm512_slli_epi16::<4>(high),
            1 => _mm512_slli_epi16::<3>(high),
            2 => _mm512_slli_epi16::<2>(high),
            3 => _mm512_slli_epi16::<1>(high),
            4 => high,
            5 => _mm512_srli_epi16::<1>(high),
            6 => _mm512_srli_epi16::<2>(high),
            _ => _mm512_srli_epi16::<3>(high),
        };
        _mm512_or_si512(low, _mm512_and_si512(high, _mm512_set1_epi8(mask)))
    }
}
