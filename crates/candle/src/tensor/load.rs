use std::num::NonZeroUsize;

use candle_core::{
    DType, Device, Tensor,
    quantized::{GgmlDType, QMatMul, ggml_file::qtensor_from_ggml},
};

use super::{
    TensorEngine, TensorOptions,
    layer::{Layer, Norm, Projection},
};
use crate::{
    architecture::{Architecture, Biases, Rotary},
    error::{Error, Kind},
    model::SPARE_ROWS,
    weights::{Name, Part, Weights},
};

impl TensorEngine {
    /// Brings a network to its device; `context` is the most tokens that a sequence may have.
    pub(crate) fn load(
        weights: &Weights,
        architecture: Architecture,
        options: &TensorOptions,
        context: usize,
    ) -> Result<Self, Error> {
        let TensorOptions { device, dtype, strict } = options.clone();
        if !matches!(dtype, DType::F32 | DType::F16 | DType::BF16) {
            return Err(Kind::Option("the tensor engine computes in F32, F16 or BF16").into());
        }
        let loader = Loader { weights, architecture: &architecture, device: &device, dtype };
        let (vocabulary, hidden) = (architecture.vocabulary, architecture.hidden);
        let embedding = loader.matrix(Name::Embedding, vocabulary, hidden)?;
        let output = if architecture.tied_output {
            embedding.clone()
        } else {
            loader.matrix(Name::Output, vocabulary, hidden)?
        };
        let norm = loader.norm(Name::OutputNorm, hidden)?;
        let layers = (0..architecture.layers()).map(|block| loader.layer(block));
        let layers = layers.collect::<Result<_, _>>()?;
        Ok(Self {
            frequencies: architecture.rotary.frequencies(),
            local_frequencies: architecture.local_rotary.as_ref().map(Rotary::frequencies),
            architecture,
            device,
            dtype,
            strict,
            embedding,
            layers,
            norm,
            output,
            // The last slice of a pass may be padded.
            capacity: context + SPARE_ROWS + strict.map_or(0, NonZeroUsize::get),
            caches: Vec::new(),
            hidden: Vec::new(),
        })
    }
}

struct Loader<'a> {
    weights: &'a Weights,
    architecture: &'a Architecture,
    device: &'a Device,
    dtype: DType,
}

impl Loader<'_> {
    fn layer(&self, block: usize) -> Result<Layer, Error> {
        let Architecture { hidden, feed_forward, head_dim, .. } = *self.architecture;
        let (queries, keys) = (self.architecture.query_width(), self.architecture.key_width());
        let name = |part| Name::Block(block, part);
        let biased = self.architecture.biases >= Biases::Inputs;
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
        let projection = |part, bias, biased: bool, rows, cols| {
            let weight = self.matrix(name(part), rows, cols)?;
            let bias = biased.then(|| self.vector(name(bias), rows)).transpose()?;
            Ok::<_, Error>(Projection { weight, bias })
        };
        Ok(Layer {
            attention_norm: self.norm(name(Part::AttentionNorm), hidden)?,
            query: projection(Part::Query, Part::QueryBias, biased, queries, hidden)?,
            key: projection(Part::Key, Part::KeyBias, biased, keys, hidden)?,
            value: projection(Part::Value, Part::ValueBias, biased, keys, hidden)?,
            head_norms,
            output: projection(
                Part::AttentionOutput,
                Part::AttentionOutputBias,
                self.architecture.biases == Biases::All,
                hidden,
                queries,
            )?,
            output_norms,
            activation: self.architecture.activation,
            feed_forward_norm: self.norm(name(Part::FeedForwardNorm), hidden)?,
            gate: self.matrix(name(Part::Gate), feed_forward, hidden)?,
            up: self.matrix(name(Part::Up), feed_forward, hidden)?,
            down: self.matrix(name(Part::Down), hidden, feed_forward)?,
        })
    }

    fn norm(&self, name: Name, len: usize) -> Result<Norm, Error> {
        let weight = self.vector(name, len)?;
        let weight = (weight + f64::from(self.architecture.norm_offset)).map_err(Kind::Tensor)?;
        Ok(Norm { weight, epsilon: self.architecture.norm_epsilon })
    }

    fn vector(&self, name: Name, len: usize) -> Result<Tensor, Error> {
        let values = self.weights.vector(name, len)?;
        let tensor = Tensor::from_vec(values, len, self.device).map_err(Kind::Tensor)?;
        Ok(tensor.to_dtype(self.dtype).map_err(Kind::Tensor)?)
    }

    /// A matrix of `rows` outputs and `cols` inputs.
    fn matrix(&self, name: Name, rows: usize, cols: usize) -> Result<QMatMul, Error> {
        let shape = [rows, cols];
        let stored = self.weights.tensor(name, &shape)?;
        let dense = |dtype| {
            let tensor = Tensor::from_raw_buffer(stored.bytes, dtype, &shape, self.device)?;
            Ok(QMatMul::Tensor(tensor.to_dtype(self.dtype)?))
        };
        let matrix = match stored.element {
            GgmlDType::F32 => dense(DType::F32),
            GgmlDType::F16 => dense(DType::F16),
            GgmlDType::BF16 => dense(DType::BF16),
            quantized if self.dtype == DType::F32 && can_multiply(quantized, cols) => {
                qtensor_from_ggml(quantized, stored.bytes, shape.to_vec(), self.device)
                    .and_then(QMatMul::from_qtensor)
            }
            quantized => qtensor_from_ggml(quantized, stored.bytes, shape.to_vec(), self.device)
                .and_then(|tensor| tensor.dequantize(self.device)?.to_dtype(self.dtype))
                .map(QMatMul::Tensor),
        };
        self.weights.release(name);
        Ok(matrix.map_err(Kind::Tensor)?)
    }
}

/// candle's products of some types panic on the CPU unless the blocks of a row make pairs.
fn can_multiply(element: GgmlDType, cols: usize) -> bool {
    let in_pairs = matches!(element, GgmlDType::Q4_1 | GgmlDType::Q5_0 | GgmlDType::Q5_1);
    !in_pairs || (cols / element.block_size()).is_multiple_of(2)
}
