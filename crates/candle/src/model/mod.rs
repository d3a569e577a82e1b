//! Models of the library's contract, over either engine.

mod engine;
mod pass;
mod reading;
mod sequences;

use std::{fmt, ops::Range};

use foretoken_core::{
    Model, ModelError, ModelInfo, NodeId, Pass, SeqId, Step, TokenSet, async_trait,
};

pub(crate) use engine::{Engine, Part, SPARE_ROWS};
use pass::CandlePass;
pub(crate) use reading::{Reading, Target};
use sequences::Sequences;

/// A model from files.
///
/// On the CPU engine it keeps the contract to the bit: what a pass says of a node is a function of the committed
/// tokens and the node's path, whatever ran beside it and however many threads ran. On the tensor engine this holds up
/// to rounding.
///
/// A pass computes several sequences together, and each answer about a node that was not asked for beforehand costs
/// the output layer for one row.
pub struct CandleModel {
    info: ModelInfo,
    engine: Box<dyn Engine>,
    sequences: Sequences,
    /// For each step of the last pass its rows.
    step_rows: Vec<Range<usize>>,
    /// For each row of the last pass what is known; more from earlier, larger passes.
    readings: Vec<Reading>,
    /// The path that is being committed.
    path: Vec<usize>,
}

impl CandleModel {
    pub(crate) fn new(info: ModelInfo, engine: Box<dyn Engine>, sequences: usize) -> Self {
        Self {
            info,
            engine,
            sequences: Sequences::new(sequences),
            step_rows: Vec::new(),
            readings: Vec::new(),
            path: Vec::new(),
        }
    }

    /// The same model with other tokens that end a sequence; those outside the vocabulary are left out.
    #[must_use]
    pub fn with_end_of_sequence(mut self, tokens: impl IntoIterator<Item = u32>) -> Self {
        let inside = |token: &u32| (*token as usize) < self.info.vocabulary;
        self.info.end_of_sequence = tokens.into_iter().filter(inside).collect::<TokenSet>();
        self
    }

    /// Bytes that a pass has to read from memory, however few its nodes: every weight once, but for an embedding that is
    /// not the output layer too, and the keys and values of `context` committed tokens.
    ///
    /// Over the machine's bandwidth this is a floor under the time of any pass.
    pub fn bytes_read(&self, context: usize) -> u64 {
        self.engine.bytes_read(context)
    }
}

impl fmt::Debug for CandleModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CandleModel").field("info", &self.info).finish_non_exhaustive()
    }
}

#[async_trait]
impl Model for CandleModel {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn open(&mut self) -> Result<SeqId, ModelError> {
        let slot = self.sequences.free_slot()?;
        self.engine.open(slot)?;
        Ok(self.sequences.open(slot, 0))
    }

    fn fork(&mut self, seq: SeqId, len: usize) -> Result<SeqId, ModelError> {
        let from = self.sequences.slot(seq)?;
        if len > self.sequences.len(seq) {
            return Err(ModelError::misuse("a fork asks for more tokens than are committed"));
        }
        let to = self.sequences.free_slot()?;
        self.engine.fork(from, to, len)?;
        Ok(self.sequences.open(to, len))
    }

    fn close(&mut self, seq: SeqId) {
        if let Some(slot) = self.sequences.close(seq) {
            self.engine.close(slot);
        }
    }

    fn len(&self, seq: SeqId) -> usize {
        self.sequences.len(seq)
    }

    async fn forward<'m>(
        &'m mut self,
        steps: &[Step<'_>],
    ) -> Result<Box<dyn Pass + 'm>, ModelError> {
        self.sequences.check(&self.info, steps)?;
        self.sequences.forget_passes();
        self.step_rows.clear();
        let mut parts = Vec::with_capacity(steps.len());
        let mut rows = 0;
        for step in steps {
            let (slot, committed) = (self.sequences.slot(step.seq)?, self.sequences.len(step.seq));
            parts.push(Part { slot, committed, tree: step.tree });
            self.step_rows.push(rows..rows + step.tree.len());
            rows += step.tree.len();
        }
        if self.readings.len() < rows {
            self.readings.resize_with(rows, Reading::default);
        }
        for (step, rows) in steps.iter().zip(&self.step_rows) {
            for (index, row) in rows.clone().enumerate() {
                self.readings[row].reset(row, step.want(index), self.info.vocabulary);
            }
        }
        self.engine.forward(&parts)?;
        self.engine.read(&mut self.readings[..rows])?;
        for step in steps {
            self.sequences.passed(step.seq, step.tree)?;
        }
        Ok(Box::new(CandlePass::new(self)))
    }

    fn commit(&mut self, seq: SeqId, path: &[NodeId]) -> Result<(), ModelError> {
        let committed = self.sequences.check_path(seq, path)?;
        self.path.clear();
        self.path.extend(path.iter().map(|node| node.index()));
        self.engine.commit(self.sequences.slot(seq)?, committed, &self.path)?;
        self.sequences.committed(seq, path.len())
    }

    fn truncate(&mut self, seq: SeqId, len: usize) -> Result<(), ModelError> {
        self.sequences.truncate(seq, len)
    }
}
