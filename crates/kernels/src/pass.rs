//! How a worker goes through its share of a matrix: pieces of weights and inputs that stay in the caches, tile by tile.

use std::ops::Range;

use crate::activations::{Group, Input};
use crate::blocks::PART;
use crate::kernel::{self, Tiles};
use crate::matrix::Matrix;
use crate::quantize::Quantized;
use crate::threads::share;

/// Bytes of weights that are used for all inputs before the next ones are read: they stay in the first cache.
const WEIGHTS_AT_ONCE: usize = 16 << 10;

/// Bytes of inputs that are used for all of a worker's weights before the next ones are: they stay in the second cache.
const INPUTS_AT_ONCE: usize = 384 << 10;

/// Row groups that kernels of floating-point weights take at once, for enough independent sums.
const FLOATING_GROUPS: usize = 4;

/// Elements of a tile: the outputs of some row groups for one group of inputs.
pub(crate) const TILE: usize = 1024;

/// Computes the outputs of some row groups for all inputs, and hands them over tile by tile.
///
/// A tile has, for each of its row groups, for each of its inputs, the lanes. `take` gets the row groups, the inputs and the tile; row groups
/// come in ascending order for every input.
pub(crate) fn over(
    matrix: &Matrix,
    input: &Input<'_>,
    groups: Range<usize>,
    mut take: impl FnMut(Range<usize>, Group, &[f32]),
) {
    let (layout, lanes, level) = (matrix.layout(), matrix.lanes(), matrix.level());
    let group_rows = level.group_rows();
    let quantized = matrix.format().is_quantized();
    let least = if quantized { 1 } else { FLOATING_GROUPS };
    let most = (WEIGHTS_AT_ONCE / layout.stride).clamp(least, TILE / (lanes * group_rows));
    let row_bytes = if quantized {
        input.cols / PART * size_of::<Quantized>()
    } else {
        input.cols * size_of::<f32>()
    };
    let rows_at_once = (INPUTS_AT_ONCE / row_bytes / group_rows).max(1) * group_rows;
    let mut tile = [0.0; TILE];
    for first in (0..input.rows).step_by(rows_at_once) {
        let rows = first..input.rows.min(first + rows_at_once);
        let row_groups = rows.len().div_ceil(group_rows);
        for start in groups.clone().step_by(most) {
            let some = start..groups.end.min(start + most);
            let weights = matrix.groups_bytes(some.clone());
            let next = matrix.groups_bytes(some.end..groups.end.min(some.end + most));
            for (index, row) in rows.clone().step_by(group_rows).enumerate() {
                let group = Group::of(level, input.rows, row);
                let tile = &mut tile[..some.len() * group.rows * lanes];
                let ahead = &next[share(next.len(), index, row_groups)];
                kernel::tiles(
                    level,
                    Tiles { layout, weights, input: &input.group(group), ahead, out: tile },
                );
                take(some.clone(), group, tile);
            }
        }
    }
}
