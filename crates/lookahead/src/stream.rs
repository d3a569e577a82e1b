/// A small seeded stream of numbers, for guesses only: no output depends on it.
///
/// Counting by an odd constant visits every state once; the mixing step
/// (`SplitMix64`, Steele et al., 2014) makes neighbours look unrelated.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    state: u64,
}

impl Stream {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A number below `bound`, which is at least 1.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_every_number_below_the_bound_about_equally_often() {
        let mut stream = Stream::new(7);
        let mut counts = [0_u32; 5];
        for _ in 0..5000 {
            counts[stream.below(5)] += 1;
        }
        assert!(counts.iter().all(|count| (900..1100).contains(count)), "{counts:?}");
        assert_eq!(stream.below(1), 0);
    }

    #[test]
    fn repeats_from_its_seed() {
        let draw = |seed| {
            let mut stream = Stream::new(seed);
            (0..8).map(|_| stream.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
