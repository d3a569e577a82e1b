//! The model contract's bookkeeping, with every rule checked.

use std::collections::BTreeMap;

use foretoken_core::{ModelError, ModelInfo, NodeId, SeqId, Step, TokenTree};

/// What a model keeps of the committed tokens of one sequence.
pub(crate) trait Cache: Clone {
    /// What a pass computed for the nodes of one tree.
    type Rows: std::fmt::Debug;

    /// Committed tokens.
    fn len(&self) -> usize;

    /// Appends what belongs to the nodes of `path`.
    fn keep(&mut self, tree: &TokenTree, rows: &Self::Rows, path: &[NodeId]);

    /// Forgets all but the first `len` tokens.
    fn truncate(&mut self, len: usize);
}

/// All sequences of a model, each with its cache and its uncommitted pass.
#[derive(Debug)]
pub(crate) struct Sequences<C: Cache> {
    opened: u32,
    open: BTreeMap<u32, Sequence<C>>,
}

#[derive(Debug)]
struct Sequence<C: Cache> {
    cache: C,
    pending: Option<(TokenTree, C::Rows)>,
}

impl<C: Cache> Sequences<C> {
    pub(crate) fn new() -> Self {
        Self { opened: 0, open: BTreeMap::new() }
    }

    /// Numbers are never used twice, so that a stale one is noticed.
    pub(crate) fn open(&mut self, cache: C) -> SeqId {
        let seq = SeqId::new(self.opened);
        self.opened += 1;
        self.open.insert(seq.number(), Sequence { cache, pending: None });
        seq
    }

    pub(crate) fn fork(&mut self, seq: SeqId, len: usize) -> Result<SeqId, ModelError> {
        let mut cache = self.cache(seq)?.clone();
        if len > cache.len() {
            return Err(ModelError::misuse("fork asks for more tokens than are committed"));
        }
        cache.truncate(len);
        Ok(self.open(cache))
    }

    pub(crate) fn close(&mut self, seq: SeqId) {
        self.open.remove(&seq.number());
    }

    pub(crate) fn count(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn len(&self, seq: SeqId) -> usize {
        self.open.get(&seq.number()).map_or(0, |sequence| sequence.cache.len())
    }

    pub(crate) fn cache(&self, seq: SeqId) -> Result<&C, ModelError> {
        let sequence = self.open.get(&seq.number());
        Ok(&sequence.ok_or_else(|| ModelError::misuse("unknown sequence"))?.cache)
    }

    /// Checks that a pass over `steps` is allowed.
    pub(crate) fn check(&self, info: &ModelInfo, steps: &[Step<'_>]) -> Result<(), ModelError> {
        for (index, step) in steps.iter().enumerate() {
            if steps[..index].iter().any(|other| other.seq == step.seq) {
                return Err(ModelError::misuse("a sequence appears twice in one pass"));
            }
            let len = self.cache(step.seq)?.len();
            let needed = len + step.tree.height() + 1;
            if needed > info.context_length {
                return Err(ModelError::context_full(needed, info.context_length));
            }
            let outside = |token: &&u32| **token as usize >= info.vocabulary;
            if let Some(&token) = step.tree.tokens().iter().find(outside) {
                return Err(ModelError::token_out_of_range(token, info.vocabulary));
            }
        }
        Ok(())
    }

    /// Records a pass, one tree with its rows for each sequence; the pass before is dropped.
    pub(crate) fn passed(&mut self, computed: Vec<(SeqId, TokenTree, C::Rows)>) {
        for sequence in self.open.values_mut() {
            sequence.pending = None;
        }
        for (seq, tree, rows) in computed {
            if let Some(sequence) = self.open.get_mut(&seq.number()) {
                sequence.pending = Some((tree, rows));
            }
        }
    }

    /// What the last pass computed for `seq`, until it is committed.
    pub(crate) fn pending(&self, seq: SeqId) -> Option<(&C, &TokenTree, &C::Rows)> {
        let sequence = self.open.get(&seq.number())?;
        let (tree, rows) = sequence.pending.as_ref()?;
        Some((&sequence.cache, tree, rows))
    }

    pub(crate) fn commit(&mut self, seq: SeqId, path: &[NodeId]) -> Result<(), ModelError> {
        self.cache(seq)?;
        let Some(Sequence { cache, pending }) = self.open.get_mut(&seq.number()) else {
            return Err(ModelError::misuse("unknown sequence"));
        };
        let Some((tree, rows)) = pending else {
            return Err(ModelError::misuse("commit without a forward of its own before it"));
        };
        if path.first() != Some(&NodeId::ROOT) {
            return Err(ModelError::misuse("the committed path does not begin with the root"));
        }
        if path.iter().any(|&node| !tree.contains(node)) {
            return Err(ModelError::misuse(
                "the committed path has a node that is not in the tree",
            ));
        }
        if path.windows(2).any(|pair| tree.parent(pair[1]) != Some(pair[0])) {
            return Err(ModelError::misuse("the committed path is no path of the tree"));
        }
        cache.keep(tree, rows, path);
        *pending = None;
        Ok(())
    }

    pub(crate) fn truncate(&mut self, seq: SeqId, len: usize) -> Result<(), ModelError> {
        self.cache(seq)?;
        if let Some(sequence) = self.open.get_mut(&seq.number()) {
            sequence.cache.truncate(len);
            sequence.pending = None;
        }
        Ok(())
    }
}
