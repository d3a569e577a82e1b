//! A model with exact integer logits.

use std::time::Duration;

use foretoken_core::{
    Model, ModelError, ModelInfo, NodeId, Pass, SeqId, Step, Token, TokenSet, TokenTree,
    async_trait,
};

use crate::dice::hash;
use crate::sequences::{Cache, Sequences};

/// What a [`ToyModel`] is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToyConfig {
    /// Chooses the n-gram table.
    pub seed: u64,
    /// Tokens are `0..vocabulary`. Default 12.
    pub vocabulary: usize,
    /// The logits follow from so many last tokens of a path, mostly. Default 2.
    pub order: usize,
    /// Logits take so many values before the copying bonus; few values give
    /// many ties. Default 8.
    pub levels: u32,
    /// One context in so many answers to the whole path instead of its last
    /// tokens, so that text is repetitive but never for good, and any error in
    /// the history shows. 0: never. Default 5.
    pub surprise: u32,
    /// Added to the token that followed the last two tokens when they came
    /// last. Default 2.
    pub copying: u32,
    /// Default 512.
    pub context_length: usize,
    /// Likely in one context out of eight, impossible in the others. Default: none.
    pub end_of_sequence: TokenSet,
}

impl Default for ToyConfig {
    fn default() -> Self {
        Self {
            seed: 0,
            vocabulary: 12,
            order: 2,
            levels: 8,
            surprise: 5,
            copying: 2,
            context_length: 512,
            end_of_sequence: TokenSet::default(),
        }
    }
}

/// A model whose logits are small integers, a seeded function of the path.
///
/// - Exact: no rounding, so logits may be compared for equality.
/// - Ties are frequent, between `0.0` and `-0.0` too.
/// - Text repeats itself, with surprises: guesses are often right, not always.
/// - Strict: a call that breaks the contract of [`Model`] is an error of the
///   kind [`Misuse`](foretoken_core::ModelErrorKind::Misuse), and closed
///   sequences stay unknown for ever.
///
/// Any number of sequences, with fork and truncate.
#[derive(Debug)]
pub struct ToyModel {
    config: ToyConfig,
    info: ModelInfo,
    sequences: Sequences<Vec<Token>>,
    log: Option<Vec<Call>>,
}

/// One call that changed a [`ToyModel`], as its log tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// [`Model::forward`], one entry per step.
    Forward(Vec<Forwarded>),
    /// [`Model::commit`] of so many nodes.
    Commit(SeqId, usize),
    /// [`Model::truncate`] to so many tokens.
    Truncate(SeqId, usize),
}

/// One step of a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forwarded {
    /// The sequence.
    pub seq: SeqId,
    /// Its committed tokens before the pass.
    pub committed: usize,
    /// Nodes of the tree, the root included.
    pub nodes: usize,
}

impl ToyModel {
    /// A model without sequences.
    ///
    /// # Panics
    ///
    /// If the vocabulary, the levels or the context length are zero.
    pub fn new(config: ToyConfig) -> Self {
        assert!(
            config.vocabulary > 0 && config.levels > 0 && config.context_length > 0,
            "a toy needs a vocabulary, levels and a context: {config:?}"
        );
        let mut info = ModelInfo::new("toy", config.vocabulary, config.context_length);
        info.end_of_sequence = config.end_of_sequence.clone();
        Self { config, info, sequences: Sequences::new(), log: None }
    }

    /// The same, keeping a log of its calls.
    #[must_use]
    pub fn with_log(mut self) -> Self {
        self.log = Some(Vec::new());
        self
    }

    /// All successful calls since the log began; empty without a log.
    pub fn log(&self) -> &[Call] {
        self.log.as_deref().unwrap_or_default()
    }

    /// Nodes of each pass in the log, all its steps together.
    pub fn pass_sizes(&self) -> Vec<usize> {
        let sizes = self.log().iter().filter_map(|call| match call {
            Call::Forward(steps) => Some(steps.iter().map(|step| step.nodes).sum()),
            _ => None,
        });
        sizes.collect()
    }

    /// Sequences that are open: 0 when every decoder has cleaned up.
    pub fn open_sequences(&self) -> usize {
        self.sequences.count()
    }

    /// The logits of the token after `path`, which is everything from the first token on.
    pub fn logits_after(&self, path: &[Token]) -> Vec<f32> {
        let ToyConfig { seed, order, levels, surprise, .. } = self.config;
        let recent = &path[path.len().saturating_sub(order)..];
        let mut key = hash(seed, recent.iter().copied());
        if surprise > 0 && key % u64::from(surprise) == 0 {
            key = hash(key, path.iter().copied());
        }
        let ends = (key >> 32) % 8 == 0;
        let copied = self.copied(path);
        let logits = (0..self.config.vocabulary as Token).map(|token| {
            let draw = hash(key, [token]);
            let mut level = (draw % u64::from(levels)) as i64 - i64::from(levels - 1);
            if copied == Some(token) {
                level += i64::from(self.config.copying);
            }
            if self.config.end_of_sequence.contains(token) {
                level += if ends { 2 } else { -1000 };
            }
            if level == 0 && draw >> 63 == 1 { -0.0 } else { level as f32 }
        });
        logits.collect()
    }

    /// What came after the last two tokens of `path` when they came last.
    fn copied(&self, path: &[Token]) -> Option<Token> {
        if self.config.copying == 0 || path.len() < 3 {
            return None;
        }
        let (earlier, last) = path.split_at(path.len() - 2);
        let at = (0..earlier.len()).rev().find(|&at| path[at..at + 2] == *last)?;
        Some(path[at + 2])
    }

    fn note(&mut self, call: Call) {
        if let Some(log) = &mut self.log {
            log.push(call);
        }
    }
}

impl Default for ToyModel {
    fn default() -> Self {
        Self::new(ToyConfig::default())
    }
}

impl Cache for Vec<Token> {
    type Rows = ();

    fn len(&self) -> usize {
        self.len()
    }

    fn keep(&mut self, tree: &TokenTree, (): &(), path: &[NodeId]) {
        self.extend(path.iter().map(|&node| tree.token(node)));
    }

    fn truncate(&mut self, len: usize) {
        self.truncate(len);
    }
}

#[async_trait]
impl Model for ToyModel {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn open(&mut self) -> Result<SeqId, ModelError> {
        Ok(self.sequences.open(Vec::new()))
    }

    fn fork(&mut self, seq: SeqId, len: usize) -> Result<SeqId, ModelError> {
        self.sequences.fork(seq, len)
    }

    fn close(&mut self, seq: SeqId) {
        self.sequences.close(seq);
    }

    fn len(&self, seq: SeqId) -> usize {
        self.sequences.len(seq)
    }

    async fn forward<'m>(
        &'m mut self,
        steps: &[Step<'_>],
    ) -> Result<Box<dyn Pass + 'm>, ModelError> {
        self.sequences.check(&self.info, steps)?;
        if self.log.is_some() {
            let forwarded = steps.iter().map(|step| Forwarded {
                seq: step.seq,
                committed: self.sequences.len(step.seq),
                nodes: step.tree.len(),
            });
            let call = Call::Forward(forwarded.collect());
            self.note(call);
        }
        self.sequences.passed(steps.iter().map(|s| (s.seq, s.tree.clone(), ())).collect());
        let nodes = steps.iter().map(|step| step.tree.len()).sum();
        let steps = steps.iter().map(|step| step.seq).collect();
        Ok(Box::new(ToyPass { toy: self, steps, nodes }))
    }

    fn commit(&mut self, seq: SeqId, path: &[NodeId]) -> Result<(), ModelError> {
        self.sequences.commit(seq, path)?;
        self.note(Call::Commit(seq, path.len()));
        Ok(())
    }

    fn truncate(&mut self, seq: SeqId, len: usize) -> Result<(), ModelError> {
        self.sequences.truncate(seq, len)?;
        self.note(Call::Truncate(seq, len));
        Ok(())
    }
}

struct ToyPass<'m> {
    toy: &'m ToyModel,
    steps: Vec<SeqId>,
    nodes: usize,
}

#[async_trait]
impl Pass for ToyPass<'_> {
    fn vocabulary(&self) -> usize {
        self.toy.config.vocabulary
    }

    /// Each node beyond the first adds a twentieth of a millisecond to the
    /// first one's: the same on every machine, so that what a decoder chooses
    /// to verify is the same, too.
    fn cost(&self) -> Option<Duration> {
        Some(Duration::from_micros(950 + 50 * self.nodes as u64))
    }

    async fn logits(
        &mut self,
        step: usize,
        node: NodeId,
        out: &mut [f32],
    ) -> Result<(), ModelError> {
        let seq = self.steps.get(step).ok_or_else(|| ModelError::misuse("no such step"))?;
        let pending = self.toy.sequences.pending(*seq);
        let (committed, tree, ()) = pending.ok_or_else(|| ModelError::misuse("no such pass"))?;
        if !tree.contains(node) {
            return Err(ModelError::misuse("no such node"));
        }
        if out.len() != self.vocabulary() {
            return Err(ModelError::misuse("the output is not as long as the vocabulary"));
        }
        let mut path = committed.clone();
        path.extend(tree.path_tokens(node));
        out.copy_from_slice(&self.toy.logits_after(&path));
        Ok(())
    }
}
