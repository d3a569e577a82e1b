//! Lanes as four 128-bit registers: NEON.

use std::arch::aarch64::{
    float32x4_t, vadd_f32, vaddq_f32, vbsl_f32, vbslq_f32, vcgt_f32, vcgtq_f32, vcltq_f32,
    vdivq_f32, vdupq_n_f32, vfmaq_f32, vget_high_f32, vget_lane_f32, vget_low_f32, vld1q_f32,
    vmulq_f32, vreinterpretq_f32_u32, vreinterpretq_u32_f32, vrev64q_f32, vshlq_n_u32, vst1q_f32,
    vsubq_f32,
};

use super::{Kernel, LANES, Lanes};

/// Proof that the CPU has NEON: [`Neon::detect`] is the only way to one.
#[derive(Clone, Copy)]
pub(crate) struct Neon(());

impl Neon {
    /// The proof, where the CPU has these instructions.
    pub(crate) fn detect() -> Option<Self> {
        std::arch::is_aarch64_feature_detected!("neon").then_some(Self(()))
    }
}

/// An expression of intrinsics, in a method of [`Neon`].
macro_rules! neon {
    ($expression:expr) => {
        // SAFETY: the method's `self` proves that the CPU has NEON, and every pointer comes from a reference to an
        // array as long as what is read or written through it.
        unsafe { $expression }
    };
}

#[inline(always)]
fn each(op: impl Fn(usize) -> float32x4_t) -> [float32x4_t; 4] {
    [op(0), op(1), op(2), op(3)]
}

impl Lanes for Neon {
    type V = [float32x4_t; 4];

    const TILE: usize = 6;
    const ACCUMULATORS: usize = 6;

    #[inline(always)]
    fn splat(self, x: f32) -> Self::V {
        neon!([vdupq_n_f32(x); 4])
    }

    #[inline(always)]
    fn load(self, x: &[f32; LANES]) -> Self::V {
        each(|i| neon!(vld1q_f32(x.as_ptr().add(4 * i))))
    }

    #[inline(always)]
    fn load_half(self, x: &[u16; LANES]) -> Self::V {
        each(|i| {
            let value: float32x4_t;
            // SAFETY: the CPU has NEON, whose base instructions these are; the 8 bytes at `4 * i` lie in `x`.
            unsafe {
                std::arch::asm!(
                    "ldr {value:d}, [{from}]",
                    "fcvtl {value:v}.4s, {value:v}.4h",
                    from = in(reg) x.as_ptr().add(4 * i),
                    value = out(vreg) value,
                    options(pure, readonly, nostack, preserves_flags),
                );
            }
            value
        })
    }

    #[inline(always)]
    fn store(self, x: Self::V, to: &mut [f32; LANES]) {
        for (i, part) in x.into_iter().enumerate() {
            neon!(vst1q_f32(to.as_mut_ptr().add(4 * i), part));
        }
    }

    #[inline(always)]
    fn store_half(self, x: Self::V, to: &mut [u16; LANES]) {
        for (i, part) in x.into_iter().enumerate() {
            // SAFETY: the CPU has NEON, whose base instructions these are; the 8 bytes at `4 * i` lie in `to`.
            unsafe {
                std::arch::asm!(
                    "fcvtn {half:v}.4h, {value:v}.4s",
                    "str {half:d}, [{to}]",
                    value = in(vreg) part,
                    half = out(vreg) _,
                    to = in(reg) to.as_mut_ptr().add(4 * i),
                    options(nostack, preserves_flags),
                );
            }
        }
    }

    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        each(|i| neon!(vaddq_f32(a[i], b[i])))
    }

    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        each(|i| neon!(vsubq_f32(a[i], b[i])))
    }

    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        each(|i| neon!(vmulq_f32(a[i], b[i])))
    }

    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        each(|i| neon!(vdivq_f32(a[i], b[i])))
    }

    #[inline(always)]
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        each(|i| neon!(vfmaq_f32(c[i], a[i], b[i])))
    }

    #[inline(always)]
    fn max(self, a: Self::V, b: Self::V) -> Self::V {
        each(|i| neon!(vbslq_f32(vcgtq_f32(a[i], b[i]), a[i], b[i])))
    }

    #[inline(always)]
    fn min(self, a: Self::V, b: Self::V) -> Self::V {
        each(|i| neon!(vbslq_f32(vcltq_f32(a[i], b[i]), a[i], b[i])))
    }

    #[inline(always)]
    fn select_lt(self, a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V {
        each(|i| neon!(vbslq_f32(vcltq_f32(a[i], b[i]), x[i], y[i])))
    }

    #[inline(always)]
    fn low_bits_to_exponent(self, x: Self::V) -> Self::V {
        each(|i| neon!(vreinterpretq_f32_u32(vshlq_n_u32::<23>(vreinterpretq_u32_f32(x[i])))))
    }

    #[inline(always)]
    fn swap_pairs(self, x: Self::V) -> Self::V {
        each(|i| neon!(vrev64q_f32(x[i])))
    }

    #[inline(always)]
    fn sum(self, x: Self::V) -> f32 {
        neon!({
            let four = vaddq_f32(vaddq_f32(x[0], x[2]), vaddq_f32(x[1], x[3]));
            let two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
            vget_lane_f32::<0>(two) + vget_lane_f32::<1>(two)
        })
    }

    #[inline(always)]
    fn largest(self, x: Self::V) -> f32 {
        neon!({
            let larger = |a, b| vbslq_f32(vcgtq_f32(a, b), a, b);
            let four = larger(larger(x[0], x[2]), larger(x[1], x[3]));
            let (low, high) = (vget_low_f32(four), vget_high_f32(four));
            let two = vbsl_f32(vcgt_f32(low, high), low, high);
            let (a, b) = (vget_lane_f32::<0>(two), vget_lane_f32::<1>(two));
            if a > b { a } else { b }
        })
    }

    #[inline(always)]
    fn prefetch(self, at: *const u8) {
        // SAFETY: a prefetch reads nothing, whatever the address.
        unsafe {
            std::arch::asm!(
                "prfm pldl1keep, [{at}]",
                at = in(reg) at,
                options(nostack, preserves_flags, readonly),
            );
        }
    }

    fn call<K: Kernel>(self, kernel: K) -> K::Output {
        #[target_feature(enable = "neon")]
        fn compiled<K: Kernel>(lanes: Neon, kernel: K) -> K::Output {
            kernel.run(lanes)
        }
        // SAFETY: `self` exists, so the CPU has the features that `compiled` is compiled for.
        unsafe { compiled(self, kernel) }
    }
}
