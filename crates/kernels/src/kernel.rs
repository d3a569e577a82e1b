//! The choice of a kernel: by level and format, never by the number of rows.

use crate::activations::GroupInput;
use crate::level::Level;
use crate::packed::Layout;
use crate::portable;

/// Computes the outputs of whole row groups for one group of inputs: `out` holds for each row group and input the lanes.
pub(crate) fn tiles(level: Level, layout: &Layout, weights: &[u8], input: &GroupInput<'_>, out: &mut [f32]) {
    let _ = level;
    portable::tiles(layout, weights, input, out);
}
