use std::{fs::File, path::Path};

use candle_core::{
    Tensor,
    quantized::{
        GgmlDType, QTensor,
        gguf_file::{self, Value},
    },
};

use super::{Dimensions, Family, PATTERN, RandomModel, WINDOW};

impl RandomModel {
    pub(crate) fn gguf_metadata(&self) -> Vec<(String, Value)> {
        let Dimensions { hidden, feed_forward, layers, heads, kv_heads, context, .. } =
            self.dimensions;
        let family = self.family.name();
        let sizes = [
            ("block_count", layers),
            ("context_length", context),
            ("embedding_length", hidden),
            ("feed_forward_length", feed_forward),
            ("attention.head_count", heads),
            ("attention.head_count_kv", kv_heads),
            ("rope.dimension_count", self.dimensions.head_dim()),
        ];
        let mut metadata: Vec<(String, Value)> = sizes
            .into_iter()
            .map(|(key, size)| (format!("{family}.{key}"), Value::U32(size as u32)))
            .collect();
        let key = "attention.layer_norm_rms_epsilon";
        metadata.push((format!("{family}.{key}"), Value::F32(1e-5)));
        metadata.push((format!("{family}.rope.freq_base"), Value::F32(5000.0)));
        if self.family == Family::Qwen3 || self.family == Family::Gemma3 {
            for key in ["attention.key_length", "attention.value_length"] {
                let size = self.dimensions.head_dim() as u32;
                metadata.push((format!("{family}.{key}"), Value::U32(size)));
            }
        }
        if self.family == Family::Gemma3 {
            // candle's name for the pattern, and the other one.
            for (key, value) in [
                ("attention.sliding_window", WINDOW),
                ("attention.sliding_window_type", PATTERN),
                ("attention.sliding_window_pattern", PATTERN),
            ] {
                metadata.push((format!("{family}.{key}"), Value::U32(value)));
            }
        }
        // candle's Qwen 3 turns heads in half precision unless this says single.
        metadata.push(("general.dtype".into(), Value::U32(0)));
        metadata.push(("general.architecture".into(), Value::String(family.into())));
        metadata.push(("general.name".into(), Value::String(format!("random {family}"))));
        metadata
    }

    /// Writes a GGUF file whose matrices are of the type that `element` says for their name.
    pub(crate) fn write_gguf(&self, path: &Path, element: impl Fn(&str) -> GgmlDType) {
        let tensors: Vec<(String, QTensor)> = self
            .tensors
            .iter()
            .map(|(name, tensor)| {
                let name = self.gguf_name(name);
                let tensor = self.in_gguf_order(&name, tensor);
                // GGUF files have the weights of Gemma's norms as they are used.
                let is_less_one = self.family == Family::Gemma3 && tensor.dims().len() == 1;
                let tensor = if is_less_one { (tensor + 1.0).unwrap() } else { tensor };
                let is_matrix = tensor.dims().len() == 2;
                let element = if is_matrix { element(&name) } else { GgmlDType::F32 };
                let tensor = QTensor::quantize(&tensor, element).unwrap();
                (name, tensor)
            })
            .collect();
        let metadata = self.gguf_metadata();
        let metadata: Vec<(&str, &Value)> =
            metadata.iter().map(|(key, value)| (key.as_str(), value)).collect();
        let tensors: Vec<(&str, &QTensor)> =
            tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
        gguf_file::write(&mut File::create(path).unwrap(), &metadata, &tensors).unwrap();
    }

    /// In llama's GGUF files, the dimensions of a head that turn together are neighbours.
    fn in_gguf_order(&self, name: &str, tensor: &Tensor) -> Tensor {
        let heads = match name {
            _ if self.family != Family::Llama => return tensor.clone(),
            _ if name.ends_with("attn_q.weight") => self.dimensions.heads,
            _ if name.ends_with("attn_k.weight") => self.dimensions.kv_heads,
            _ => return tensor.clone(),
        };
        let (rows, cols) = tensor.dims2().unwrap();
        let halves = tensor.reshape((heads, 2, rows / heads / 2, cols)).unwrap();
        let pairs = halves.transpose(1, 2).unwrap().contiguous().unwrap();
        pairs.reshape((rows, cols)).unwrap()
    }
}

impl RandomModel {
    fn gguf_name(&self, name: &str) -> String {
        let on_both_sides = [
            ("post_attention_layernorm", "post_attention_norm"),
            ("pre_feedforward_layernorm", "ffn_norm"),
            ("post_feedforward_layernorm", "post_ffw_norm"),
        ];
        let on_both_sides = if self.family == Family::Gemma3 { &on_both_sides[..] } else { &[] };
        let replacements = [
            ("model.embed_tokens.", "token_embd."),
            ("model.norm.", "output_norm."),
            ("lm_head.", "output."),
            ("model.layers.", "blk."),
            ("self_attn.q_norm", "attn_q_norm"),
            ("self_attn.k_norm", "attn_k_norm"),
            ("self_attn.q_proj", "attn_q"),
            ("self_attn.k_proj", "attn_k"),
            ("self_attn.v_proj", "attn_v"),
            ("self_attn.o_proj", "attn_output"),
            ("post_attention_layernorm", "ffn_norm"),
            ("input_layernorm", "attn_norm"),
            ("mlp.gate_proj", "ffn_gate"),
            ("mlp.up_proj", "ffn_up"),
            ("mlp.down_proj", "ffn_down"),
        ];
        let replacements = on_both_sides.iter().chain(&replacements);
        replacements.fold(name.to_owned(), |name, (from, to)| name.replace(from, to))
    }
}
