//! Models with random weights, written as files of either kind, and candle's own implementations of them.
#![allow(dead_code, unused_imports)] // Each test file uses a part.

mod gguf;
mod reference;

use std::{collections::BTreeMap, fs, path::Path};

use candle_core::{
    DType, Device, Tensor,
    quantized::{GgmlDType, QTensor},
};
use serde_json::json;

pub(crate) use reference::Reference;

/// A family of models, as `config.json` calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Llama,
    Qwen2,
    Qwen3,
    Gemma3,
}

impl Family {
    pub(crate) const ALL: [Self; 4] = [Self::Llama, Self::Qwen2, Self::Qwen3, Self::Gemma3];

    /// What GGUF files call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Llama => "llama",
            Self::Qwen2 => "qwen2",
            Self::Qwen3 => "qwen3",
            Self::Gemma3 => "gemma3",
        }
    }

    /// Whether heads of queries and keys are normed.
    fn norms_heads(self) -> bool {
        matches!(self, Self::Qwen3 | Self::Gemma3)
    }
}

/// The window of Gemma's local layers, longer than what candle is asked about: beyond it, candle is no reference.
pub(crate) const WINDOW: u32 = 32;
/// Every so many layers are global.
pub(crate) const PATTERN: u32 = 2;

/// The dimensions of a model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dimensions {
    pub(crate) vocabulary: usize,
    pub(crate) hidden: usize,
    pub(crate) feed_forward: usize,
    pub(crate) layers: usize,
    pub(crate) heads: usize,
    pub(crate) kv_heads: usize,
    pub(crate) context: usize,
    pub(crate) tied: bool,
}

impl Dimensions {
    /// Rows of an even number of blocks of 32: candle cannot multiply by an odd one in some types.
    pub(crate) const SMALL: Self = Self {
        vocabulary: 96,
        hidden: 128,
        feed_forward: 192,
        layers: 2,
        heads: 4,
        kv_heads: 2,
        context: 64,
        tied: false,
    };
    /// Rows of blocks of 256 fit.
    pub(crate) const WIDE: Self = Self { hidden: 256, feed_forward: 512, ..Self::SMALL };
    /// Rows of an odd number of blocks of 32.
    pub(crate) const ODD: Self = Self { hidden: 96, feed_forward: 160, heads: 6, ..Self::SMALL };

    pub(crate) fn head_dim(&self) -> usize {
        self.hidden / self.heads
    }
}

/// A model's weights by the names of its safetensors files, as f32 on the CPU.
pub(crate) struct RandomModel {
    pub(crate) family: Family,
    pub(crate) dimensions: Dimensions,
    pub(crate) tensors: BTreeMap<String, Tensor>,
}

impl RandomModel {
    pub(crate) fn new(family: Family, dimensions: Dimensions, seed: u64) -> Self {
        let Dimensions { vocabulary, hidden, feed_forward, layers, heads, kv_heads, tied, .. } =
            dimensions;
        let (queries, keys) = (heads * dimensions.head_dim(), kv_heads * dimensions.head_dim());
        let mut dice = Dice(seed);
        let mut tensors = BTreeMap::new();
        let mut matrix = |name: String, rows: usize, cols: usize, spread: f32| {
            let scale = spread / (cols as f32).sqrt();
            let values: Vec<f32> = (0..rows * cols).map(|_| dice.next() * scale).collect();
            tensors.insert(name, Tensor::from_vec(values, (rows, cols), &Device::Cpu).unwrap());
        };
        matrix("model.embed_tokens.weight".into(), vocabulary, hidden, 2.0);
        if !tied {
            matrix("lm_head.weight".into(), vocabulary, hidden, 6.0);
        }
        for layer in 0..layers {
            let name = |part: &str| format!("model.layers.{layer}.{part}.weight");
            matrix(name("self_attn.q_proj"), queries, hidden, 3.0);
            matrix(name("self_attn.k_proj"), keys, hidden, 3.0);
            matrix(name("self_attn.v_proj"), keys, hidden, 2.0);
            matrix(name("self_attn.o_proj"), hidden, queries, 2.0);
            matrix(name("mlp.gate_proj"), feed_forward, hidden, 2.0);
            matrix(name("mlp.up_proj"), feed_forward, hidden, 2.0);
            matrix(name("mlp.down_proj"), hidden, feed_forward, 2.0);
        }
        // Gemma stores the weights of norms less one.
        let one = if family == Family::Gemma3 { 0.0 } else { 1.0 };
        let mut vector = |name: String, len: usize, middle: f32| {
            let values: Vec<f32> = (0..len).map(|_| middle + dice.next() * 0.3).collect();
            tensors.insert(name, Tensor::from_vec(values, len, &Device::Cpu).unwrap());
        };
        vector("model.norm.weight".into(), hidden, one);
        for layer in 0..layers {
            let name = |part: &str| format!("model.layers.{layer}.{part}");
            vector(name("input_layernorm.weight"), hidden, one);
            vector(name("post_attention_layernorm.weight"), hidden, one);
            if family.norms_heads() {
                vector(name("self_attn.q_norm.weight"), dimensions.head_dim(), one);
                vector(name("self_attn.k_norm.weight"), dimensions.head_dim(), one);
            }
            if family == Family::Gemma3 {
                vector(name("pre_feedforward_layernorm.weight"), hidden, one);
                vector(name("post_feedforward_layernorm.weight"), hidden, one);
            }
            if family == Family::Qwen2 {
                vector(name("self_attn.q_proj.bias"), queries, 0.0);
                vector(name("self_attn.k_proj.bias"), keys, 0.0);
                vector(name("self_attn.v_proj.bias"), keys, 0.0);
            }
        }
        Self { family, dimensions, tensors }
    }

    /// The same model with every weight rounded to `dtype`.
    pub(crate) fn rounded(&self, dtype: DType) -> Self {
        let round = |tensor: &Tensor| tensor.to_dtype(dtype)?.to_dtype(DType::F32);
        let tensors = self.tensors.iter();
        let tensors = tensors.map(|(name, tensor)| (name.clone(), round(tensor).unwrap()));
        Self { family: self.family, dimensions: self.dimensions, tensors: tensors.collect() }
    }

    /// The same model with every matrix as it comes back from blocks of this type.
    pub(crate) fn quantized(&self, element: GgmlDType) -> Self {
        let round = |tensor: &Tensor| {
            if tensor.dims().len() < 2 {
                return tensor.clone();
            }
            QTensor::quantize(tensor, element).unwrap().dequantize(&Device::Cpu).unwrap()
        };
        let tensors = self.tensors.iter().map(|(name, tensor)| (name.clone(), round(tensor)));
        Self { family: self.family, dimensions: self.dimensions, tensors: tensors.collect() }
    }

    pub(crate) fn config(&self) -> serde_json::Value {
        let Dimensions { vocabulary, hidden, feed_forward, layers, heads, kv_heads, context, tied } =
            self.dimensions;
        if self.family == Family::Gemma3 {
            return json!({
                "model_type": "gemma3_text",
                "attention_bias": false,
                "head_dim": self.dimensions.head_dim(),
                "hidden_activation": "gelu_pytorch_tanh",
                "vocab_size": vocabulary,
                "hidden_size": hidden,
                "intermediate_size": feed_forward,
                "num_hidden_layers": layers,
                "num_attention_heads": heads,
                "num_key_value_heads": kv_heads,
                "max_position_embeddings": context,
                "rms_norm_eps": 1e-5,
                "rope_theta": 5000.0,
                "rope_local_base_freq": 10000.0,
                "query_pre_attn_scalar": self.dimensions.head_dim(),
                "sliding_window": WINDOW,
                "sliding_window_pattern": PATTERN,
            });
        }
        json!({
            "model_type": self.family.name(),
            "head_dim": self.dimensions.head_dim(),
            "attention_bias": self.family == Family::Qwen2,
            "architectures": ["Whatever"],
            "vocab_size": vocabulary,
            "hidden_size": hidden,
            "intermediate_size": feed_forward,
            "num_hidden_layers": layers,
            "num_attention_heads": heads,
            "num_key_value_heads": kv_heads,
            "max_position_embeddings": context,
            "rms_norm_eps": 1e-5,
            "rope_theta": 5000.0,
            "hidden_act": "silu",
            "tie_word_embeddings": tied,
            "sliding_window": 4,
            "max_window_layers": 1,
            "use_sliding_window": false,
        })
    }

    /// Writes a folder with `config.json` and one file of weights, or several with an index.
    pub(crate) fn write_safetensors(&self, folder: &Path, dtype: DType, files: usize) {
        fs::write(folder.join("config.json"), self.config().to_string()).unwrap();
        let convert = |tensor: &Tensor| tensor.to_dtype(dtype).unwrap();
        if files == 1 {
            let tensors = self.tensors.iter().map(|(name, tensor)| (name.clone(), convert(tensor)));
            let path = folder.join("model.safetensors");
            candle_core::safetensors::save(&tensors.collect(), path).unwrap();
            return;
        }
        let mut map = serde_json::Map::new();
        for file in 0..files {
            let path = format!("model-{:05}-of-{files:05}.safetensors", file + 1);
            let mine = self.tensors.iter().enumerate().filter(|(index, _)| index % files == file);
            let tensors = mine.map(|(_, (name, tensor))| {
                map.insert(name.clone(), path.clone().into());
                (name.clone(), convert(tensor))
            });
            candle_core::safetensors::save(&tensors.collect(), folder.join(&path)).unwrap();
        }
        let index = json!({ "metadata": {}, "weight_map": map });
        fs::write(folder.join("model.safetensors.index.json"), index.to_string()).unwrap();
    }
}

/// Numbers between -1.7 and 1.7 with variance 1, the same on every machine.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / (1u64 << 23) as f32 * 1.7 - 1.7
    }
}
