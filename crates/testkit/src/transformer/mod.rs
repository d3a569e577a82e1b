//! A tiny transformer with random weights.

mod cache;
mod pass;
mod weights;

use std::num::NonZeroUsize;

use foretoken_core::{
    Model, ModelError, ModelInfo, NodeId, Pass, SeqId, Step, TokenSet, async_trait,
};

use crate::sequences::Sequences;
use cache::KeyValues;
use pass::TransformerPass;
use weights::Weights;

/// What a [`TinyTransformer`] is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransformerConfig {
    /// Chooses the weights.
    pub seed: u64,
    /// Tokens are `0..vocabulary`. Default 20.
    pub vocabulary: usize,
    /// The length of a hidden state, `heads` times an even number. Default 16.
    pub width: usize,
    /// Attention heads. Default 2.
    pub heads: usize,
    /// Blocks of attention and feed-forward. Default 2.
    pub layers: usize,
    /// Every second layer sees only positions closer than this. Default: all see everything.
    pub window: Option<NonZeroUsize>,
    /// Default 256.
    pub context_length: usize,
    /// Default: none.
    pub end_of_sequence: TokenSet,
}

impl Default for TransformerConfig {
    fn default() -> Self {
        Self {
            seed: 0,
            vocabulary: 20,
            width: 16,
            heads: 2,
            layers: 2,
            window: None,
            context_length: 256,
            end_of_sequence: TokenSet::default(),
        }
    }
}

/// A transformer small enough to run thousands of times in a test.
///
/// Pre-normalised blocks of causal multi-head attention with rotary positions
/// and a feed-forward layer, in `f32`, with a real key/value cache that
/// commits and truncates. A tree pass reads its masks off
/// [`TreeMask`](foretoken_core::tree::TreeMask). Each node is computed on its
/// own, in the order of its own path, so what it yields does not depend on
/// what ran beside it: row invariance by construction.
///
/// As strict about the contract as [`ToyModel`](crate::toy::ToyModel). Hidden
/// states can be read.
#[derive(Debug)]
pub struct TinyTransformer {
    info: ModelInfo,
    weights: Weights,
    sequences: Sequences<KeyValues>,
}

impl TinyTransformer {
    /// A model without sequences.
    ///
    /// # Panics
    ///
    /// If a size is zero, or the width is not `heads` times an even number.
    pub fn new(config: &TransformerConfig) -> Self {
        let TransformerConfig { vocabulary, width, heads, layers, context_length, .. } = *config;
        assert!(
            [vocabulary, width, heads, layers, context_length].iter().all(|&size| size > 0)
                && width % (2 * heads) == 0,
            "a transformer needs sizes above zero and an even width per head: {config:?}"
        );
        let mut info = ModelInfo::new("tiny-transformer", vocabulary, context_length);
        info.end_of_sequence = config.end_of_sequence.clone();
        info.hidden_size = width;
        Self { info, weights: Weights::random(config), sequences: Sequences::new() }
    }
}

impl Default for TinyTransformer {
    fn default() -> Self {
        Self::new(&TransformerConfig::default())
    }
}

#[async_trait]
impl Model for TinyTransformer {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn open(&mut self) -> Result<SeqId, ModelError> {
        Ok(self.sequences.open(KeyValues::new(self.weights.layers(), self.info.hidden_size)))
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
        let mut computed = Vec::with_capacity(steps.len());
        for step in steps {
            let rows = self.weights.run(self.sequences.cache(step.seq)?, step.tree);
            computed.push((step.seq, step.tree.clone(), rows));
        }
        self.sequences.passed(computed);
        let steps = steps.iter().map(|step| step.seq).collect();
        Ok(Box::new(TransformerPass::new(&self.weights, &self.sequences, steps)))
    }

    fn commit(&mut self, seq: SeqId, path: &[NodeId]) -> Result<(), ModelError> {
        self.sequences.commit(seq, path)
    }

    fn truncate(&mut self, seq: SeqId, len: usize) -> Result<(), ModelError> {
        self.sequences.truncate(seq, len)
    }
}
