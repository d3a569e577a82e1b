use foretoken_core::{ModelError, ModelInfo, NodeId, SeqId, Step, TokenTree};

use super::engine::SPARE_ROWS;

/// The sequences of a model: which cache each has, how much of it is committed, and what the last pass was.
#[derive(Debug, Default)]
pub(super) struct Sequences {
    opened: u32,
    /// One for each cache.
    slots: Vec<Option<Sequence>>,
}

#[derive(Debug)]
struct Sequence {
    number: u32,
    len: usize,
    /// The parents of the last pass's nodes.
    parents: Vec<u32>,
    /// Whether that pass may still be committed.
    pending: bool,
}

impl Sequences {
    /// With room for `most` sequences at a time.
    pub(super) fn new(most: usize) -> Self {
        Self { opened: 0, slots: (0..most).map(|_| None).collect() }
    }

    /// A slot without a sequence.
    pub(super) fn free_slot(&self) -> Result<usize, ModelError> {
        self.slots
            .iter()
            .position(Option::is_none)
            .ok_or_else(|| ModelError::unsupported("more open sequences than it was loaded for"))
    }

    /// Puts a new sequence into a free slot. Numbers are never used twice, so that a stale one is noticed.
    pub(super) fn open(&mut self, slot: usize, len: usize) -> SeqId {
        let number = self.opened;
        self.opened = self.opened.wrapping_add(1);
        self.slots[slot] = Some(Sequence { number, len, parents: Vec::new(), pending: false });
        SeqId::new(number)
    }

    /// Ends a sequence and returns its slot; none if it is unknown.
    pub(super) fn close(&mut self, seq: SeqId) -> Option<usize> {
        let slot = self.slot(seq).ok()?;
        self.slots[slot] = None;
        Some(slot)
    }

    /// The slot of a sequence.
    pub(super) fn slot(&self, seq: SeqId) -> Result<usize, ModelError> {
        let is_it = |slot: &Option<Sequence>| {
            slot.as_ref().is_some_and(|sequence| sequence.number == seq.number())
        };
        self.slots
            .iter()
            .position(is_it)
            .ok_or_else(|| ModelError::misuse("there is no such sequence"))
    }

    fn get(&self, seq: SeqId) -> Result<&Sequence, ModelError> {
        let sequence = self.slots[self.slot(seq)?].as_ref();
        sequence.ok_or_else(|| ModelError::misuse("there is no such sequence"))
    }

    fn get_mut(&mut self, seq: SeqId) -> Result<&mut Sequence, ModelError> {
        let slot = self.slot(seq)?;
        self.slots[slot].as_mut().ok_or_else(|| ModelError::misuse("there is no such sequence"))
    }

    /// Committed tokens; 0 for an unknown sequence.
    pub(super) fn len(&self, seq: SeqId) -> usize {
        self.get(seq).map_or(0, |sequence| sequence.len)
    }

    /// Checks that a pass over `steps` is allowed.
    pub(super) fn check(&self, info: &ModelInfo, steps: &[Step<'_>]) -> Result<(), ModelError> {
        for (index, step) in steps.iter().enumerate() {
            if steps[..index].iter().any(|other| other.seq == step.seq) {
                return Err(ModelError::misuse("a sequence appears twice in one pass"));
            }
            let (len, depth) = (self.get(step.seq)?.len, step.tree.height());
            let needed = len.saturating_add(depth).saturating_add(1);
            if needed > info.context_length {
                return Err(ModelError::context_full(needed, info.context_length));
            }
            if step.tree.len() > depth + 1 + SPARE_ROWS {
                return Err(ModelError::unsupported("trees of more than 1024 nodes beside a path"));
            }
            let outside = |token: &&u32| **token as usize >= info.vocabulary;
            if let Some(&token) = step.tree.tokens().iter().find(outside) {
                return Err(ModelError::token_out_of_range(token, info.vocabulary));
            }
        }
        Ok(())
    }

    /// Drops all passes that were not committed.
    pub(super) fn forget_passes(&mut self) {
        for sequence in self.slots.iter_mut().flatten() {
            sequence.pending = false;
        }
    }

    /// Records that a pass has computed `tree`.
    pub(super) fn passed(&mut self, seq: SeqId, tree: &TokenTree) -> Result<(), ModelError> {
        let parent = |node| tree.parent(node).map_or(0, |parent| parent.index() as u32);
        let sequence = self.get_mut(seq)?;
        sequence.parents.clear();
        sequence.parents.extend(tree.nodes().map(parent));
        sequence.pending = true;
        Ok(())
    }

    /// Checks that `path` may be committed, and returns the tokens before it.
    pub(super) fn check_path(&self, seq: SeqId, path: &[NodeId]) -> Result<usize, ModelError> {
        let sequence = self.get(seq)?;
        if !sequence.pending {
            return Err(ModelError::misuse("a commit without a pass of its own before it"));
        }
        let parents = &sequence.parents;
        if path.first() != Some(&NodeId::ROOT) {
            return Err(ModelError::misuse("a committed path begins with the root"));
        }
        if path.iter().any(|node| node.index() >= parents.len()) {
            return Err(ModelError::misuse("a committed path has a node that is not in the tree"));
        }
        let follows = |pair: &[NodeId]| {
            !pair[1].is_root() && parents[pair[1].index()] as usize == pair[0].index()
        };
        if !path.windows(2).all(follows) {
            return Err(ModelError::misuse("a committed path goes from parent to child"));
        }
        Ok(sequence.len)
    }

    /// Records that a checked path of `count` nodes was committed.
    pub(super) fn committed(&mut self, seq: SeqId, count: usize) -> Result<(), ModelError> {
        let sequence = self.get_mut(seq)?;
        sequence.len += count;
        sequence.pending = false;
        Ok(())
    }

    /// Forgets all but `len` committed tokens.
    pub(super) fn truncate(&mut self, seq: SeqId, len: usize) -> Result<(), ModelError> {
        let sequence = self.get_mut(seq)?;
        sequence.len = sequence.len.min(len);
        sequence.pending = false;
        Ok(())
    }
}
