use foretoken_core::ModelError;
use foretoken_kernels::{KernelError, Want, soft_cap};

use super::{CpuEngine, failed, forward::normed};
use crate::model::{Reading, Target};

impl CpuEngine {
    /// The output layer for the open readings, in one pass over it.
    pub(super) fn read_rows(&mut self, readings: &mut [Reading]) -> Result<(), ModelError> {
        match self.read_together(readings) {
            Ok(()) => Ok(()),
            // A node whose logits are no numbers must not take the others along: plain decoding may never meet it.
            Err(error) if error.is_not_a_number() => {
                for reading in readings {
                    match self.read_together(std::slice::from_mut(reading)) {
                        Err(error) if error.is_not_a_number() => reading.settle_not_a_number(),
                        result => result.map_err(failed)?,
                    }
                }
                Ok(())
            }
            Err(error) => Err(failed(error)),
        }
    }

    fn read_together(&mut self, readings: &mut [Reading]) -> Result<(), KernelError> {
        let vocabulary = self.architecture.vocabulary;
        let rows = &mut self.buffers.read;
        rows.clear();
        let open = readings.iter().filter(|reading| reading.is_open());
        rows.extend(open.map(|reading| reading.row));
        if rows.is_empty() {
            return Ok(());
        }
        let mut wants: Vec<Want<'_>> = Vec::with_capacity(rows.len());
        let open = readings.iter_mut().filter(|reading| reading.is_open());
        wants.extend(open.map(|reading| match reading.target(vocabulary) {
            Target::Best(best) => Want::top_k(best),
            Target::Logits(logits) => Want::logits(logits),
        }));
        let (level, norm, hidden) = (self.level, &self.network.norm, &self.buffers.hidden);
        let rows = &self.buffers.read;
        self.readout.fill_and_read(
            &self.pool,
            &mut self.inputs,
            &|row, columns, out| normed(level, norm, hidden, rows[row], columns, out),
            self.network.output(),
            &mut wants,
        )?;
        drop(wants);
        for reading in readings.iter_mut().filter(|reading| reading.is_open()) {
            if let Some(cap) = self.architecture.logit_cap {
                reading.cap(|logits| soft_cap(level, logits, cap));
            }
            reading.settle();
        }
        Ok(())
    }
}
