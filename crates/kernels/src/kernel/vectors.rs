//! The instructions that the loops need of a level.

use crate::format::Format;
use crate::kernel::Tiles;
use crate::kernel::generic::Kernel;
use crate::quantize::Quantized;

/// Vectors of one level, one output row to a lane.
///
/// # Safety
/// All methods but [`enter`](Self::enter) may be called only where the level's instructions are enabled, and are inlined into such a
/// function; `enter` may be called only on a machine that has them. Pointers must be valid for what a method says that it reads or writes.
pub(crate) trait Vectors: Sized {
    /// Output rows of a vector.
    const LANES: usize;

    /// What must be subtracted from the codes that [`dots`](Self::dots) multiplies for 8-bit weights.
    const BYTE_OFFSET: i32;

    /// One single-precision value for each lane.
    type Float: Copy;

    /// Runs the kernel for `tiles.input.rows` input rows, compiled for this level.
    unsafe fn enter<K: Kernel>(tiles: Tiles<'_>);

    /// Starts to bring a cache line near; harmless whatever the address is.
    unsafe fn prefetch(from: *const u8);

    /// Zeros.
    unsafe fn zero() -> Self::Float;
    /// The value in every lane.
    unsafe fn splat(value: f32) -> Self::Float;
    /// One half-precision value for each lane.
    unsafe fn halves(from: *const u8) -> Self::Float;
    /// One unsigned byte for each lane.
    unsafe fn bytes(from: *const u8) -> Self::Float;
    /// One weight of a floating-point format for each lane.
    unsafe fn elements(format: Format, from: *const u8) -> Self::Float;
    /// One value for each lane.
    unsafe fn store(values: Self::Float, to: *mut f32);
    /// `a * b`, rounded.
    unsafe fn mul(a: Self::Float, b: Self::Float) -> Self::Float;
    /// `a * b + c`, rounded once.
    unsafe fn fma(a: Self::Float, b: Self::Float, c: Self::Float) -> Self::Float;
    /// `c - a * b`, rounded once.
    unsafe fn fnma(a: Self::Float, b: Self::Float, c: Self::Float) -> Self::Float;

    /// Dot products of one part's codes of `BITS` bits (4, 5 or 8) with the codes of `T` inputs, exact.
    unsafe fn dots<const T: usize, const BITS: usize>(
        codes: *const u8,
        inputs: *const Quantized,
    ) -> [Self::Float; T];

    /// The same for a part of a block of the `Q*K` formats (4, 5 or 6 bits), times its own scales, exact.
    unsafe fn scaled_dots<const T: usize, const BITS: usize>(
        codes: *const u8,
        own: *const u8,
        inputs: *const Quantized,
    ) -> [Self::Float; T];
}
