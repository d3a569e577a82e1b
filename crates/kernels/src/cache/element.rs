//! The types that keys and values are stored as.

use crate::lanes::{LANES, Lanes};

/// A stored key or value.
pub(crate) trait Element: Copy + Default + Send + Sync + 'static {
    /// Whether loading takes more than a load.
    const NARROW: bool;

    fn load<L: Lanes>(lanes: L, x: &[Self; LANES]) -> L::V;

    /// Stores, rounded to nearest, ties to even.
    fn store<L: Lanes>(lanes: L, x: L::V, to: &mut [Self; LANES]);
}

impl Element for f32 {
    const NARROW: bool = false;

    #[inline(always)]
    fn load<L: Lanes>(lanes: L, x: &[Self; LANES]) -> L::V {
        lanes.load(x)
    }

    #[inline(always)]
    fn store<L: Lanes>(lanes: L, x: L::V, to: &mut [Self; LANES]) {
        lanes.store(x, to);
    }
}

/// An IEEE half-precision float, by its bits.
impl Element for u16 {
    const NARROW: bool = true;

    #[inline(always)]
    fn load<L: Lanes>(lanes: L, x: &[Self; LANES]) -> L::V {
        lanes.load_half(x)
    }

    #[inline(always)]
    fn store<L: Lanes>(lanes: L, x: L::V, to: &mut [Self; LANES]) {
        lanes.store_half(x, to);
    }
}
