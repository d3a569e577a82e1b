//! What a query has gathered from some of its keys, and how two such summaries become one.

use crate::exp;
use crate::lanes::{LANES, Lanes};

/// Length of a summary whose weighted values fill `padded` places: these, then the largest score and the sum of weights.
pub(super) const fn stride(padded: usize) -> usize {
    padded + LANES
}

/// Where the largest score stands behind the weighted values.
const LARGEST: usize = 0;
/// Where the sum of weights stands.
const WEIGHT: usize = 1;

/// Completes a summary whose weighted values are in place already.
pub(super) fn set(summary: &mut [f32], padded: usize, largest: f32, weight: f32) {
    summary[padded + LARGEST] = largest;
    summary[padded + WEIGHT] = weight;
}

/// Takes the summary of the next chunk into that of all chunks before.
///
/// Chunks are taken in order of their positions, so it makes no difference to the bits whether the summaries of all chunks
/// were kept and joined at the end, or each was joined at once.
#[inline(always)]
pub(super) fn join<L: Lanes>(lanes: L, into: &mut [f32], next: &[f32], padded: usize) {
    let (values, state) = into.split_at_mut(padded);
    let (next_values, next_state) = next.split_at(padded);
    let (ours, theirs) = (state[LARGEST], next_state[LARGEST]);
    let largest = if theirs > ours { theirs } else { ours };
    let mut distances = [0.0; LANES];
    (distances[0], distances[1]) = (ours - largest, theirs - largest);
    let mut factors = [0.0; LANES];
    lanes.store(exp::weight(lanes, lanes.load(&distances)), &mut factors);
    let (ours, theirs) = (lanes.splat(factors[0]), lanes.splat(factors[1]));
    for (to, from) in
        values.as_chunks_mut::<LANES>().0.iter_mut().zip(next_values.as_chunks::<LANES>().0)
    {
        let scaled = lanes.mul(lanes.load(to), ours);
        lanes.store(lanes.mul_add(lanes.load(from), theirs, scaled), to);
    }
    state[LARGEST] = largest;
    state[WEIGHT] = next_state[WEIGHT].mul_add(factors[1], state[WEIGHT] * factors[0]);
}

/// The attention's output: weighted values over the sum of weights.
#[inline(always)]
pub(super) fn finish(summary: &[f32], padded: usize, out: &mut [f32]) {
    let inverse = 1.0 / summary[padded + WEIGHT];
    for (out, value) in out.iter_mut().zip(summary) {
        *out = value * inverse;
    }
}
