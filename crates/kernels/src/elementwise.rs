//! Applies one function of lanes to whole slices: every element by itself, whatever its place.

use crate::lanes::{Kernel, LANES, Lanes, dispatch};
use crate::level::Level;

/// A function of one vector.
pub(crate) trait Unary {
    fn apply<L: Lanes>(&self, lanes: L, x: L::V) -> L::V;
}

/// A function of two vectors.
pub(crate) trait Binary {
    fn apply<L: Lanes>(&self, lanes: L, x: L::V, y: L::V) -> L::V;
}

/// `x[i] = op(x[i])`.
pub(crate) fn map<O: Unary>(level: Level, op: &O, x: &mut [f32]) {
    dispatch(level, Map { op, x });
}

/// `x[i] = op(x[i], y[i])`.
///
/// # Panics
/// If the slices differ in length.
pub(crate) fn zip<O: Binary>(level: Level, op: &O, x: &mut [f32], y: &[f32]) {
    assert_eq!(x.len(), y.len(), "element-wise operands of unequal length");
    dispatch(level, Zip { op, x, y });
}

struct Map<'a, O> {
    op: &'a O,
    x: &'a mut [f32],
}

impl<O: Unary> Kernel for Map<'_, O> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let (whole, rest) = self.x.as_chunks_mut::<LANES>();
        for x in whole {
            lanes.store(self.op.apply(lanes, lanes.load(x)), x);
        }
        if !rest.is_empty() {
            let mut x = padded(rest);
            lanes.store(self.op.apply(lanes, lanes.load(&x)), &mut x);
            rest.copy_from_slice(&x[..rest.len()]);
        }
    }
}

struct Zip<'a, O> {
    op: &'a O,
    x: &'a mut [f32],
    y: &'a [f32],
}

impl<O: Binary> Kernel for Zip<'_, O> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let (whole, rest) = self.x.as_chunks_mut::<LANES>();
        let (other, other_rest) = self.y.as_chunks::<LANES>();
        for (x, y) in whole.iter_mut().zip(other) {
            lanes.store(self.op.apply(lanes, lanes.load(x), lanes.load(y)), x);
        }
        if !rest.is_empty() {
            let mut x = padded(rest);
            let y = padded(other_rest);
            lanes.store(self.op.apply(lanes, lanes.load(&x), lanes.load(&y)), &mut x);
            rest.copy_from_slice(&x[..rest.len()]);
        }
    }
}

/// A full vector that starts with `part`, zeros after it.
#[inline(always)]
pub(crate) fn padded(part: &[f32]) -> [f32; LANES] {
    let mut whole = [0.0; LANES];
    whole[..part.len()].copy_from_slice(part);
    whole
}
