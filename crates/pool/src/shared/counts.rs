use std::collections::HashMap;

use foretoken_core::Token;

use crate::hash::Mixed;

/// The continuations that are kept of one context.
pub(crate) const WIDTH: usize = 16;

/// What followed each context, by the context's hash, with decayed counts.
///
/// Bounded: at most `capacity` contexts; when there are more, an eighth of
/// them, those with the smallest decayed counts, is dropped at once, so that
/// an entry costs amortised constant time. At most [`WIDTH`] continuations of
/// one context; a new one takes the place of the rarest, once it was seen as often.
#[derive(Clone, Debug)]
pub(crate) struct Counts {
    capacity: usize,
    half_life: f32,
    rows: HashMap<u64, Row, Mixed>,
}

/// What followed one context. Counts are as of `epoch` and decay since.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) epoch: u32,
    /// How often anything followed it, the continuations included that are no longer kept.
    pub(crate) total: f32,
    pub(crate) next: Vec<(Token, f32)>,
}

impl Row {
    /// How many different tokens followed it: those that are kept, and one
    /// for each time that another one did.
    pub(crate) fn degree(&self) -> f32 {
        let kept: f32 = self.next.iter().map(|(_, count)| count).sum();
        self.next.len() as f32 + (self.total - kept).max(0.0)
    }
}

impl Counts {
    /// No counts; `capacity` and `half_life`, in epochs, are at least 1.
    pub(crate) fn new(capacity: usize, half_life: usize) -> Self {
        Self { capacity, half_life: half_life as f32, rows: HashMap::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// What remains at `now` of a count from `epoch`.
    pub(crate) fn decay(&self, epoch: u32, now: u32) -> f32 {
        // Another thread may have written in an epoch that began after `now` was read.
        let age = (now.wrapping_sub(epoch) as i32).max(0);
        (-(age as f32) / self.half_life).exp2()
    }

    pub(crate) fn get(&self, context: u64) -> Option<&Row> {
        self.rows.get(&context)
    }

    /// `token` followed `context`, `weight` times as of `now`.
    pub(crate) fn add(&mut self, context: u64, token: Token, weight: f32, now: u32) {
        let epoch = self.rows.get(&context).map_or(now, |row| row.epoch);
        let decay = self.decay(epoch, now);
        let empty = || Row { epoch, total: 0.0, next: Vec::with_capacity(1) };
        let row = self.rows.entry(context).or_insert_with(empty);
        if decay < 1.0 {
            row.epoch = now;
            row.total *= decay;
            for (_, count) in &mut row.next {
                *count *= decay;
            }
        }
        row.total += weight;
        if let Some((_, count)) = row.next.iter_mut().find(|(known, _)| *known == token) {
            *count += weight;
        } else if row.next.len() < WIDTH {
            row.next.push((token, weight));
        } else {
            let rarest = row.next.iter_mut().min_by(|(_, left), (_, right)| left.total_cmp(right));
            // One that is seen again and again gets in, however often the others were seen (Misra and Gries, 1982).
            match rarest {
                Some(rarest) if rarest.1 <= weight => *rarest = (token, weight),
                Some((_, count)) => *count -= weight,
                None => {}
            }
        }
        if self.rows.len() > self.capacity {
            self.evict(now);
        }
    }

    /// Tokens that are not kept followed `context`, `weight` times as of now: its row was added to in this epoch.
    pub(crate) fn add_rest(&mut self, context: u64, weight: f32) {
        if let Some(row) = self.rows.get_mut(&context) {
            row.total += weight;
        }
    }

    /// Drops the contexts with the smallest decayed counts.
    fn evict(&mut self, now: u32) {
        let kept = self.capacity - self.capacity / 8;
        let use_of =
            |(&context, row): (&u64, &Row)| (row.total * self.decay(row.epoch, now), context);
        let mut uses: Vec<(f32, u64)> = self.rows.iter().map(use_of).collect();
        let surplus = uses.len() - kept;
        uses.select_nth_unstable_by(surplus - 1, |left, right| {
            left.0.total_cmp(&right.0).then(left.1.cmp(&right.1))
        });
        for (_, context) in &uses[..surplus] {
            self.rows.remove(context);
        }
    }

    /// All contexts with what followed them, in the order of their hashes.
    pub(crate) fn sorted(&self) -> Vec<(u64, &Row)> {
        let mut rows: Vec<(u64, &Row)> = self.rows.iter().map(|(&hash, row)| (hash, row)).collect();
        rows.sort_unstable_by_key(|&(hash, _)| hash);
        rows
    }

    /// Puts a row back as it was read from [`sorted`](Self::sorted).
    pub(crate) fn insert(&mut self, context: u64, row: Row) {
        let now = row.epoch;
        self.rows.insert(context, row);
        if self.rows.len() > self.capacity {
            self.evict(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// While nothing is dropped: the sums of all weights, decayed one by one.
        #[test]
        fn counts_what_was_added(
            added in prop::collection::vec((0..5u64, 0..WIDTH as Token, 0..4u32), 0..80),
            half_life in 1..5usize,
        ) {
            let mut counts = Counts::new(100, half_life);
            let mut all = Vec::new();
            let mut now = 0;
            for (context, token, later) in added {
                now += later;
                counts.add(context, token, 1.0, now);
                all.push((context, token, now));
            }
            for context in 0..5 {
                let mut expected = BTreeMap::<Token, f32>::new();
                for &(_, token, epoch) in all.iter().filter(|(other, ..)| *other == context) {
                    *expected.entry(token).or_default() += counts.decay(epoch, now);
                }
                let Some(row) = counts.get(context) else {
                    prop_assert!(expected.is_empty());
                    continue;
                };
                let decay = counts.decay(row.epoch, now);
                let next: BTreeMap<Token, f32> = row.next.iter().copied().collect();
                prop_assert_eq!(next.len(), row.next.len());
                prop_assert!(next.keys().eq(expected.keys()));
                prop_assert!(next.iter().all(|(token, n)| (n * decay - expected[token]).abs() < 1e-3));
                prop_assert!((row.total * decay - expected.values().sum::<f32>()).abs() < 1e-2);
                prop_assert!((row.degree() - expected.len() as f32).abs() < 1e-2);
            }
        }

        /// What is used more than others is there whenever there is room for it.
        #[test]
        fn the_most_used_contexts_stay(
            added in prop::collection::vec(0..40u64, 0..200),
            capacity in 1..30usize,
        ) {
            let mut counts = Counts::new(capacity, 1000);
            for context in added {
                for _ in 0..3 {
                    counts.add(99, 1, 1.0, 0);
                }
                counts.add(context, 1, 1.0, 0);
                prop_assert!(counts.len() <= capacity);
                prop_assert!(counts.get(99).is_some() || capacity == 1);
            }
        }
    }

    #[test]
    fn a_context_that_anything_may_follow_stays_small() {
        let mut counts = Counts::new(10, 1000);
        for token in 0..1000 {
            counts.add(1, token, 1.0, 0);
            counts.add(1, 5000, 1.0, 0);
        }
        let row = counts.get(1).unwrap();
        assert_eq!((row.next.len(), row.total), (WIDTH, 2000.0));
        assert_eq!(row.next.iter().find(|(token, _)| *token == 5000), Some(&(5000, 1000.0)));
        // One for 5000, and one for each of the others.
        assert_eq!(row.degree(), 1001.0);
    }

    /// Those that were there first do not shut out what comes from now on.
    #[test]
    fn what_is_seen_again_and_again_gets_in() {
        let mut counts = Counts::new(10, 1000);
        for token in (0..WIDTH as Token).cycle().take(4 * WIDTH) {
            counts.add(1, token, 1.0, 0);
        }
        for _ in 0..30 {
            counts.add(1, 5000, 1.0, 0);
        }
        let row = counts.get(1).unwrap();
        assert!(row.next.iter().any(|&(token, count)| token == 5000 && count > 20.0), "{row:?}");
        assert_eq!((row.next.len(), row.total), (WIDTH, 94.0));
    }

    #[test]
    fn an_epoch_that_is_read_late_is_no_age() {
        let counts = Counts::new(10, 1);
        assert_eq!(counts.decay(5, 4), 1.0);
        assert_eq!(counts.decay(4, 5), 0.5);
        assert_eq!(counts.decay(u32::MAX, 0), 0.5);
    }
}
