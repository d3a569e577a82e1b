use candle_core::{D, Module, Result, Tensor, quantized::QMatMul};
use candle_nn::{
    ops::{rms_norm, silu},
    rotary_emb::{rope, rope_i},
};
use foretoken_kernels::RotaryStyle;

use crate::architecture::{Activation, Architecture};

/// A root-mean-square norm.
pub(super) struct Norm {
    pub(super) weight: Tensor,
    pub(super) epsilon: f32,
}

impl Norm {
    pub(super) fn apply(&self, x: &Tensor) -> Result<Tensor> {
        rms_norm(&x.contiguous()?, &self.weight, self.epsilon)
    }
}

/// A product, with a bias or without.
pub(super) struct Projection {
    pub(super) weight: QMatMul,
    pub(super) bias: Option<Tensor>,
}

impl Projection {
    fn apply(&self, x: &Tensor) -> Result<Tensor> {
        let product = self.weight.forward(x)?;
        match &self.bias {
            Some(bias) => product.broadcast_add(bias),
            None => Ok(product),
        }
    }
}

/// Bytes of a matrix.
pub(super) fn bytes_of(matrix: &QMatMul) -> usize {
    match matrix {
        QMatMul::QTensor(tensor) => tensor.storage_size_in_bytes(),
        QMatMul::Tensor(tensor) | QMatMul::TensorF16(tensor) => {
            tensor.elem_count() * tensor.dtype().size_in_bytes()
        }
    }
}

/// By how much the pairs of each row turn: `[rows, pairs]`.
pub(super) struct Angles {
    pub(super) cosines: Tensor,
    pub(super) sines: Tensor,
    pub(super) style: RotaryStyle,
    /// Dimensions that turn, the first ones of a head.
    pub(super) dimensions: usize,
}

impl Angles {
    /// Turns heads `[heads, rows, dim]`.
    fn rotate(&self, heads: &Tensor) -> Result<Tensor> {
        let dim = heads.dim(D::Minus1)?;
        let turning = heads.narrow(D::Minus1, 0, self.dimensions)?.contiguous()?.unsqueeze(0)?;
        let turned = match self.style {
            RotaryStyle::Interleaved => rope_i(&turning, &self.cosines, &self.sines)?,
            RotaryStyle::HalfSplit => rope(&turning, &self.cosines, &self.sines)?,
        };
        let turned = turned.squeeze(0)?;
        if self.dimensions == dim {
            return Ok(turned);
        }
        let rest = heads.narrow(D::Minus1, self.dimensions, dim - self.dimensions)?;
        Tensor::cat(&[&turned, &rest.contiguous()?], D::Minus1)
    }
}

/// The weights of one decoder block.
pub(super) struct Layer {
    pub(super) attention_norm: Norm,
    pub(super) query: Projection,
    pub(super) key: Projection,
    pub(super) value: Projection,
    /// Of queries and of keys.
    pub(super) head_norms: Option<[Norm; 2]>,
    pub(super) output: Projection,
    /// Of what attention and the feed-forward step put out.
    pub(super) output_norms: Option<[Norm; 2]>,
    pub(super) activation: Activation,
    pub(super) feed_forward_norm: Norm,
    pub(super) gate: QMatMul,
    pub(super) up: QMatMul,
    pub(super) down: QMatMul,
}

impl Layer {
    /// Queries, keys and values of normed rows, `[heads, rows, dim]` each, the first two rotated.
    pub(super) fn project(
        &self,
        architecture: &Architecture,
        x: &Tensor,
        angles: &Angles,
    ) -> Result<(Tensor, Tensor, Tensor)> {
        let rows = x.dim(0)?;
        let Architecture { heads, kv_heads, head_dim, .. } = *architecture;
        let split = |projection: &Projection, heads: usize| {
            projection.apply(x)?.reshape((rows, heads, head_dim))?.transpose(0, 1)?.contiguous()
        };
        let mut queries = split(&self.query, heads)?;
        let mut keys = split(&self.key, kv_heads)?;
        if let Some([query_norm, key_norm]) = &self.head_norms {
            queries = query_norm.apply(&queries)?;
            keys = key_norm.apply(&keys)?;
        }
        let values = split(&self.value, kv_heads)?;
        Ok((angles.rotate(&queries)?, angles.rotate(&keys)?, values))
    }

    /// Bytes of the matrices.
    pub(super) fn bytes(&self) -> usize {
        let Self { query, key, value, output, gate, up, down, .. } = self;
        let projections = [query, key, value, output].map(|projection| &projection.weight);
        projections.into_iter().chain([gate, up, down]).map(bytes_of).sum()
    }

    pub(super) fn attention_output(&self, attended: &Tensor) -> Result<Tensor> {
        self.after(0, self.output.apply(attended)?)
    }

    /// What a step puts out, normed if it is to be.
    fn after(&self, step: usize, x: Tensor) -> Result<Tensor> {
        match &self.output_norms {
            Some(norms) => norms[step].apply(&x),
            None => Ok(x),
        }
    }

    pub(super) fn feed_forward(&self, x: &Tensor) -> Result<Tensor> {
        let gate = self.gate.forward(x)?;
        let gate = match self.activation {
            Activation::Silu => silu(&gate)?,
            Activation::Gelu => gate.gelu()?,
        };
        self.after(1, self.down.forward(&(gate * self.up.forward(x)?)?)?)
    }
}
