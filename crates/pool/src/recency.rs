use std::collections::HashMap;
use std::hash::Hash;

use crate::hash::Mixed;

/// No slot.
const NONE: u32 = u32::MAX;

/// A map of bounded size: when it is full, the entry that was not written for
/// the longest time makes room. Every operation takes constant time.
#[derive(Clone, Debug)]
pub(crate) struct Recency<K, V> {
    capacity: usize,
    by_key: HashMap<K, u32, Mixed>,
    /// A ring of the entries in the order in which they were last written.
    slots: Vec<Slot<K, V>>,
    /// The entry that was written last; the next in the ring is the oldest.
    latest: u32,
}

#[derive(Clone, Debug)]
struct Slot<K, V> {
    key: K,
    value: V,
    older: u32,
    newer: u32,
}

impl<K: Copy + Eq + Hash, V> Recency<K, V> {
    /// An empty map of at most `capacity` entries, at least 1.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, by_key: HashMap::default(), slots: Vec::new(), latest: NONE }
    }

    /// Forgets everything and returns the memory.
    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.capacity);
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// The value of `key`.
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.by_key.get(key).map(|&slot| &self.slots[slot as usize].value)
    }

    /// The value of `key`, to be written: made by `make` if there is none yet.
    pub(crate) fn write(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let slot = if let Some(&slot) = self.by_key.get(&key) {
            slot
        } else if self.slots.len() < self.capacity {
            self.append(key, make())
        } else {
            let oldest = self.slots[self.latest as usize].newer;
            let slot = &mut self.slots[oldest as usize];
            let evicted = std::mem::replace(&mut slot.key, key);
            slot.value = make();
            self.by_key.remove(&evicted);
            self.by_key.insert(key, oldest);
            oldest
        };
        self.make_latest(slot);
        &mut self.slots[slot as usize].value
    }

    /// The entries, the one that was written last first.
    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let slot = |index: u32| self.slots.get(index as usize);
        std::iter::successors(slot(self.latest), move |newer| slot(newer.older))
            .take(self.slots.len())
            .map(|slot| (&slot.key, &slot.value))
    }

    /// A new slot, as the latest.
    fn append(&mut self, key: K, value: V) -> u32 {
        let added = self.slots.len() as u32;
        self.slots.push(Slot { key, value, older: added, newer: added });
        self.by_key.insert(key, added);
        if self.latest != NONE {
            self.link_after_latest(added);
        }
        self.latest = added;
        added
    }

    fn make_latest(&mut self, slot: u32) {
        if slot == self.latest {
            return;
        }
        let Slot { older, newer, .. } = self.slots[slot as usize];
        self.slots[older as usize].newer = newer;
        self.slots[newer as usize].older = older;
        self.link_after_latest(slot);
        self.latest = slot;
    }

    fn link_after_latest(&mut self, slot: u32) {
        let latest = self.latest;
        let oldest = std::mem::replace(&mut self.slots[latest as usize].newer, slot);
        self.slots[oldest as usize].older = slot;
        let slot = &mut self.slots[slot as usize];
        (slot.older, slot.newer) = (latest, oldest);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn keeps_what_was_written_last(
            writes in prop::collection::vec((0..9u32, 0..99u32), 0..60),
            capacity in 1..8usize,
        ) {
            let mut map = Recency::new(capacity);
            // The definition: a list, the one written last first.
            let mut naive = Vec::<(u32, u32)>::new();
            for (key, value) in writes {
                let known = naive.iter().position(|&(other, _)| other == key);
                let before = known.map_or(0, |at| naive.remove(at).1);
                naive.insert(0, (key, before + value));
                naive.truncate(capacity);
                *map.write(key, || 0) += value;
                let entries: Vec<(u32, u32)> = map.iter().map(|(&k, &v)| (k, v)).collect();
                prop_assert_eq!(&entries, &naive);
                prop_assert_eq!(map.len(), naive.len());
                for key in 0..9 {
                    let expected = naive.iter().find(|&&(other, _)| other == key);
                    prop_assert_eq!(map.get(&key), expected.map(|(_, value)| value));
                }
            }
        }
    }
}
