//! Sixteen `f32` lanes, the one shape of arithmetic that attention and the element-wise steps are written in.
//!
//! An algorithm is written once, generic over [`Lanes`], and [`dispatch`] compiles it for each instruction set.
//! Every operation here is one correctly rounded IEEE operation per lane (or a selection), and [`Lanes::sum`] adds in
//! one fixed tree, so the bits of a result do not depend on the instruction set either. Only the payload of a NaN may.

mod portable;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;

use crate::level::Level;

/// How many `f32` values one vector holds, at every instruction-set level.
pub(crate) const LANES: usize = 16;

/// Proof that an instruction set is there, with its arithmetic on vectors of [`LANES`] values.
pub(crate) trait Lanes: Copy {
    /// One vector.
    type V: Copy;

    /// The most queries that share one load of keys or values: what the register file holds.
    const TILE: usize;
    /// Accumulator vectors worth holding at once: enough to hide the latency of a multiply-add.
    const ACCUMULATORS: usize;

    fn splat(self, x: f32) -> Self::V;
    fn load(self, x: &[f32; LANES]) -> Self::V;
    /// Loads sixteen IEEE half-precision values.
    fn load_half(self, x: &[u16; LANES]) -> Self::V;
    fn store(self, x: Self::V, to: &mut [f32; LANES]);
    /// Rounds to IEEE half precision, to nearest, ties to even.
    fn store_half(self, x: Self::V, to: &mut [u16; LANES]);
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    fn div(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a * b + c`, rounded once.
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// `if a > b { a } else { b }`: `b` where either is NaN.
    fn max(self, a: Self::V, b: Self::V) -> Self::V;
    /// `if a < b { a } else { b }`: `b` where either is NaN.
    fn min(self, a: Self::V, b: Self::V) -> Self::V;
    /// `if a < b { x } else { y }`: `y` where either operand of the comparison is NaN.
    fn select_lt(self, a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V;
    /// The bits of each lane shifted left by 23: moves a small integer from the low mantissa bits to the exponent.
    fn low_bits_to_exponent(self, x: Self::V) -> Self::V;
    /// Exchanges lanes `2i` and `2i + 1`.
    fn swap_pairs(self, x: Self::V) -> Self::V;
    /// Sum of all lanes: halves are added to halves, 16 to 8 to 4 to 2 to 1.
    fn sum(self, x: Self::V) -> f32;
    /// Largest lane, by [`max`](Self::max) over the same tree as [`sum`](Self::sum).
    fn largest(self, x: Self::V) -> f32;

    /// Asks for a cache line; any address will do, none is read.
    fn prefetch(self, at: *const u8);

    /// Runs a kernel in a function of its own, compiled for this level: for what is too large to be inlined everywhere.
    fn call<K: Kernel>(self, kernel: K) -> K::Output;
}

/// An algorithm over any instruction set; its `run` is compiled once per level.
///
/// Implementations mark `run`, and every generic function that it calls, `#[inline(always)]`: only what is inlined into
/// the level's entry function is compiled with that level's instructions.
pub(crate) trait Kernel {
    /// What the kernel returns.
    type Output;

    /// Runs on vectors of the chosen level.
    fn run<L: Lanes>(self, lanes: L) -> Self::Output;
}

/// Runs `kernel` with the instructions of `level`, or with portable ones (the same bits) where the CPU lacks them.
pub(crate) fn dispatch<K: Kernel>(level: Level, kernel: K) -> K::Output {
    match level {
        Level::Portable => portable::Portable.call(kernel),
        #[cfg(target_arch = "x86_64")]
        Level::Avx512Vnni => match avx512::Avx512::detect() {
            Some(lanes) => lanes.call(kernel),
            None => portable::Portable.call(kernel),
        },
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => match avx2::Avx2::detect() {
            Some(lanes) => lanes.call(kernel),
            None => portable::Portable.call(kernel),
        },
        #[cfg(target_arch = "aarch64")]
        Level::Neon => match neon::Neon::detect() {
            Some(lanes) => lanes.call(kernel),
            None => portable::Portable.call(kernel),
        },
        #[allow(unreachable_patterns)]
        _ => portable::Portable.call(kernel),
    }
}

/// [`dispatch`] at the best level of this machine, for what gives the same bits at all.
pub(crate) fn dispatch_best<K: Kernel>(kernel: K) -> K::Output {
    let best = Level::ALL.into_iter().rev().find(|level| level.is_available());
    dispatch(best.unwrap_or(Level::Portable), kernel)
}
