//! Reproducible randomness: `SplitMix64`, as a stream and as a hash.

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A stream of random numbers; equal seeds give equal streams.
#[derive(Clone, Debug)]
pub(crate) struct Dice {
    state: u64,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: mix(seed) }
    }

    pub(crate) fn roll(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mix(self.state)
    }

    /// A number in `0..bound`; 0 if the bound is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.roll() % bound.max(1) as u64) as usize
    }

    /// True once in `times` on average.
    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// A number in `-1.0..1.0`.
    pub(crate) fn float(&mut self) -> f32 {
        (self.roll() >> 40) as f32 / (1 << 23) as f32 - 1.0
    }
}

/// A hash of `values`, different for each seed.
pub(crate) fn hash(seed: u64, values: impl IntoIterator<Item = u32>) -> u64 {
    let start = mix(seed ^ STEP);
    values.into_iter().fold(start, |state, value| mix(state.wrapping_add(STEP) ^ u64::from(value)))
}

fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
