//! Lanes as one 512-bit register: AVX-512 F, BW and VL.

// Loads and stores here need no alignment, whatever type their pointers have.
#![allow(clippy::cast_ptr_alignment)]

use std::arch::x86_64::{
    __m256i, __m512, _CMP_LT_OQ, _MM_FROUND_TO_NEAREST_INT, _MM_HINT_T0, _mm_prefetch,
    _mm256_add_ps, _mm256_castpd_ps, _mm256_loadu_si256, _mm256_max_ps, _mm256_storeu_si256,
    _mm512_add_ps, _mm512_castps_pd, _mm512_castps_si512, _mm512_castps512_ps256,
    _mm512_castsi512_ps, _mm512_cmp_ps_mask, _mm512_cvtph_ps, _mm512_cvtps_ph, _mm512_div_ps,
    _mm512_extractf64x4_pd, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_mask_blend_ps, _mm512_max_ps,
    _mm512_min_ps, _mm512_mul_ps, _mm512_permute_ps, _mm512_set1_ps, _mm512_slli_epi32,
    _mm512_storeu_ps, _mm512_sub_ps,
};

use super::avx2::Avx2;
use super::{Kernel, LANES, Lanes};

/// Proof that the CPU has AVX-512 F, BW and VL next to AVX2: [`Avx512::detect`] is the only way to one.
#[derive(Clone, Copy)]
pub(crate) struct Avx512(Avx2);

impl Avx512 {
    /// The proof, where the CPU has these instructions.
    pub(crate) fn detect() -> Option<Self> {
        let there = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl");
        Avx2::detect().filter(|_| there).map(Self)
    }
}

/// An expression of intrinsics, in a method of [`Avx512`].
macro_rules! avx512 {
    ($expression:expr) => {
        // SAFETY: the method's `self` proves that the CPU has AVX-512 F, BW and VL and AVX2, and every pointer that is read or written comes
        // from a reference to an array as long as what is read or written through it.
        unsafe { $expression }
    };
}

/// Lanes 8 to 15.
macro_rules! upper_half {
    ($x:expr) => {
        _mm256_castpd_ps(_mm512_extractf64x4_pd::<1>(_mm512_castps_pd($x)))
    };
}

impl Lanes for Avx512 {
    type V = __m512;

    const TILE: usize = 6;
    const ACCUMULATORS: usize = 24;

    #[inline(always)]
    fn splat(self, x: f32) -> Self::V {
        avx512!(_mm512_set1_ps(x))
    }

    #[inline(always)]
    fn load(self, x: &[f32; LANES]) -> Self::V {
        avx512!(_mm512_loadu_ps(x.as_ptr()))
    }

    #[inline(always)]
    fn load_half(self, x: &[u16; LANES]) -> Self::V {
        avx512!(_mm512_cvtph_ps(_mm256_loadu_si256(x.as_ptr().cast::<__m256i>())))
    }

    #[inline(always)]
    fn store(self, x: Self::V, to: &mut [f32; LANES]) {
        avx512!(_mm512_storeu_ps(to.as_mut_ptr(), x));
    }

    #[inline(always)]
    fn store_half(self, x: Self::V, to: &mut [u16; LANES]) {
        let half = avx512!(_mm512_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(x));
        avx512!(_mm256_storeu_si256(to.as_mut_ptr().cast::<__m256i>(), half));
    }

    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        avx512!(_mm512_add_ps(a, b))
    }

    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        avx512!(_mm512_sub_ps(a, b))
    }

    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        avx512!(_mm512_mul_ps(a, b))
    }

    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        avx512!(_mm512_div_ps(a, b))
    }

    #[inline(always)]
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        avx512!(_mm512_fmadd_ps(a, b, c))
    }

    #[inline(always)]
    fn max(self, a: Self::V, b: Self::V) -> Self::V {
        avx512!(_mm512_max_ps(a, b))
    }

    #[inline(always)]
    fn min(self, a: Self::V, b: Self::V) -> Self::V {
        avx512!(_mm512_min_ps(a, b))
    }

    #[inline(always)]
    fn select_lt(self, a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V {
        avx512!(_mm512_mask_blend_ps(_mm512_cmp_ps_mask::<_CMP_LT_OQ>(a, b), y, x))
    }

    #[inline(always)]
    fn low_bits_to_exponent(self, x: Self::V) -> Self::V {
        avx512!(_mm512_castsi512_ps(_mm512_slli_epi32::<23>(_mm512_castps_si512(x))))
    }

    #[inline(always)]
    fn swap_pairs(self, x: Self::V) -> Self::V {
        avx512!(_mm512_permute_ps::<0b10_11_00_01>(x))
    }

    #[inline(always)]
    fn sum(self, x: Self::V) -> f32 {
        self.0.sum_of_eight(avx512!(_mm256_add_ps(_mm512_castps512_ps256(x), upper_half!(x))))
    }

    #[inline(always)]
    fn largest(self, x: Self::V) -> f32 {
        self.0.largest_of_eight(avx512!(_mm256_max_ps(_mm512_castps512_ps256(x), upper_half!(x))))
    }

    #[inline(always)]
    fn prefetch(self, at: *const u8) {
        avx512!(_mm_prefetch::<_MM_HINT_T0>(at.cast()));
    }

    fn call<K: Kernel>(self, kernel: K) -> K::Output {
        #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx2,fma,f16c")]
        fn compiled<K: Kernel>(lanes: Avx512, kernel: K) -> K::Output {
            kernel.run(lanes)
        }
        // SAFETY: `self` exists, so the CPU has the features that `compiled` is compiled for.
        unsafe { compiled(self, kernel) }
    }
}
