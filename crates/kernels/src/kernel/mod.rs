//! The inner loops of the products: outputs of whole row groups for one group of inputs.
//!
//! [`portable`] defines every result, operation by operation. The other levels run the loops of [`generic`] on their own [`Vectors`], with
//! the same operations in the same order, so all levels give the same bits. A kernel is chosen by level and format; the number of inputs
//! that run together only says how often the unpacked weights are used.

mod generic;
pub(crate) mod portable;
mod vectors;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;

use crate::activations::GroupInput;
use crate::level::Level;
use crate::packed::Layout;

/// What a kernel works on.
pub(crate) struct Tiles<'a> {
    pub(crate) layout: &'a Layout,
    /// Whole row groups.
    pub(crate) weights: &'a [u8],
    pub(crate) input: &'a GroupInput<'a>,
    /// Weights that come next, to be brought into the caches meanwhile.
    pub(crate) ahead: &'a [u8],
    /// Outputs: for each row group, for each input row, the lanes.
    pub(crate) out: &'a mut [f32],
}

/// Computes the outputs.
pub(crate) fn tiles(level: Level, tiles: Tiles<'_>) {
    match level {
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => generic::by_format::<avx2::Avx2>(tiles),
        #[cfg(target_arch = "x86_64")]
        Level::Avx512Vnni => generic::by_format::<avx512::Avx512Vnni>(tiles),
        #[cfg(target_arch = "aarch64")]
        Level::Neon => generic::by_format::<neon::Neon>(tiles),
        _ => portable::tiles(tiles),
    }
}
