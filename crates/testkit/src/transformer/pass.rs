use foretoken_core::{ModelError, NodeId, Pass, SeqId, async_trait};

use super::cache::KeyValues;
use super::weights::Weights;
use crate::sequences::Sequences;

/// The hidden states of a pass; logits are computed when asked for.
pub(super) struct TransformerPass<'m> {
    weights: &'m Weights,
    sequences: &'m Sequences<KeyValues>,
    steps: Vec<SeqId>,
}

impl<'m> TransformerPass<'m> {
    pub(super) fn new(
        weights: &'m Weights,
        sequences: &'m Sequences<KeyValues>,
        steps: Vec<SeqId>,
    ) -> Self {
        Self { weights, sequences, steps }
    }

    fn state(&self, step: usize, node: NodeId) -> Result<&[f32], ModelError> {
        let seq = self.steps.get(step).ok_or_else(|| ModelError::misuse("no such step"))?;
        let pending = self.sequences.pending(*seq);
        let (_, tree, rows) = pending.ok_or_else(|| ModelError::misuse("no such pass"))?;
        if !tree.contains(node) {
            return Err(ModelError::misuse("no such node"));
        }
        let width = self.weights.width();
        Ok(&rows.hidden[node.index() * width..(node.index() + 1) * width])
    }
}

#[async_trait]
impl Pass for TransformerPass<'_> {
    fn vocabulary(&self) -> usize {
        self.weights.vocabulary()
    }

    async fn logits(
        &mut self,
        step: usize,
        node: NodeId,
        out: &mut [f32],
    ) -> Result<(), ModelError> {
        let logits = self.weights.logits(self.state(step, node)?);
        copy(&logits, out)
    }

    async fn hidden(
        &mut self,
        step: usize,
        node: NodeId,
        out: &mut [f32],
    ) -> Result<(), ModelError> {
        copy(self.state(step, node)?, out)
    }
}

fn copy(from: &[f32], out: &mut [f32]) -> Result<(), ModelError> {
    if from.len() != out.len() {
        return Err(ModelError::misuse("the output has the wrong length"));
    }
    out.copy_from_slice(from);
    Ok(())
}
