use foretoken_core::{ModelError, NodeId, Pass, Token, Want, async_trait};

use super::CandleModel;

/// The pass that a model has just computed.
pub(super) struct CandlePass<'m> {
    model: &'m mut CandleModel,
}

impl<'m> CandlePass<'m> {
    pub(super) fn new(model: &'m mut CandleModel) -> Self {
        Self { model }
    }

    /// The row of a node, among the rows of all steps.
    fn row(&self, step: usize, node: NodeId) -> Result<usize, ModelError> {
        let rows = &self.model.step_rows;
        let rows = rows.get(step).ok_or_else(|| ModelError::misuse("there is no such step"))?;
        let row = rows.start + node.index();
        if row < rows.end { Ok(row) } else { Err(ModelError::misuse("there is no such node")) }
    }

    /// Makes sure that `want` is known of a node, and returns its row.
    fn know(&mut self, step: usize, node: NodeId, want: Want) -> Result<usize, ModelError> {
        let row = self.row(step, node)?;
        let CandleModel { engine, readings, info, .. } = &mut *self.model;
        let reading = &mut readings[row];
        reading.ask(want, info.vocabulary);
        if reading.is_open() {
            engine.read(std::slice::from_mut(reading))?;
        }
        Ok(row)
    }
}

#[async_trait]
impl Pass for CandlePass<'_> {
    fn vocabulary(&self) -> usize {
        self.model.info.vocabulary
    }

    async fn logits(
        &mut self,
        step: usize,
        node: NodeId,
        out: &mut [f32],
    ) -> Result<(), ModelError> {
        if out.len() != self.vocabulary() {
            return Err(ModelError::misuse("logits need room for the whole vocabulary"));
        }
        let row = self.know(step, node, Want::Logits)?;
        out.copy_from_slice(self.model.readings[row].logits()?);
        Ok(())
    }

    async fn argmax(&mut self, step: usize, node: NodeId) -> Result<Token, ModelError> {
        let row = self.know(step, node, Want::Argmax)?;
        self.model.readings[row].argmax()
    }

    async fn top_k(
        &mut self,
        step: usize,
        node: NodeId,
        k: usize,
    ) -> Result<Vec<(Token, f32)>, ModelError> {
        // Beyond what 16 bits count, all logits are ranked.
        let want = u16::try_from(k).map_or(Want::Logits, Want::TopK);
        let row = self.know(step, node, want)?;
        self.model.readings[row].top_k(k)
    }

    async fn hidden(
        &mut self,
        step: usize,
        node: NodeId,
        out: &mut [f32],
    ) -> Result<(), ModelError> {
        if out.len() != self.model.info.hidden_size {
            return Err(ModelError::misuse("a hidden state needs room for the whole hidden size"));
        }
        let row = self.row(step, node)?;
        self.model.engine.hidden(row, out)
    }
}
