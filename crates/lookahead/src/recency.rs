/// No slot: an end of the list.
const NONE: u32 = u32::MAX;

/// Slots in the order in which they were last touched: a doubly linked list
/// over indices. Every operation takes constant time.
#[derive(Clone, Debug)]
pub(crate) struct Recency {
    links: Vec<Link>,
    oldest: u32,
    newest: u32,
}

#[derive(Clone, Copy, Debug)]
struct Link {
    older: u32,
    newer: u32,
}

impl Recency {
    pub(crate) fn new() -> Self {
        Self { links: Vec::new(), oldest: NONE, newest: NONE }
    }

    pub(crate) fn clear(&mut self) {
        *self = Self { links: std::mem::take(&mut self.links), ..Self::new() };
        self.links.clear();
    }

    /// The slot that was not touched for the longest time.
    pub(crate) fn oldest(&self) -> Option<u32> {
        (self.oldest != NONE).then_some(self.oldest)
    }

    /// Adds a slot that is not in the list, as the most recent one. Slots are
    /// numbered densely: a new one is at most the number of slots ever added.
    pub(crate) fn push(&mut self, slot: u32) {
        let link = Link { older: self.newest, newer: NONE };
        if slot as usize == self.links.len() {
            self.links.push(link);
        } else {
            self.links[slot as usize] = link;
        }
        match self.newest {
            NONE => self.oldest = slot,
            newest => self.links[newest as usize].newer = slot,
        }
        self.newest = slot;
    }

    /// Takes a slot that is in the list out of it.
    pub(crate) fn remove(&mut self, slot: u32) {
        let Link { older, newer } = self.links[slot as usize];
        match older {
            NONE => self.oldest = newer,
            older => self.links[older as usize].newer = newer,
        }
        match newer {
            NONE => self.newest = older,
            newer => self.links[newer as usize].older = older,
        }
    }

    /// Makes a slot that is in the list the most recent one.
    pub(crate) fn touch(&mut self, slot: u32) {
        self.remove(slot);
        self.push(slot);
    }
}
