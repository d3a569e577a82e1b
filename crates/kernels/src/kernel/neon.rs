//! Vectors of NEON with the dot-product extension: eight lanes in two registers.
//!
//! The instruction multiplies signed bytes and adds four products to each 32-bit lane, with the four input codes of all lanes taken out of
//! one register by index: sixteen input codes are loaded at a time.

use std::arch::aarch64::{
    float32x4_t, int8x16_t, int32x4_t, uint8x16_t, vandq_u8, vcvt_f32_f16, vcvtq_f32_s32,
    vcvtq_f32_u32, vdupq_n_f32, vdupq_n_s32, vdupq_n_u8, vfmaq_f32, vfmsq_f32, vget_high_s16,
    vget_high_u16, vget_low_s16, vget_low_u16, vld1_s8, vld1_u8, vld1_u16, vld1q_f32, vld1q_s8,
    vld1q_u8, vmovl_s8, vmovl_s16, vmovl_u8, vmovl_u16, vmulq_f32, vorrq_u8, vreinterpret_f16_u16,
    vreinterpretq_f32_u32, vreinterpretq_s8_u8, vshll_n_u16, vshlq_n_u8, vshrq_n_u8, vst1q_f32,
};

use crate::format::Format;
use crate::kernel::Tiles;
use crate::kernel::generic::Kernel;
use crate::kernel::vectors::Vectors;
use crate::quantize::Quantized;

/// Bytes of a vector of codes: four of each lane.
const VECTOR: usize = 32;

pub(crate) struct Neon;

#[target_feature(enable = "neon,dotprod")]
unsafe fn compiled<K: Kernel, const T: usize>(tiles: Tiles<'_>) {
    // SAFETY: the instructions are enabled here; sizes are the caller's promise.
    unsafe { K::run::<Neon, T>(tiles) }
}

/// The same operation on the lower and the upper four lanes.
#[inline(always)]
fn both<T>(op: impl Fn(usize) -> T) -> [T; 2] {
    [op(0), op(1)]
}

impl Vectors for Neon {
    const LANES: usize = 8;
    const BYTE_OFFSET: i32 = 0;

    type Float = [float32x4_t; 2];

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
        unsafe {
            std::arch::asm!("prfm pldl2keep, [{from}]", from = in(reg) from, options(nostack, preserves_flags, readonly));
        }
    }

    #[inline(always)]
    unsafe fn zero() -> Self::Float {
        // SAFETY: the instructions are enabled, as for all methods below.
        unsafe { [vdupq_n_f32(0.0); 2] }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self::Float {
        // SAFETY: see `zero`.
        unsafe { [vdupq_n_f32(value); 2] }
    }

    #[inline(always)]
    unsafe fn halves(from: *const u8) -> Self::Float {
        // SAFETY: 16 bytes are there, by the caller's promise.
        both(|i| unsafe { vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(from.add(8 * i).cast()))) })
    }

    #[inline(always)]
    unsafe fn bytes(from: *const u8) -> Self::Float {
        // SAFETY: 8 bytes are there, by the caller's promise.
        unsafe {
            let wide = vmovl_u8(vld1_u8(from));
            [
                vcvtq_f32_u32(vmovl_u16(vget_low_u16(wide))),
                vcvtq_f32_u32(vmovl_u16(vget_high_u16(wide))),
            ]
        }
    }

    #[inline(always)]
    unsafe fn elements(format: Format, from: *const u8) -> Self::Float {
        // SAFETY: 8 weights are there, by the caller's promise.
        unsafe {
            match format {
                Format::F16 => Self::halves(from),
                Format::Bf16 => both(|i| {
                    vreinterpretq_f32_u32(vshll_n_u16::<16>(vld1_u16(from.add(8 * i).cast())))
                }),
                _ => both(|i| vld1q_f32(from.add(16 * i).cast())),
            }
        }
    }

    #[inline(always)]
    unsafe fn store(values: Self::Float, to: *mut f32) {
        // SAFETY: there is room for 8 values, by the caller's promise.
        unsafe {
            vst1q_f32(to, values[0]);
            vst1q_f32(to.add(4), values[1]);
        }
    }

    #[inline(always)]
    unsafe fn mul(a: Self::Float, b: Self::Float) -> Self::Float {
        // SAFETY: see `zero`.
        both(|i| unsafe { vmulq_f32(a[i], b[i]) })
    }

    #[inline(always)]
    unsafe fn fma(a: Self::Float, b: Self::Float, c: Self::Float) -> Self::Float {
        // SAFETY: see `zero`.
        both(|i| unsafe { vfmaq_f32(c[i], a[i], b[i]) })
    }

    #[inline(always)]
    unsafe fn fnma(a: Self::Float, b: Self::Float, c: Self::Float) -> Self::Float {
        // SAFETY: see `zero`.
        both(|i| unsafe { vfmsq_f32(c[i], a[i], b[i]) })
    }

    #[inline(always)]
    unsafe fn dots<const T: usize, const BITS: usize>(
        codes: *const u8,
        inputs: *const Quantized,
    ) -> [Self::Float; T] {
        // SAFETY: the codes of a part and `T` inputs are there, by the caller's promise.
        unsafe {
            let mut sums = [[vdupq_n_s32(0); 2]; T];
            add_half::<T, BITS, 0>(&mut sums, codes, inputs);
            add_half::<T, BITS, 1>(&mut sums, codes, inputs);
            sums.map(|sum| both(|i| vcvtq_f32_s32(sum[i])))
        }
    }

    #[inline(always)]
    unsafe fn scaled_dots<const T: usize, const BITS: usize>(
        codes: *const u8,
        own: *const u8,
        inputs: *const Quantized,
    ) -> [Self::Float; T] {
        // SAFETY: the codes and scales of a part and `T` inputs are there, by the caller's promise.
        unsafe {
            if BITS != 6 {
                let scale = Self::bytes(own);
                return Self::dots::<T, BITS>(codes, inputs).map(|dot| Self::mul(dot, scale));
            }
            let (mut first, mut second) = ([[vdupq_n_s32(0); 2]; T], [[vdupq_n_s32(0); 2]; T]);
            add_half::<T, BITS, 0>(&mut first, codes, inputs);
            add_half::<T, BITS, 1>(&mut second, codes, inputs);
            let scales = [signed_bytes(own), signed_bytes(own.add(Self::LANES))];
            std::array::from_fn(|t| {
                // What the codes' offset of 32 adds up to is taken off each half; all values are exact.
                let [a, b] = (*inputs.add(t)).halves.map(|half| vdupq_n_s32(-32 * i32::from(half)));
                let first = both(|i| vcvtq_f32_s32(std::arch::aarch64::vaddq_s32(first[t][i], a)));
                let second =
                    both(|i| vcvtq_f32_s32(std::arch::aarch64::vaddq_s32(second[t][i], b)));
                Self::fma(second, scales[1], Self::mul(first, scales[0]))
            })
        }
    }
}

/// One signed byte of each lane.
#[inline(always)]
unsafe fn signed_bytes(from: *const u8) -> [float32x4_t; 2] {
    // SAFETY: 8 bytes are there, by the caller's promise.
    unsafe {
        let wide = vmovl_s8(vld1_s8(from.cast()));
        [
            vcvtq_f32_s32(vmovl_s16(vget_low_s16(wide))),
            vcvtq_f32_s32(vmovl_s16(vget_high_s16(wide))),
        ]
    }
}

/// Adds the products of one half of a part.
#[inline(always)]
unsafe fn add_half<const T: usize, const BITS: usize, const HALF: usize>(
    sums: &mut [[int32x4_t; 2]; T],
    codes: *const u8,
    inputs: *const Quantized,
) {
    // SAFETY: the codes of a part and `T` inputs are there, by the caller's promise.
    unsafe {
        let values: [int8x16_t; T] = std::array::from_fn(|t| {
            vld1q_s8((&raw const (*inputs.add(t)).codes).cast::<i8>().add(16 * HALF))
        });
        add_four::<T, 0>(sums, unpack::<BITS, HALF, 0>(codes), &values);
        add_four::<T, 1>(sums, unpack::<BITS, HALF, 1>(codes), &values);
        add_four::<T, 2>(sums, unpack::<BITS, HALF, 2>(codes), &values);
        add_four::<T, 3>(sums, unpack::<BITS, HALF, 3>(codes), &values);
    }
}

/// Adds the products of four codes of every lane with the fours number `V` of sixteen input codes.
#[inline(always)]
unsafe fn add_four<const T: usize, const V: u32>(
    sums: &mut [[int32x4_t; 2]; T],
    codes: [int8x16_t; 2],
    values: &[int8x16_t; T],
) {
    for (sums, value) in sums.iter_mut().zip(values) {
        for (sum, codes) in sums.iter_mut().zip(codes) {
            // SAFETY: the dot-product instructions are enabled, by the caller's promise; only registers are touched.
            unsafe {
                std::arch::asm!(
                    "sdot {sum:v}.4s, {codes:v}.16b, {value:v}.4b[{v}]",
                    sum = inout(vreg) *sum,
                    codes = in(vreg) codes,
                    value = in(vreg) *value,
                    v = const V,
                    options(pure, nomem, nostack, preserves_flags),
                );
            }
        }
    }
}

/// Vector `V` of one half of a part's codes.
#[inline(always)]
unsafe fn unpack<const BITS: usize, const HALF: usize, const V: usize>(
    codes: *const u8,
) -> [int8x16_t; 2] {
    // SAFETY: the codes of a part are there, by the caller's promise.
    both(|i| unsafe {
        let load = |vector: usize| vld1q_u8(codes.add(vector * VECTOR + 16 * i));
        if BITS == 8 {
            return vreinterpretq_s8_u8(load(4 * HALF + V));
        }
        let raw = load(V);
        let low = if HALF == 0 { vandq_u8(raw, vdupq_n_u8(15)) } else { vshrq_n_u8::<4>(raw) };
        let code = match BITS {
            5 => vorrq_u8(low, high_bits(load(4), 4 * HALF + V, 16)),
            6 => vorrq_u8(low, high_bits(load(4 + HALF), 2 * V, 48)),
            _ => low,
        };
        vreinterpretq_s8_u8(code)
    })
}

/// The bits from `at` on, moved to bit 4 and masked.
#[inline(always)]
unsafe fn high_bits(bytes: uint8x16_t, at: usize, mask: u8) -> uint8x16_t {
    // SAFETY: the instructions are enabled.
    unsafe {
        let moved = match at {
            0 => vshlq_n_u8::<4>(bytes),
            1 => vshlq_n_u8::<3>(bytes),
            2 => vshlq_n_u8::<2>(bytes),
            3 => vshlq_n_u8::<1>(bytes),
            4 => bytes,
            5 => vshrq_n_u8::<1>(bytes),
            6 => vshrq_n_u8::<2>(bytes),
            _ => vshrq_n_u8::<3>(bytes),
        };
        vandq_u8(moved, vdupq_n_u8(mask))
    }
}
