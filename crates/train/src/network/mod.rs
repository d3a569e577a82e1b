//! The network in training: the llama architecture with tied embeddings, one loss for a batch of rows.

mod fused;

use std::sync::PoisonError;

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::{Init, VarBuilder, VarMap};
use fused::{CausalSoftmax, CrossEntropy, Gate, RmsNorm, Rotate};
use serde::{Deserialize, Serialize};

/// The network's measures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shape {
    /// Tokens of the vocabulary.
    pub vocabulary: usize,
    /// Values of a token between blocks.
    pub hidden: usize,
    /// Blocks.
    pub layers: usize,
    /// Query heads.
    pub heads: usize,
    /// Heads of keys and values.
    pub kv_heads: usize,
    /// Values of a head.
    pub head_dim: usize,
    /// Values inside a feed-forward step.
    pub feed_forward: usize,
    /// Most tokens of a text.
    pub context: usize,
    /// The base of the rotary embedding's frequencies.
    pub rotary_base: f64,
    /// What is added under the root of a norm.
    pub norm_epsilon: f32,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            vocabulary: 2048,
            hidden: 128,
            layers: 6,
            heads: 4,
            kv_heads: 2,
            head_dim: 32,
            feed_forward: 384,
            context: 512,
            rotary_base: 10_000.0,
            norm_epsilon: 1e-5,
        }
    }
}

/// One block's weights.
struct Block {
    attention_norm: Tensor,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    output: Tensor,
    feed_forward_norm: Tensor,
    gate: Tensor,
    up: Tensor,
    down: Tensor,
}

/// The network.
pub struct Network {
    shape: Shape,
    variables: VarMap,
    embedding: Tensor,
    blocks: Vec<Block>,
    norm: Tensor,
    rotate: Rotate,
}

impl Network {
    /// A network with random weights, drawn from `seed`.
    ///
    /// # Errors
    /// What candle says.
    pub fn new(shape: Shape, seed: u64) -> Result<Self> {
        let variables = VarMap::new();
        let builder = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
        let Shape { vocabulary, hidden, layers, heads, kv_heads, head_dim, feed_forward, .. } =
            shape;
        let mut draws = crate::random::Random::new(seed);
        let mut weight = |name: &str, rows: usize, columns: usize, spread: f64| -> Result<Tensor> {
            let made = builder.get_with_hints((rows, columns), name, Init::Const(0.0))?;
            let values: Vec<f32> =
                (0..rows * columns).map(|_| (draws.normal() * spread) as f32).collect();
            let values = Tensor::from_vec(values, (rows, columns), &Device::Cpu)?;
            let variables = variables.data().lock().unwrap_or_else(PoisonError::into_inner);
            variables[name].set(&values)?;
            Ok(made)
        };
        let ones = |name: &str| builder.get_with_hints(hidden, name, Init::Const(1.0));
        let inner = 0.02;
        // What is added to the stream is drawn smaller, the more is added.
        let outer = inner / (2.0 * layers as f64).sqrt();
        let embedding = weight("token_embd.weight", vocabulary, hidden, inner)?;
        let blocks = (0..layers)
            .map(|layer| {
                let name = |part: &str| format!("blk.{layer}.{part}.weight");
                Ok(Block {
                    attention_norm: ones(&name("attn_norm"))?,
                    query: weight(&name("attn_q"), heads * head_dim, hidden, inner)?,
                    key: weight(&name("attn_k"), kv_heads * head_dim, hidden, inner)?,
                    value: weight(&name("attn_v"), kv_heads * head_dim, hidden, inner)?,
                    output: weight(&name("attn_output"), hidden, heads * head_dim, outer)?,
                    feed_forward_norm: ones(&name("ffn_norm"))?,
                    gate: weight(&name("ffn_gate"), feed_forward, hidden, inner)?,
                    up: weight(&name("ffn_up"), feed_forward, hidden, inner)?,
                    down: weight(&name("ffn_down"), hidden, feed_forward, outer)?,
                })
            })
            .collect::<Result<_>>()?;
        let norm = ones("output_norm.weight")?;
        let rotate = Rotate::new(shape.context, head_dim, shape.rotary_base);
        Ok(Self { shape, variables, embedding, blocks, norm, rotate })
    }

    /// The network's measures.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// All weights by the names they have in a GGUF file, in the order of the names.
    pub fn variables(&self) -> Vec<(String, Var)> {
        let variables = self.variables.data().lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> =
            variables.iter().map(|(name, var)| (name.clone(), var.clone())).collect();
        all.sort_by(|left, right| left.0.cmp(&right.0));
        all
    }

    /// The mean negative log-likelihood, in nats, of `targets` after `tokens`, both `[rows, positions]` of `u32`.
    ///
    /// # Errors
    /// What candle says; more positions than the context.
    pub fn loss(&self, tokens: &Tensor, targets: &Tensor) -> Result<Tensor> {
        let (rows, positions) = tokens.dims2()?;
        let mut x = self.embedding.index_select(&tokens.flatten_all()?, 0)?;
        for block in &self.blocks {
            let h = self.normed(&x, &block.attention_norm)?;
            x = (x + self.attention(block, &h, rows, positions)?)?;
            let h = self.normed(&x, &block.feed_forward_norm)?;
            let inner = product(&h, &block.gate)?.apply_op2(&product(&h, &block.up)?, Gate)?;
            x = (x + product(&inner, &block.down)?)?;
        }
        let logits = product(&self.normed(&x, &self.norm)?, &self.embedding)?;
        logits.apply_op2(&targets.flatten_all()?, CrossEntropy)
    }

    fn normed(&self, x: &Tensor, weight: &Tensor) -> Result<Tensor> {
        x.apply_op2(weight, RmsNorm { epsilon: self.shape.norm_epsilon })
    }

    fn attention(
        &self,
        block: &Block,
        h: &Tensor,
        rows: usize,
        positions: usize,
    ) -> Result<Tensor> {
        let Shape { heads, kv_heads, head_dim, .. } = self.shape;
        let split = |x: Tensor, heads: usize| x.reshape((rows, positions, heads, head_dim));
        let query = split(product(h, &block.query)?, heads)?.apply_op1(self.rotate.clone())?;
        let key = split(product(h, &block.key)?, kv_heads)?.apply_op1(self.rotate.clone())?;
        let value = split(product(h, &block.value)?, kv_heads)?.transpose(1, 2)?.contiguous()?;
        // The query heads that share a head of keys stand one under the other.
        let query = query.transpose(1, 2)?.contiguous()?.reshape((
            rows,
            kv_heads,
            heads / kv_heads * positions,
            head_dim,
        ))?;
        let key = key.permute((0, 2, 3, 1))?.contiguous()?;
        let scale = 1.0 / (head_dim as f32).sqrt();
        let shares = query.matmul(&key)?.apply_op1(CausalSoftmax { scale })?;
        let out = shares
            .matmul(&value)?
            .reshape((rows, heads, positions, head_dim))?
            .transpose(1, 2)?
            .contiguous()?
            .reshape((rows * positions, heads * head_dim))?;
        product(&out, &block.output)
    }
}

/// Rows times the transpose of `[outputs, inputs]`.
fn product(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
    x.matmul(&weight.t()?)
}
