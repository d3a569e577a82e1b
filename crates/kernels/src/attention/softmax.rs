//! From a query's scores in a chunk to the weights of its values.

use super::pass::Pass;
use crate::elementwise::Unary;
use crate::exp;
use crate::lanes::{LANES, Lanes};

/// Turns one query's scores at the positions `seen` into weights; returns the largest score and the sum of weights.
///
/// Weights are summed in sixteen lanes by position.
#[inline(always)]
pub(super) fn weights<L: Lanes>(
    lanes: L,
    pass: &Pass<'_>,
    scores: &mut [f32],
    seen: (usize, usize),
) -> (f32, f32) {
    let (first, end) = (seen.0 / LANES * LANES, seen.1.next_multiple_of(LANES));
    let (unseen, scores) = ((seen.0 - first, end - seen.1), &mut scores[first..end]);
    let mut scale = lanes.splat(pass.scale);
    if let Some(soft_cap) = pass.soft_cap {
        for part in scores.as_chunks_mut::<LANES>().0 {
            lanes.store(soft_cap.apply(lanes, lanes.mul(lanes.load(part), scale)), part);
        }
        scale = lanes.splat(1.0);
    }
    let seen_end = scores.len() - unseen.1;
    scores[..unseen.0].fill(f32::NEG_INFINITY);
    scores[seen_end..].fill(f32::NEG_INFINITY);
    let mut largest = lanes.splat(f32::NEG_INFINITY);
    for part in scores.as_chunks::<LANES>().0 {
        largest = lanes.max(lanes.load(part), largest);
    }
    let largest = lanes.largest(lanes.mul(largest, scale));
    let top = lanes.splat(-largest);
    for part in scores.as_chunks_mut::<LANES>().0 {
        let distance = lanes.mul_add(lanes.load(part), scale, top);
        lanes.store(exp::weight(lanes, distance), part);
    }
    // Even the smallest weight is not zero, and nothing is to come from what is not seen.
    scores[..unseen.0].fill(0.0);
    scores[seen_end..].fill(0.0);
    let mut sum = lanes.splat(0.0);
    for part in scores.as_chunks::<LANES>().0 {
        sum = lanes.add(sum, lanes.load(part));
    }
    (largest, lanes.sum(sum))
}
