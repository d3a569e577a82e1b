//! The tensor engine: the network on candle's tensors, for any device that candle knows.
//!
//! Its products and its attention may round differently for different numbers of rows, so a node's logits drift in their
//! last bits with what runs beside it. Where two tokens are nearly as likely, a strategy's output may then differ from
//! plain decoding's. Only the [CPU engine](crate::cpu) promises the same bits.
//!
//! [`TensorOptions::strict`] computes every pass over the same number of rows. What remains then is attention: a key of
//! the tree and the same key among the committed tokens stand in other columns, so sums over them are taken in another
//! order. The largest difference of a logit between a tree of guesses and plain decoding, on candle's CPU kernels:
//!
//! | model | weights | computed in | as it comes | strict |
//! |---|---|---|---|---|
//! | SmolLM2-135M, logits up to 32 | `Q4_1` | F32 | 0.69 | 0 |
//! | the same | dequantized | F16 | 0.072 | 0 |
//! | random, 2 layers, logits of about 6 | F32 | F32 | 1.2e-4 | 4e-5 |
//! | the same | F32 | F16 | 2.7e-2 | 0 |
//! | the same | F32 | BF16 | 2e-7 | 0 |
//! | the same | `Q8_0`, `Q4_1` | F32 | 0 | 0 |
//!
//! (`tests/drift.rs` measures the random models again, and the workspace's tests with a real model the other one.) Inputs of
//! quantized products are rounded to 8 bits: mostly that swallows a difference in the last bits, and where it does not, it
//! makes it a hundred thousand times larger. So the zeros are measured and not promised.

mod cache;
mod layer;
mod load;
mod mask;
mod slice;

use std::num::NonZeroUsize;

use candle_core::{DType, Device, IndexOp, Module, Tensor, quantized::QMatMul};
use candle_nn::ops::softmax_last_dim;
use foretoken_core::{ModelError, tree::TreeMask};

use crate::{
    architecture::{Architecture, Rotary},
    model::{Engine, Part, Reading},
};
use cache::Cache;
use layer::{Angles, Layer, Norm, bytes_of};
use mask::Masks;
use slice::Slice;

/// How the tensor engine computes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TensorOptions {
    /// Where. Default: the CPU.
    pub device: Device,
    /// In what. Default: F32. In another type, quantized weights are dequantized.
    pub dtype: DType,
    /// Every product and every attention runs over exactly so many rows, be it one node or a prompt: rows that are missing
    /// are the last one again, and a pass over more is several. Default: none, each pass has the rows it has.
    ///
    /// Most of the drift comes from kernels that are chosen by the number of rows, so this takes it away, at the cost of
    /// so many rows for every token of plain decoding. The [module](self) says what remains.
    pub strict: Option<NonZeroUsize>,
}

impl Default for TensorOptions {
    fn default() -> Self {
        Self { device: Device::Cpu, dtype: DType::F32, strict: None }
    }
}

impl TensorOptions {
    /// Computes on `device`.
    #[must_use]
    pub fn with_device(mut self, device: Device) -> Self {
        self.device = device;
        self
    }

    /// Computes in `dtype`: F32, F16 or BF16.
    #[must_use]
    pub fn with_dtype(mut self, dtype: DType) -> Self {
        self.dtype = dtype;
        self
    }

    /// Computes every pass over exactly so many rows; see [`strict`](Self::strict).
    #[must_use]
    pub fn with_strict(mut self, rows: NonZeroUsize) -> Self {
        self.strict = Some(rows);
        self
    }
}

/// The network's weights and its sequences' caches.
pub(crate) struct TensorEngine {
    architecture: Architecture,
    device: Device,
    dtype: DType,
    strict: Option<NonZeroUsize>,
    frequencies: Vec<f32>,
    /// Of layers with a window, if others.
    local_frequencies: Option<Vec<f32>>,
    embedding: QMatMul,
    layers: Vec<Layer>,
    norm: Norm,
    output: QMatMul,
    /// Slots that a cache has room for.
    capacity: usize,
    caches: Vec<Option<Cache>>,
    /// The normed hidden rows of the last pass, one tensor for each part.
    hidden: Vec<Tensor>,
}

impl TensorEngine {
    fn cache(&self, slot: usize) -> Result<&Cache, ModelError> {
        let cache = self.caches.get(slot).and_then(Option::as_ref);
        cache.ok_or_else(|| ModelError::misuse("a sequence has no cache"))
    }

    fn new_cache(&self) -> candle_core::Result<Cache> {
        let Architecture { kv_heads, head_dim, .. } = self.architecture;
        let shape = (kv_heads, self.capacity, head_dim);
        Cache::new(self.layers.len(), shape, self.dtype, &self.device)
    }

    fn put(&mut self, slot: usize, cache: Cache) {
        if self.caches.len() <= slot {
            self.caches.resize_with(slot + 1, || None);
        }
        self.caches[slot] = Some(cache);
    }

    /// The normed hidden rows of one part.
    fn run(&self, part: &Part<'_>) -> candle_core::Result<Tensor> {
        let mut masks =
            Masks::new(TreeMask::new(part.tree, part.committed), self.dtype, &self.device);
        let slices = Slice::all(part.tree.len(), self.strict);
        let rows = slices.map(|slice| self.run_slice(part, &slice, &mut masks));
        let rows = rows.collect::<candle_core::Result<Vec<_>>>()?;
        Tensor::cat(&rows, 0)
    }

    /// The normed hidden rows of a slice, behind those before it.
    fn run_slice(
        &self,
        part: &Part<'_>,
        slice: &Slice,
        masks: &mut Masks<'_>,
    ) -> candle_core::Result<Tensor> {
        let tokens: Vec<u32> = slice.nodes().map(|node| part.tree.tokens()[node]).collect();
        let tokens = Tensor::new(tokens, &self.device)?;
        let depth = |node: usize| part.committed + part.tree.depths()[node] as usize;
        let angles = self.angles(&self.frequencies, slice.nodes().map(depth))?;
        let local = self.local_frequencies.as_ref();
        let local = local.map(|local| self.angles(local, slice.nodes().map(depth))).transpose()?;
        masks.begin(slice);
        let mut x = self.embedding.embedding(&tokens)?.to_dtype(self.dtype)?;
        if self.architecture.embedding_scale != 1.0 {
            x = (x * f64::from(self.architecture.embedding_scale))?;
        }
        let cache = self.caches.get(part.slot).and_then(Option::as_ref);
        let Some(cache) = cache else { candle_core::bail!("a sequence has no cache") };
        for (index, layer) in self.layers.iter().enumerate() {
            let normed = layer.attention_norm.apply(&x)?;
            let window = self.architecture.windows[index];
            let angles = local.as_ref().filter(|_| window.is_some()).unwrap_or(&angles);
            let (queries, keys, values) = layer.project(&self.architecture, &normed, angles)?;
            let (keys, values) =
                cache.extend(index, part.committed + slice.start(), &keys, &values)?;
            let mask = masks.get(window)?;
            let attended = self.attend(&queries, &keys, &values, &mask)?;
            x = (x + layer.attention_output(&attended)?)?;
            let normed = layer.feed_forward_norm.apply(&x)?;
            x = (x + layer.feed_forward(&normed)?)?;
        }
        self.norm.apply(&x)?.narrow(0, 0, slice.len())
    }

    /// Cosines and sines of the rows' positions, `[rows, pairs]`.
    fn angles(
        &self,
        frequencies: &[f32],
        positions: impl Iterator<Item = usize>,
    ) -> candle_core::Result<Angles> {
        let positions: Vec<usize> = positions.collect();
        let angle = |position: usize, frequency: f32| position as f64 * f64::from(frequency);
        let table = |function: fn(f64) -> f64| {
            let values: Vec<f32> = positions
                .iter()
                .flat_map(|&position| {
                    let angles = frequencies.iter().map(move |&f| angle(position, f));
                    angles.map(move |angle| function(angle) as f32)
                })
                .collect();
            let shape = (positions.len(), frequencies.len());
            Tensor::from_vec(values, shape, &self.device)?.to_dtype(self.dtype)
        };
        let Rotary { style, dimensions, .. } = self.architecture.rotary;
        Ok(Angles { cosines: table(f64::cos)?, sines: table(f64::sin)?, style, dimensions })
    }

    /// Attention of queries `[heads, rows, dim]` over keys and values `[kv heads, columns, dim]`, as `[rows, heads * dim]`.
    fn attend(
        &self,
        queries: &Tensor,
        keys: &Tensor,
        values: &Tensor,
        mask: &Tensor,
    ) -> candle_core::Result<Tensor> {
        let Architecture { heads, kv_heads, head_dim, .. } = self.architecture;
        let (rows, columns) = mask.dims2()?;
        let group = heads / kv_heads;
        // Heads that share keys stand together as more rows of one product.
        let queries = queries.reshape((kv_heads, group * rows, head_dim))?;
        let scores = queries.matmul(&keys.t()?)?;
        let mut scores = (scores * f64::from(self.architecture.attention_scale))?;
        if let Some(cap) = self.architecture.attention_cap {
            scores = soft_cap(&scores, cap)?;
        }
        let scores = scores.reshape((heads, rows, columns))?.broadcast_add(mask)?;
        let weights = softmax_last_dim(&scores)?.reshape((kv_heads, group * rows, columns))?;
        let attended = weights.matmul(values)?.reshape((heads, rows, head_dim))?;
        attended.transpose(0, 1)?.reshape((rows, heads * head_dim))
    }

    /// Where a row of the last pass is.
    fn place(&self, row: usize) -> candle_core::Result<(usize, usize)> {
        let mut start = 0;
        for (part, hidden) in self.hidden.iter().enumerate() {
            let rows = hidden.dim(0)?;
            if row < start + rows {
                return Ok((part, row - start));
            }
            start += rows;
        }
        candle_core::bail!("the last pass has no row {row}")
    }

    fn read_rows(&self, readings: &mut [&mut Reading]) -> candle_core::Result<()> {
        for slice in Slice::all(readings.len(), self.strict) {
            let rows = slice.nodes().map(|reading| {
                let (part, row) = self.place(readings[reading].row)?;
                self.hidden[part].i(row)
            });
            let rows = rows.collect::<candle_core::Result<Vec<_>>>()?;
            let logits = self.output.forward(&Tensor::stack(&rows, 0)?)?;
            let mut logits = logits.to_dtype(DType::F32)?;
            if let Some(cap) = self.architecture.logit_cap {
                logits = soft_cap(&logits, cap)?;
            }
            let logits = logits.to_vec2::<f32>()?;
            for (reading, logits) in readings[slice.start()..].iter_mut().zip(&logits) {
                reading.take(logits);
            }
        }
        Ok(())
    }
}

/// `cap * tanh(x / cap)`
fn soft_cap(x: &Tensor, cap: f32) -> candle_core::Result<Tensor> {
    let cap = f64::from(cap);
    (x / cap)?.tanh()? * cap
}

impl Engine for TensorEngine {
    fn open(&mut self, slot: usize) -> Result<(), ModelError> {
        let cache = self.new_cache().map_err(ModelError::backend)?;
        self.put(slot, cache);
        Ok(())
    }

    fn fork(&mut self, from: usize, to: usize, len: usize) -> Result<(), ModelError> {
        let cache = self.new_cache().map_err(ModelError::backend)?;
        cache.copy_from(self.cache(from)?, len).map_err(ModelError::backend)?;
        self.put(to, cache);
        Ok(())
    }

    fn close(&mut self, slot: usize) {
        if let Some(cache) = self.caches.get_mut(slot) {
            *cache = None;
        }
    }

    fn forward(&mut self, parts: &[Part<'_>]) -> Result<(), ModelError> {
        self.hidden.clear();
        for part in parts {
            let hidden = self.run(part).map_err(ModelError::backend)?;
            self.hidden.push(hidden);
        }
        Ok(())
    }

    fn read(&mut self, readings: &mut [Reading]) -> Result<(), ModelError> {
        let mut open: Vec<&mut Reading> =
            readings.iter_mut().filter(|reading| reading.is_open()).collect();
        if open.is_empty() {
            return Ok(());
        }
        self.read_rows(&mut open).map_err(ModelError::backend)
    }

    fn hidden(&mut self, row: usize, out: &mut [f32]) -> Result<(), ModelError> {
        let read = || {
            let (part, row) = self.place(row)?;
            self.hidden[part].i(row)?.to_dtype(DType::F32)?.to_vec1::<f32>()
        };
        out.copy_from_slice(&read().map_err(ModelError::backend)?);
        Ok(())
    }

    fn bytes_read(&self, context: usize) -> u64 {
        let layers = self.layers.iter().map(Layer::bytes).sum::<usize>();
        let cached = self.architecture.tokens_seen(context) * self.architecture.key_width();
        (layers + bytes_of(&self.output) + 2 * self.dtype.size_in_bytes() * cached) as u64
    }

    fn commit(&mut self, slot: usize, committed: usize, path: &[usize]) -> Result<(), ModelError> {
        self.cache(slot)?.commit(committed, path).map_err(ModelError::backend)
    }
}
