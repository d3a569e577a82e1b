use std::collections::HashMap;

use foretoken_core::Token;

use crate::recency::Recency;

/// The n-grams seen so far: for a key token, up to G continuations of N - 1
/// tokens each.
///
/// Bounded: at most `per_key` continuations of one key and `capacity` in all.
/// Whichever bound is hit, the continuation that was not seen or used for the
/// longest time makes room (of that key, or of all). Ranked: those of which
/// the most tokens came true are guessed first, the more recent first among
/// equals. Every operation takes time in G and N only, whatever the pool holds.
#[derive(Clone, Debug)]
pub(crate) struct NgramPool {
    /// Tokens of a continuation, N - 1.
    length: usize,
    per_key: usize,
    capacity: usize,
    /// Slots by key, the most recent last. No list is empty.
    by_key: HashMap<Token, Vec<u32>>,
    keys: Vec<Token>,
    /// `length` tokens a slot.
    tokens: Vec<Token>,
    /// How many guessed or guessable tokens of a slot came true.
    uses: Vec<u32>,
    /// Whether the text has never shown a slot's n-gram, only the window.
    foreseen: Vec<bool>,
    recency: Recency,
}

/// Where an n-gram was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeenBy {
    /// Ahead, in the window.
    Window,
    /// In prompt or output.
    Text,
}

impl NgramPool {
    /// An empty pool; all bounds are at least 1.
    pub(crate) fn new(length: usize, per_key: usize, capacity: usize) -> Self {
        Self {
            length,
            per_key,
            capacity,
            by_key: HashMap::new(),
            keys: Vec::new(),
            tokens: Vec::new(),
            uses: Vec::new(),
            foreseen: Vec::new(),
            recency: Recency::new(),
        }
    }

    pub(crate) fn clear(&mut self) {
        self.by_key.clear();
        self.keys.clear();
        self.tokens.clear();
        self.uses.clear();
        self.foreseen.clear();
        self.recency.clear();
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.by_key.values().map(Vec::len).sum()
    }

    /// `continuation`, of N - 1 tokens, was seen after `key`, by the window or
    /// in the text. One that is known counts as recent again and keeps its rank.
    pub(crate) fn insert(&mut self, key: Token, continuation: &[Token], by: SeenBy) {
        debug_assert_eq!(continuation.len(), self.length);
        let mut slots = self.slots(key).iter().copied();
        let slot = if let Some(known) = slots.find(|&slot| self.tokens(slot) == continuation) {
            self.forget(known);
            self.foreseen[known as usize] &= by == SeenBy::Window;
            known
        } else {
            let slot = self.vacant(key);
            let at = slot as usize * self.length;
            self.tokens[at..at + self.length].copy_from_slice(continuation);
            self.keys[slot as usize] = key;
            self.uses[slot as usize] = 0;
            self.foreseen[slot as usize] = by == SeenBy::Window;
            slot
        };
        self.by_key.entry(key).or_default().push(slot);
        self.recency.push(slot);
    }

    /// `text` followed `key`: continuations that begin like it were useful.
    /// Returns how many tokens came true that only the window's had guessed.
    pub(crate) fn credit(&mut self, key: Token, text: &[Token]) -> usize {
        let Some(slots) = self.by_key.get_mut(&key) else { return 0 };
        let (tokens, length) = (&self.tokens, self.length);
        let agreeing = |slot: u32| {
            let at = slot as usize * length;
            tokens[at..at + length].iter().zip(text).take_while(|(a, b)| a == b).count()
        };
        // Stable: both halves keep their order.
        slots.sort_by_key(|&slot| agreeing(slot) > 0);
        let (mut of_window, mut of_text) = (0, 0);
        for &slot in slots.iter() {
            let agreed = agreeing(slot);
            let best = if self.foreseen[slot as usize] { &mut of_window } else { &mut of_text };
            *best = agreed.max(*best);
            if agreed > 0 {
                let uses = &mut self.uses[slot as usize];
                *uses = uses.saturating_add(agreed as u32);
                self.recency.touch(slot);
            }
        }
        of_window.saturating_sub(of_text)
    }

    /// The continuations of `key`, the most useful first.
    pub(crate) fn ranked(&self, key: Token) -> Vec<&[Token]> {
        let mut slots: Vec<u32> = self.slots(key).iter().rev().copied().collect();
        slots.sort_by_key(|&slot| std::cmp::Reverse(self.uses[slot as usize]));
        slots.into_iter().map(|slot| self.tokens(slot)).collect()
    }

    fn slots(&self, key: Token) -> &[u32] {
        self.by_key.get(&key).map_or(&[], Vec::as_slice)
    }

    fn tokens(&self, slot: u32) -> &[Token] {
        &self.tokens[slot as usize * self.length..][..self.length]
    }

    /// A slot for one more continuation of `key`, in no list.
    fn vacant(&mut self, key: Token) -> u32 {
        let evicted = if self.slots(key).len() >= self.per_key {
            self.slots(key).first().copied()
        } else if self.keys.len() >= self.capacity {
            self.recency.oldest()
        } else {
            None
        };
        if let Some(slot) = evicted {
            self.forget(slot);
            return slot;
        }
        self.keys.push(key);
        self.uses.push(0);
        self.foreseen.push(false);
        self.tokens.resize(self.tokens.len() + self.length, 0);
        (self.keys.len() - 1) as u32
    }

    /// Takes a slot out of both lists.
    fn forget(&mut self, slot: u32) {
        let key = self.keys[slot as usize];
        if let Some(slots) = self.by_key.get_mut(&key) {
            slots.retain(|&other| other != slot);
            if slots.is_empty() {
                self.by_key.remove(&key);
            }
        }
        self.recency.remove(slot);
    }
}

#[cfg(test)]
mod tests;
