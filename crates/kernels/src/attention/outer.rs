//! The one product that attention is made of: a few queries times rows of vectors.

use crate::cache::Element;
use crate::lanes::{Kernel, LANES, Lanes};

/// The right operand: rows of vectors in a cache.
#[derive(Clone, Copy)]
pub(super) struct Right<'a, E> {
    pub(super) elements: &'a [E],
    /// Elements from one vector of a row to the next.
    pub(super) vector_step: usize,
    /// Vectors in a row.
    pub(super) vectors: usize,
}

/// The result: rows of `f32`, the first of them at `start`, `step` apart.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    pub(super) start: *mut f32,
    pub(super) step: usize,
}

/// The largest [`Lanes::TILE`].
pub(super) const MAX_TILE: usize = 8;

/// `into[t] += sum over k of left[t][k] * row k of right`, for `t` in `0..tile`, each sum taken in order of `k` by fused
/// multiply-adds, starting from what is there (or from zero, if `fresh`). Row `k` of `right` starts at element `k * LANES`.
///
/// That order does not depend on `tile`, nor on the number of vectors, so a row's result has the same bits in any company.
///
/// # Safety
/// - `left[t]` points to `count` readable values, and `into` to rows of `right.vectors * LANES` writable ones, for `tile` rows;
/// - the last row's last vector, `(count - 1) * LANES + (vectors - 1) * vector_step`, is within `right.elements`;
/// - `tile` is at most [`Lanes::TILE`].
#[inline(always)]
pub(super) unsafe fn multiply<L: Lanes, E: Element>(
    lanes: L,
    tile: usize,
    left: &[*const f32; MAX_TILE],
    right: Right<'_, E>,
    count: usize,
    into: Rows,
    fresh: bool,
) {
    let product = Product { left, right, count, into, fresh };
    macro_rules! tile {
        ($($size:literal)*) => {
            match tile {
                $($size => if const { $size <= L::TILE } { lanes.call(Whole::<E, $size>(product)) },)*
                _ => unreachable!("a tile has 1 to {} queries", L::TILE),
            }
        };
    }
    tile!(1 2 3 4 5 6 7 8);
}

#[derive(Clone, Copy)]
struct Product<'a, E> {
    left: &'a [*const f32; MAX_TILE],
    right: Right<'a, E>,
    count: usize,
    into: Rows,
    fresh: bool,
}

/// A product whose promises the caller of [`multiply`] gave, for a tile of `T`: all vectors of the right operand, as many at
/// a time as there are accumulators for.
struct Whole<'a, E, const T: usize>(Product<'a, E>);

impl<E: Element, const T: usize> Kernel for Whole<'_, E, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let vectors = self.0.right.vectors;
        let mut first = 0;
        macro_rules! step {
            ($($width:literal)*) => {
                $(if const { T * $width <= L::ACCUMULATORS || $width == 1 } {
                    while first + $width <= vectors {
                        // SAFETY: vectors `first..first + width` exist; the rest was promised to `multiply`.
                        unsafe { block::<L, E, T, $width>(lanes, self.0, first) };
                        first += $width;
                    }
                })*
            };
        }
        step!(4 2 1);
    }
}

/// `V` vectors of the right operand for `T` rows of the left one, all sums in registers.
///
/// # Safety
/// As [`multiply`] for a tile of `T`, and the vectors `first..first + V` exist.
#[inline(always)]
unsafe fn block<L: Lanes, E: Element, const T: usize, const V: usize>(
    lanes: L,
    product: Product<'_, E>,
    first: usize,
) {
    let Product { left, right, count, into, fresh } = product;
    let mut sums = [[lanes.splat(0.0); V]; T];
    // SAFETY: within the `tile` rows of `right.vectors` vectors that the caller promises; nothing else refers to them now.
    let place = |t: usize, v: usize| unsafe {
        &mut *into.start.add(t * into.step + (first + v) * LANES).cast::<[f32; LANES]>()
    };
    if !fresh {
        for t in 0..T {
            for v in 0..V {
                sums[t][v] = lanes.load(place(t, v));
            }
        }
    }
    let mut row = right.elements.as_ptr().wrapping_add(first * right.vector_step);
    for k in 0..count {
        let mut vectors = [lanes.splat(0.0); V];
        for v in 0..V {
            // SAFETY: the caller promises that the rows' vectors lie within the elements.
            vectors[v] =
                E::load(lanes, unsafe { &*row.add(v * right.vector_step).cast::<[E; LANES]>() });
        }
        for t in 0..T {
            // SAFETY: the caller promises `count` values.
            let x = lanes.splat(unsafe { *left[t].add(k) });
            for v in 0..V {
                sums[t][v] = lanes.mul_add(x, vectors[v], sums[t][v]);
            }
        }
        row = row.wrapping_add(LANES);
    }
    for t in 0..T {
        for v in 0..V {
            lanes.store(sums[t][v], place(t, v));
        }
    }
}
