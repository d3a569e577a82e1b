//! Reproducible chance: `SplitMix64` (Steele et al., 2014) keyed by a seed and an index.

/// A stream of rolls that depends on nothing but its key.
#[derive(Clone, Debug)]
pub(crate) struct Dice {
    state: u64,
}

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

impl Dice {
    /// The stream of `(seed, index)`. Neighbouring keys give unrelated streams.
    pub(crate) fn new(seed: u64, index: u64) -> Self {
        let seed = mix(seed.wrapping_add(STEP));
        Self { state: mix(seed ^ mix(index.wrapping_add(STEP))) }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mix(self.state)
    }

    /// A number below `end`, which must not be 0. The bias of the modulus is below 2^-50 for the ends used here.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as u64) as i64
    }

    /// True in `percent` of 100 rolls.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of `items`, which must not be empty.
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }

    /// `count` different ones of `items` in random order; all of them where there are fewer.
    pub(crate) fn pick_some<T: Clone>(&mut self, items: &[T], count: usize) -> Vec<T> {
        let mut left: Vec<usize> = (0..items.len()).collect();
        let mut picked = Vec::with_capacity(count);
        while picked.len() < count && !left.is_empty() {
            let place = self.below(left.len() as u64) as usize;
            picked.push(items[left.swap_remove(place)].clone());
        }
        picked
    }
}
