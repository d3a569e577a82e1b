use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
};

use candle_core::{
    Device,
    quantized::{GgmlDType, ggml_file::qtensor_from_ggml},
};
use foretoken_kernels::{
    Activations, Attention, AttentionShape, Format, KernelError, KvShape, Level, Matrix, Readout,
    RmsNorm, Rotary, ThreadPool,
};

use half::f16;

use super::{
    CpuEngine, CpuOptions,
    buffers::Buffers,
    network::{Block, Network, Projection},
};
use crate::{
    architecture::{Architecture, Biases},
    error::{Error, Kind},
    load::Progress,
    model::SPARE_ROWS,
    weights::{Name, Part, StoredTensor, Weights},
};

/// Rows of a pass that attention has memory for from the start, at any context; for larger ones it grows.
const RESERVED_ROWS: usize = 128;

impl CpuEngine {
    /// Lays out a network; `context` is the most tokens that a sequence may have.
    pub(crate) fn load(
        weights: &Weights,
        architecture: Architecture,
        options: CpuOptions,
        context: usize,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, Error> {
        let level = options.level.unwrap_or_else(Level::detect).require().map_err(Kind::Kernel)?;
        let pool = match options.threads {
            Some(threads) => ThreadPool::new(threads.get()),
            None => ThreadPool::of_cores(),
        };
        let matrices = pack_all(weights, &architecture, level, pool.threads(), progress)?;
        let network = network(weights, &architecture, matrices)?;
        let mut buffers = Buffers::default();
        for block in &network.blocks {
            let (threads, positions) = (pool.threads(), context + SPARE_ROWS);
            buffers.attention.reserve(&block.attention, threads, RESERVED_ROWS, positions);
        }
        let cache_shape = KvShape {
            layers: architecture.layers(),
            kv_heads: architecture.kv_heads,
            head_dim: architecture.head_dim,
            capacity: context + SPARE_ROWS,
        };
        let activations = || Activations::new(level).map_err(Kind::Kernel);
        Ok(Self {
            architecture,
            network,
            level,
            pool,
            cache_shape,
            options,
            caches: Vec::new(),
            buffers,
            inputs: activations()?,
            inner_inputs: activations()?,
            readout: Readout::new(),
        })
    }
}

/// A matrix to lay out.
#[derive(Clone, Copy)]
struct Job<'a> {
    name: Name,
    tensor: StoredTensor<'a>,
}

/// Every matrix of the network, checked for its shape; the largest first, so that threads finish together.
fn jobs<'a>(weights: &'a Weights, architecture: &Architecture) -> Result<Vec<Job<'a>>, Error> {
    let Architecture { vocabulary, hidden, feed_forward, .. } = *architecture;
    let (queries, keys) = (architecture.query_width(), architecture.key_width());
    let mut shapes = vec![(Name::Embedding, vocabulary, hidden)];
    if !architecture.tied_output {
        shapes.push((Name::Output, vocabulary, hidden));
    }
    for block in 0..architecture.layers() {
        let parts = [
            (Part::Query, queries, hidden),
            (Part::Key, keys, hidden),
            (Part::Value, keys, hidden),
            (Part::AttentionOutput, hidden, queries),
            (Part::Gate, feed_forward, hidden),
            (Part::Up, feed_forward, hidden),
            (Part::Down, hidden, feed_forward),
        ];
        shapes.extend(parts.map(|(part, rows, cols)| (Name::Block(block, part), rows, cols)));
    }
    let mut jobs = shapes
        .into_iter()
        .map(|(name, rows, cols)| Ok(Job { name, tensor: weights.tensor(name, &[rows, cols])? }))
        .collect::<Result<Vec<_>, Error>>()?;
    jobs.sort_by_key(|job| std::cmp::Reverse(job.tensor.bytes.len()));
    Ok(jobs)
}

/// Lays out all matrices on several threads, tensor by tensor.
fn pack_all(
    weights: &Weights,
    architecture: &Architecture,
    level: Level,
    threads: usize,
    progress: &mut dyn FnMut(Progress),
) -> Result<HashMap<Name, Matrix>, Error> {
    let jobs = jobs(weights, architecture)?;
    let total = jobs.iter().map(|job| job.tensor.bytes.len() as u64).sum();
    let (next, done) = (AtomicUsize::new(0), AtomicU64::new(0));
    let packed = Mutex::new(Ok(HashMap::with_capacity(jobs.len())));
    let work = |report: &mut dyn FnMut(Progress)| {
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let matrix = pack(weights, *job, level);
            weights.release(job.name);
            let bytes = job.tensor.bytes.len() as u64;
            let done = done.fetch_add(bytes, Ordering::Relaxed) + bytes;
            let mut packed = packed.lock().unwrap_or_else(PoisonError::into_inner);
            match (&mut *packed, matrix) {
                (Ok(matrices), Ok(matrix)) => {
                    matrices.insert(job.name, matrix);
                }
                (Ok(_), Err(error)) => *packed = Err(error),
                (Err(_), _) => return,
            }
            drop(packed);
            report(Progress { done, total });
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            // Where the system refuses a thread, the others do its share.
            let _ = thread::Builder::new().spawn_scoped(scope, || work(&mut |_| {}));
        }
        work(progress);
    });
    progress(Progress { done: total, total });
    packed.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn pack(weights: &Weights, job: Job<'_>, level: Level) -> Result<Matrix, Error> {
    let Job { name, tensor: StoredTensor { element, shape, bytes } } = job;
    let &[rows, cols] = shape else {
        return Err(weights.unreadable(name, element, "it is no matrix").into());
    };
    let matrix = if let Some(format) = format(element) {
        Matrix::pack(level, format, rows, cols, bytes)
    } else {
        pack_values(level, rows, cols, &dequantize(element, shape, bytes).map_err(Kind::Tensor)?)
    };
    matrix.map_err(|error| weights.unreadable(name, element, error.to_string()).into())
}

/// Half precision holds what a block can say to more digits than the block does, unless it overflows.
fn pack_values(
    level: Level,
    rows: usize,
    cols: usize,
    values: &[f32],
) -> Result<Matrix, KernelError> {
    if values.iter().all(|value| value.abs() <= f16::MAX.to_f32()) {
        let bytes: Vec<u8> =
            values.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect();
        Matrix::pack(level, Format::F16, rows, cols, &bytes)
    } else {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Matrix::pack(level, Format::F32, rows, cols, &bytes)
    }
}

/// The kernels' name of an element type; types without a kernel are dequantized.
fn format(element: GgmlDType) -> Option<Format> {
    Some(match element {
        GgmlDType::F32 => Format::F32,
        GgmlDType::F16 => Format::F16,
        GgmlDType::BF16 => Format::Bf16,
        GgmlDType::Q4_0 => Format::Q4_0,
        GgmlDType::Q4_1 => Format::Q4_1,
        GgmlDType::Q5_0 => Format::Q5_0,
        GgmlDType::Q5_1 => Format::Q5_1,
        GgmlDType::Q8_0 => Format::Q8_0,
        GgmlDType::Q4K => Format::Q4K,
        GgmlDType::Q5K => Format::Q5K,
        GgmlDType::Q6K => Format::Q6K,
        GgmlDType::Q2K | GgmlDType::Q3K | GgmlDType::Q8_1 | GgmlDType::Q8K => return None,
    })
}

fn dequantize(element: GgmlDType, shape: &[usize], bytes: &[u8]) -> candle_core::Result<Vec<f32>> {
    let tensor = qtensor_from_ggml(element, bytes, shape.to_vec(), &Device::Cpu)?;
    tensor.dequantize(&Device::Cpu)?.flatten_all()?.to_vec1()
}

fn network(
    weights: &Weights,
    architecture: &Architecture,
    matrices: HashMap<Name, Matrix>,
) -> Result<Network, Error> {
    let mut parts = Assembly { weights, architecture, matrices };
    let blocks = (0..architecture.layers()).map(|block| parts.block(block));
    let blocks = blocks.collect::<Result<_, _>>()?;
    Ok(Network {
        blocks,
        norm: parts.norm(Name::OutputNorm, architecture.hidden)?,
        embedding: parts.matrix(Name::Embedding)?,
        output: if architecture.tied_output { None } else { Some(parts.matrix(Name::Output)?) },
        rotary: rotary(&architecture.rotary)?,
        local_rotary: architecture.local_rotary.as_ref().map(rotary).transpose()?,
    })
}

fn rotary(described: &crate::architecture::Rotary) -> Result<Rotary, Error> {
    Ok(Rotary::new(described.style, described.frequencies()).map_err(Kind::Kernel)?)
}

/// Puts blocks together from matrices that are laid out already.
struct Assembly<'a> {
    weights: &'a Weights,
    architecture: &'a Architecture,
    matrices: HashMap<Name, Matrix>,
}

impl Assembly<'_> {
    fn block(&mut self, block: usize) -> Result<Block, Error> {
        let Architecture { hidden, heads, kv_heads, head_dim, .. } = *self.architecture;
        let name = |part| Name::Block(block, part);
        let biased = self.architecture.biases >= Biases::Inputs;
        let shape = AttentionShape {
            heads,
            kv_heads,
            head_dim,
            scale: self.architecture.attention_scale,
            soft_cap: self.architecture.attention_cap,
            window: self.architecture.windows[block].map(usize::from),
        };
        let head_norms = if self.architecture.head_norms {
            let query = self.norm(name(Part::QueryNorm), head_dim)?;
            Some([query, self.norm(name(Part::KeyNorm), head_dim)?])
        } else {
            None
        };
        let output_norms = if self.architecture.output_norms {
            let attention = self.norm(name(Part::AttentionOutputNorm), hidden)?;
            Some([attention, self.norm(name(Part::FeedForwardOutputNorm), hidden)?])
        } else {
            None
        };
        let output_biased = self.architecture.biases == Biases::All;
        Ok(Block {
            attention_norm: self.norm(name(Part::AttentionNorm), hidden)?,
            query: self.projection(name(Part::Query), name(Part::QueryBias), biased)?,
            key: self.projection(name(Part::Key), name(Part::KeyBias), biased)?,
            value: self.projection(name(Part::Value), name(Part::ValueBias), biased)?,
            head_norms,
            attention: Attention::new(shape).map_err(Kind::Kernel)?,
            attention_output: self.projection(
                name(Part::AttentionOutput),
                name(Part::AttentionOutputBias),
                output_biased,
            )?,
            output_norms,
            local: self.architecture.windows[block].is_some(),
            feed_forward_norm: self.norm(name(Part::FeedForwardNorm), hidden)?,
            gate: self.matrix(name(Part::Gate))?,
            up: self.matrix(name(Part::Up))?,
            down: self.matrix(name(Part::Down))?,
        })
    }

    fn matrix(&mut self, name: Name) -> Result<Matrix, Error> {
        Ok(self.matrices.remove(&name).ok_or_else(|| self.weights.missing(name))?)
    }

    fn projection(&mut self, name: Name, bias: Name, biased: bool) -> Result<Projection, Error> {
        let matrix = self.matrix(name)?;
        let bias = biased.then(|| self.weights.vector(bias, matrix.rows())).transpose()?;
        Ok(Projection { matrix, bias: bias.map(Vec::into_boxed_slice) })
    }

    fn norm(&self, name: Name, len: usize) -> Result<RmsNorm, Error> {
        let mut weight = self.weights.vector(name, len)?;
        for value in &mut weight {
            *value += self.architecture.norm_offset;
        }
        Ok(RmsNorm::new(weight, self.architecture.norm_epsilon).map_err(Kind::Kernel)?)
    }
}
