//! Lanes as a plain array: the reference that every other level must match bit for bit.

use super::{Kernel, LANES, Lanes};

/// Needs nothing of the CPU.
#[derive(Clone, Copy)]
pub(crate) struct Portable;

#[inline(always)]
fn zip(a: [f32; LANES], b: [f32; LANES], op: impl Fn(f32, f32) -> f32) -> [f32; LANES] {
    std::array::from_fn(|i| op(a[i], b[i]))
}

#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

#[inline(always)]
fn fold_halves(mut x: [f32; LANES], op: impl Fn(f32, f32) -> f32) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            x[i] = op(x[i], x[i + half]);
        }
        half /= 2;
    }
    x[0]
}

impl Lanes for Portable {
    type V = [f32; LANES];

    const TILE: usize = 6;
    const ACCUMULATORS: usize = 1;

    #[inline(always)]
    fn splat(self, x: f32) -> Self::V {
        [x; LANES]
    }

    #[inline(always)]
    fn load(self, x: &[f32; LANES]) -> Self::V {
        *x
    }

    #[inline(always)]
    fn load_half(self, x: &[u16; LANES]) -> Self::V {
        std::array::from_fn(|i| half::f16::from_bits(x[i]).to_f32())
    }

    #[inline(always)]
    fn store(self, x: Self::V, to: &mut [f32; LANES]) {
        *to = x;
    }

    #[inline(always)]
    fn store_half(self, x: Self::V, to: &mut [u16; LANES]) {
        *to = x.map(|x| half::f16::from_f32(x).to_bits());
    }

    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| a + b)
    }

    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| a - b)
    }

    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| a * b)
    }

    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| a / b)
    }

    #[inline(never)]
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        std::array::from_fn(|i| a[i].mul_add(b[i], c[i]))
    }

    #[inline(always)]
    fn max(self, a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, larger)
    }

    #[inline(always)]
    fn min(self, a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    fn select_lt(self, a: Self::V, b: Self::V, x: Self::V, y: Self::V) -> Self::V {
        std::array::from_fn(|i| if a[i] < b[i] { x[i] } else { y[i] })
    }

    #[inline(always)]
    fn low_bits_to_exponent(self, x: Self::V) -> Self::V {
        x.map(|x| f32::from_bits(x.to_bits() << 23))
    }

    #[inline(always)]
    fn swap_pairs(self, x: Self::V) -> Self::V {
        std::array::from_fn(|i| x[i ^ 1])
    }

    #[inline(always)]
    fn sum(self, x: Self::V) -> f32 {
        fold_halves(x, |a, b| a + b)
    }

    #[inline(always)]
    fn largest(self, x: Self::V) -> f32 {
        fold_halves(x, larger)
    }

    #[inline(always)]
    fn prefetch(self, _: *const u8) {}

    #[inline(never)]
    fn call<K: Kernel>(self, kernel: K) -> K::Output {
        kernel.run(self)
    }
}
