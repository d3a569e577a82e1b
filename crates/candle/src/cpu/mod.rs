//! The CPU engine: the network on row-invariant kernels.
//!
//! Every step of the pass promises the same bits for a row whatever other rows run with it and however many threads
//! run, so the whole pass does. Weights are laid out for the machine's instruction set when they are loaded; a pass
//! takes five turns of the thread pool for each block.

mod buffers;
mod forward;
mod load;
mod network;
mod options;
mod output;
mod traffic;

use foretoken_core::ModelError;
use foretoken_kernels::{Activations, KernelError, KvCache, KvShape, Level, Readout, ThreadPool};

use crate::{
    architecture::Architecture,
    model::{Engine, Part, Reading},
};
use buffers::Buffers;
use network::Network;
pub use options::CpuOptions;

/// The network's weights, its sequences' caches and the memory of its passes.
pub(crate) struct CpuEngine {
    architecture: Architecture,
    network: Network,
    level: Level,
    pool: ThreadPool,
    cache_shape: KvShape,
    options: CpuOptions,
    caches: Vec<Option<KvCache>>,
    buffers: Buffers,
    /// Inputs of products: hidden rows, and the inner rows of the feed-forward step.
    inputs: Activations,
    inner_inputs: Activations,
    readout: Readout,
}

impl Engine for CpuEngine {
    fn open(&mut self, slot: usize) -> Result<(), ModelError> {
        let cache = KvCache::new(self.cache_shape, self.options.cache).map_err(failed)?;
        if self.caches.len() <= slot {
            self.caches.resize_with(slot + 1, || None);
        }
        self.caches[slot] = Some(cache);
        Ok(())
    }

    fn fork(&mut self, from: usize, to: usize, len: usize) -> Result<(), ModelError> {
        let mut cache = KvCache::new(self.cache_shape, self.options.cache).map_err(failed)?;
        cache.copy_from(cache_of(&mut self.caches, from)?, len).map_err(failed)?;
        if self.caches.len() <= to {
            self.caches.resize_with(to + 1, || None);
        }
        self.caches[to] = Some(cache);
        Ok(())
    }

    fn close(&mut self, slot: usize) {
        if let Some(cache) = self.caches.get_mut(slot) {
            *cache = None;
        }
    }

    fn forward(&mut self, parts: &[Part<'_>]) -> Result<(), ModelError> {
        self.run(parts)
    }

    fn read(&mut self, readings: &mut [Reading]) -> Result<(), ModelError> {
        self.read_rows(readings)
    }

    fn hidden(&mut self, row: usize, out: &mut [f32]) -> Result<(), ModelError> {
        let hidden = self.architecture.hidden;
        let row = &self.buffers.hidden[row * hidden..(row + 1) * hidden];
        self.network.norm.apply(self.level, row, out);
        Ok(())
    }

    fn bytes_read(&self, context: usize) -> u64 {
        self.bytes_of_pass(context)
    }

    fn commit(&mut self, slot: usize, committed: usize, path: &[usize]) -> Result<(), ModelError> {
        cache_of(&mut self.caches, slot)?.commit(committed, path).map_err(failed)
    }
}

fn cache_of(caches: &mut [Option<KvCache>], slot: usize) -> Result<&mut KvCache, ModelError> {
    let cache = caches.get_mut(slot).and_then(Option::as_mut);
    cache.ok_or_else(|| ModelError::misuse("a sequence has no cache"))
}

fn failed(error: KernelError) -> ModelError {
    if error.is_not_a_number() { ModelError::not_a_number() } else { ModelError::backend(error) }
}
