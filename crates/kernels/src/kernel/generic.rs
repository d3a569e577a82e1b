//! The loops of the products, for any level's vectors.

use std::ops::Range;

use crate::blocks::{PART, PARTS};
use crate::format::Format;
use crate::kernel::Tiles;
use crate::kernel::vectors::Vectors;
use crate::packed::LINE;

/// A loop over row groups for a fixed number of inputs.
pub(crate) trait Kernel {
    /// Computes the outputs for `T` inputs.
    ///
    /// # Safety
    /// The instructions of `V` must be enabled where this is inlined, and the sizes of `tiles` those that [`by_format`] checks.
    unsafe fn run<V: Vectors, const T: usize>(tiles: Tiles<'_>);
}

/// Runs the kernel of the weights' format.
///
/// # Panics
/// If sizes do not match: everything the kernels read through pointers is checked here.
pub(crate) fn by_format<V: Vectors>(tiles: Tiles<'_>) {
    let (layout, input) = (tiles.layout, tiles.input);
    let groups = tiles.weights.len() / layout.stride;
    assert_eq!(layout.lanes, V::LANES);
    assert_eq!(tiles.out.len(), groups * input.rows * V::LANES);
    if layout.format.is_quantized() {
        assert_eq!(input.parts.len(), layout.parts() * input.rows);
    } else {
        assert_eq!(input.floats.len(), input.rows * layout.cols);
    }
    // SAFETY: matrices and inputs of a level exist only where the machine has its instructions; a group of the layout's stride holds
    // what the layout says, and the other sizes are as asserted.
    unsafe {
        match layout.format {
            Format::F32 => V::enter::<Floating<0>>(tiles),
            Format::F16 => V::enter::<Floating<1>>(tiles),
            Format::Bf16 => V::enter::<Floating<2>>(tiles),
            Format::Q4_0 => V::enter::<Simple<4, 8, false>>(tiles),
            Format::Q4_1 => V::enter::<Simple<4, 0, true>>(tiles),
            Format::Q5_0 => V::enter::<Simple<5, 16, false>>(tiles),
            Format::Q5_1 => V::enter::<Simple<5, 0, true>>(tiles),
            Format::Q8_0 => V::enter::<Simple<8, 0, false>>(tiles),
            Format::Q4K => V::enter::<Blocks<4>>(tiles),
            Format::Q5K => V::enter::<Blocks<5>>(tiles),
            Format::Q6K => V::enter::<Blocks<6>>(tiles),
        }
    }
}

/// Brings what comes next into the caches, `LINES` lines with every step of a loop until all is on its way.
struct Prefetch<const LINES: usize> {
    next: *const u8,
    end: *const u8,
}

impl<const LINES: usize> Prefetch<LINES> {
    #[inline(always)]
    fn of(tiles: &Tiles<'_>) -> Self {
        let Range { start, end } = tiles.ahead.as_ptr_range();
        Self { next: start, end }
    }

    /// # Safety
    /// The instructions of `V` must be enabled.
    #[inline(always)]
    unsafe fn step<V: Vectors>(&mut self) {
        if self.next < self.end {
            for line in 0..LINES {
                // SAFETY: the caller's promise.
                unsafe { V::prefetch(self.next.wrapping_add(line * LINE)) };
            }
            self.next = self.next.wrapping_add(LINES * LINE);
        }
    }
}

/// Codes of `BITS` bits less `OFFSET` in blocks of one part, with a scale, or with scale and `MINIMUM`.
struct Simple<const BITS: usize, const OFFSET: i32, const MINIMUM: bool>;

impl<const BITS: usize, const OFFSET: i32, const MINIMUM: bool> Kernel
    for Simple<BITS, OFFSET, MINIMUM>
{
    #[inline(always)]
    unsafe fn run<V: Vectors, const T: usize>(tiles: Tiles<'_>) {
        let parts = tiles.layout.parts();
        let code_bytes = V::LANES * BITS * PART / 8;
        let scale_bytes = V::LANES * if MINIMUM { 4 } else { 2 };
        let offset = if BITS == 8 { V::BYTE_OFFSET } else { OFFSET };
        let inputs = tiles.input.parts.as_ptr();
        let groups = tiles.weights.chunks_exact(tiles.layout.stride);
        let mut prefetch = Prefetch::<3>::of(&tiles);
        for (group, out) in groups.zip(tiles.out.chunks_exact_mut(T * V::LANES)) {
            let codes = group.as_ptr();
            // SAFETY: a group has the codes of all parts and then their scales; inputs have `T` elements for each part.
            unsafe {
                let scales = codes.add(parts * code_bytes);
                let mut acc = [V::zero(); T];
                for part in 0..parts {
                    prefetch.step::<V>();
                    let dots =
                        V::dots::<T, BITS>(codes.add(part * code_bytes), inputs.add(part * T));
                    let scales = scales.add(part * scale_bytes);
                    let d = V::halves(scales);
                    for t in 0..T {
                        let s = V::splat((*inputs.add(part * T + t)).scale);
                        let mut dot = dots[t];
                        if offset != 0 {
                            dot = V::fnma(
                                V::splat(offset as f32),
                                V::splat((*inputs.add(part * T + t)).total),
                                dot,
                            );
                        }
                        acc[t] = V::fma(V::mul(d, s), dot, acc[t]);
                    }
                    if MINIMUM {
                        let m = V::halves(scales.add(2 * V::LANES));
                        for t in 0..T {
                            acc[t] = V::fma(m, V::splat((*inputs.add(part * T + t)).sum), acc[t]);
                        }
                    }
                }
                for (acc, out) in acc.iter().zip(out.chunks_exact_mut(V::LANES)) {
                    V::store(*acc, out.as_mut_ptr());
                }
            }
        }
    }
}

/// The `Q*K` formats: blocks of eight parts that have scales of their own.
struct Blocks<const BITS: usize>;

impl<const BITS: usize> Kernel for Blocks<BITS> {
    #[inline(always)]
    unsafe fn run<V: Vectors, const T: usize>(tiles: Tiles<'_>) {
        let minimum = BITS != 6;
        let parts = tiles.layout.parts();
        let code_bytes = V::LANES * BITS * PART / 8;
        let head_bytes = V::LANES * if minimum { 4 } else { 2 };
        let own_bytes = V::LANES * 2;
        let inputs = tiles.input.parts.as_ptr();
        let groups = tiles.weights.chunks_exact(tiles.layout.stride);
        let mut prefetch = Prefetch::<3>::of(&tiles);
        for (group, out) in groups.zip(tiles.out.chunks_exact_mut(T * V::LANES)) {
            let codes = group.as_ptr();
            // SAFETY: a group has the codes of all parts, then for each block its scales and those of its parts; inputs have `T` elements
            // for each part.
            unsafe {
                let mut scales = codes.add(parts * code_bytes);
                let mut acc = [V::zero(); T];
                for first in (0..parts).step_by(PARTS) {
                    let own = scales.add(head_bytes);
                    let mut inner = [V::zero(); T];
                    for part in first..first + PARTS {
                        prefetch.step::<V>();
                        let dots = V::scaled_dots::<T, BITS>(
                            codes.add(part * code_bytes),
                            own.add((part - first) * own_bytes),
                            inputs.add(part * T),
                        );
                        for t in 0..T {
                            inner[t] = V::fma(
                                dots[t],
                                V::splat((*inputs.add(part * T + t)).scale),
                                inner[t],
                            );
                        }
                    }
                    let d = V::halves(scales);
                    for t in 0..T {
                        acc[t] = V::fma(d, inner[t], acc[t]);
                    }
                    if minimum {
                        let mut low = [V::zero(); T];
                        for part in first..first + PARTS {
                            let m = V::bytes(own.add((part - first) * own_bytes + V::LANES));
                            for t in 0..T {
                                low[t] =
                                    V::fma(m, V::splat((*inputs.add(part * T + t)).sum), low[t]);
                            }
                        }
                        let m = V::halves(scales.add(2 * V::LANES));
                        for t in 0..T {
                            acc[t] = V::fnma(m, low[t], acc[t]);
                        }
                    }
                    scales = own.add(PARTS * own_bytes);
                }
                for (acc, out) in acc.iter().zip(out.chunks_exact_mut(V::LANES)) {
                    V::store(*acc, out.as_mut_ptr());
                }
            }
        }
    }
}

/// Floating-point weights: F32, F16 or BF16 by number.
struct Floating<const FORMAT: usize>;

impl<const FORMAT: usize> Floating<FORMAT> {
    const FORMAT: Format = [Format::F32, Format::F16, Format::Bf16][FORMAT];

    /// `R` row groups at once, so that enough independent sums hide the latency of a multiply-add.
    #[inline(always)]
    unsafe fn groups<V: Vectors, const T: usize, const R: usize>(
        tiles: &mut Tiles<'_>,
        prefetch: &mut Prefetch<1>,
        first: usize,
    ) {
        let (cols, stride) = (tiles.layout.cols, tiles.layout.stride);
        let bytes = V::LANES * Self::FORMAT.block_bytes();
        let weights = tiles.weights[first * stride..(first + R) * stride].as_ptr();
        let values = tiles.input.floats.as_ptr();
        let out = &mut tiles.out[first * T * V::LANES..(first + R) * T * V::LANES];
        // SAFETY: a group has the lanes of every column; the input has `T` rows of as many columns.
        unsafe {
            let mut acc = [[V::zero(); T]; R];
            for col in 0..cols {
                prefetch.step::<V>();
                for r in 0..R {
                    let w = V::elements(Self::FORMAT, weights.add(r * stride + col * bytes));
                    for t in 0..T {
                        acc[r][t] = V::fma(w, V::splat(*values.add(t * cols + col)), acc[r][t]);
                    }
                }
            }
            for (acc, out) in acc.as_flattened().iter().zip(out.chunks_exact_mut(V::LANES)) {
                V::store(*acc, out.as_mut_ptr());
            }
        }
    }
}

impl<const FORMAT: usize> Kernel for Floating<FORMAT> {
    #[inline(always)]
    unsafe fn run<V: Vectors, const T: usize>(mut tiles: Tiles<'_>) {
        let groups = tiles.weights.len() / tiles.layout.stride;
        let mut prefetch = Prefetch::<1>::of(&tiles);
        let mut first = 0;
        // SAFETY: the caller's promises are those of `groups`.
        unsafe {
            if T == 1 {
                while first + 4 <= groups {
                    Self::groups::<V, T, 4>(&mut tiles, &mut prefetch, first);
                    first += 4;
                }
            } else {
                while first + 2 <= groups {
                    Self::groups::<V, T, 2>(&mut tiles, &mut prefetch, first);
                    first += 2;
                }
            }
            while first < groups {
                Self::groups::<V, T, 1>(&mut tiles, &mut prefetch, first);
                first += 1;
            }
        }
    }
}
