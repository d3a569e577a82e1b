use std::num::NonZeroUsize;

use candle_core::quantized::gguf_file::Value;

use super::{Architecture, Biases, Failure, MOST_LAYERS, Rotary, Scaling, family::Family};
use crate::{
    error::Error,
    weights::{Metadata, Name, Part, ROTARY_FACTORS, Weights},
};

/// The blocks of Gemma 3 27B, by which it is known.
const GEMMA_27B_LAYERS: usize = 62;

/// The network that a GGUF file's metadata describes.
pub(super) fn read(metadata: &Metadata, weights: &Weights) -> Result<Architecture, Error> {
    let key = "general.architecture";
    let Some(Value::String(name)) = metadata.get(key) else {
        return Err(Failure::Missing(key.to_owned()).into());
    };
    let family = Family::by_name(name)?;
    let keys = Keys { metadata, family: family.name };
    if keys.size_if_any("expert_count")?.is_some_and(|experts| experts > 1) {
        return Err(Failure::Unsupported("a mixture of experts".to_owned()).into());
    }
    let hidden = keys.size("embedding_length")?;
    let heads = keys.size("attention.head_count")?;
    let head_dim = match keys.size_if_any("attention.key_length")? {
        Some(len) => len,
        None => hidden.checked_div(heads).unwrap_or(0),
    };
    if keys.size_if_any("attention.value_length")?.is_some_and(|len| len != head_dim) {
        return Err(Failure::Unsupported("values of another length than keys".to_owned()).into());
    }
    let vocabulary = match weights.shape(Name::Embedding) {
        Some(&[vocabulary, _]) => vocabulary,
        // Loading will say what is wrong with the tensor.
        _ => keys.size("vocab_size")?,
    };
    let layers = keys.size("block_count")?.min(MOST_LAYERS + 1);
    let window = keys.size_if_any("attention.sliding_window")?.and_then(NonZeroUsize::new);
    let pattern = keys.size_if_any("attention.sliding_window_pattern")?;
    let windows = (0..layers).map(|layer| window.filter(|_| family.has_window(layer, pattern)));
    let rotary = Rotary {
        style: family.gguf_rotary,
        base: keys.number_if_any("rope.freq_base")?.unwrap_or(10_000.0),
        dimensions: keys.size_if_any("rope.dimension_count")?.unwrap_or(head_dim),
        scaling: scaling(&keys, weights)?,
    };
    let local_base = keys.number_if_any("rope.freq_base_swa")?.unwrap_or(10_000.0);
    let local_rotary =
        family.gemma.then(|| Rotary { base: local_base, scaling: Scaling::None, ..rotary.clone() });
    let cap = |key| Ok::<_, Error>(keys.number_if_any(key)?.map(|cap| cap as f32));
    Ok(Architecture {
        family: family.name,
        vocabulary,
        context_length: keys.size("context_length")?,
        hidden,
        feed_forward: keys.size("feed_forward_length")?,
        heads,
        kv_heads: keys.size_if_any("attention.head_count_kv")?.unwrap_or(heads),
        head_dim,
        norm_epsilon: keys
            .number_if_any("attention.layer_norm_rms_epsilon")?
            .ok_or_else(|| keys.missing("attention.layer_norm_rms_epsilon"))?
            as f32,
        // Whoever writes GGUF files adds it.
        norm_offset: 0.0,
        embedding_scale: family.embedding_scale(hidden),
        rotary,
        local_rotary,
        attention_scale: keys.number_if_any("attention.scale")?.map_or_else(
            || attention_scale(family, layers, hidden.checked_div(heads).unwrap_or(0), head_dim),
            |scale| scale as f32,
        ),
        attention_cap: cap("attn_logit_softcapping")?,
        logit_cap: cap("final_logit_softcapping")?,
        activation: family.activation,
        biases: family.biases.unwrap_or_else(|| biases(weights)),
        head_norms: family.head_norms,
        output_norms: family.gemma,
        windows: windows.collect(),
        tied_output: !weights.contains(Name::Output),
    })
}

/// What scores are multiplied by where a file does not say: files of Gemma 3 27B, which has 62 blocks, leave out that its
/// queries are scaled by `hidden / heads` instead of the size of a head (as llama.cpp's loader knows).
fn attention_scale(family: &Family, layers: usize, share: usize, head_dim: usize) -> f32 {
    let divisor = if family.gemma && layers == GEMMA_27B_LAYERS { share } else { head_dim };
    (divisor as f32).sqrt().recip()
}

/// The biases that the first block has.
fn biases(weights: &Weights) -> Biases {
    let first_has = |part| weights.contains(Name::Block(0, part));
    match (first_has(Part::QueryBias), first_has(Part::AttentionOutputBias)) {
        (_, true) => Biases::All,
        (true, false) => Biases::Inputs,
        (false, false) => Biases::None,
    }
}

fn scaling(keys: &Keys<'_>, weights: &Weights) -> Result<Scaling, Error> {
    if let Some(factors) = weights.vector_in_file(ROTARY_FACTORS)? {
        return Ok(Scaling::Each(factors));
    }
    let factor = match keys.number_if_any("rope.scaling.factor")? {
        Some(factor) => Some(factor),
        None => keys.number_if_any("rope.scale_linear")?,
    };
    match (keys.text_if_any("rope.scaling.type")?, factor) {
        (Some("none"), _) | (None | Some("linear"), None) => Ok(Scaling::None),
        (None | Some("linear"), Some(factor)) => Ok(Scaling::Linear(factor)),
        (Some(other), _) => {
            Err(Failure::Unsupported(format!("rotary scaling of the type {other:?}")).into())
        }
    }
}

/// The keys of one family.
struct Keys<'a> {
    metadata: &'a Metadata,
    family: &'static str,
}

impl<'a> Keys<'a> {
    fn name(&self, key: &str) -> String {
        format!("{}.{key}", self.family)
    }

    fn get(&self, key: &str) -> Option<&'a Value> {
        self.metadata.get(&self.name(key))
    }

    fn missing(&self, key: &str) -> Failure {
        Failure::Missing(self.name(key))
    }

    fn wrong(&self, key: &str, wanted: &str) -> Failure {
        Failure::Unreadable(format!("{} is not {wanted}", self.name(key)))
    }

    fn size(&self, key: &str) -> Result<usize, Failure> {
        self.size_if_any(key)?.ok_or_else(|| self.missing(key))
    }

    fn size_if_any(&self, key: &str) -> Result<Option<usize>, Failure> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let size = match *value {
            Value::I8(size) => u64::try_from(size).ok(),
            Value::I16(size) => u64::try_from(size).ok(),
            Value::I32(size) => u64::try_from(size).ok(),
            Value::I64(size) => u64::try_from(size).ok(),
            Value::Bool(_) => None,
            ref other => other.to_u64().ok(),
        };
        size.and_then(|size| usize::try_from(size).ok())
            .map(Some)
            .ok_or_else(|| self.wrong(key, "a size"))
    }

    fn number_if_any(&self, key: &str) -> Result<Option<f64>, Failure> {
        match self.get(key) {
            None => Ok(None),
            Some(&Value::F32(number)) => Ok(Some(number.into())),
            Some(&Value::F64(number)) => Ok(Some(number)),
            Some(_) => Err(self.wrong(key, "a number")),
        }
    }

    fn text_if_any(&self, key: &str) -> Result<Option<&'a str>, Failure> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(key, "text")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published sizes: hidden, heads, values in a head, blocks, and what the queries were scaled by in training.
    #[test]
    fn gemma_3_scales_scores_as_it_was_trained() {
        for (hidden, heads, head_dim, layers, scalar) in [
            (640, 4, 256, 18, 256.0),
            (1152, 4, 256, 26, 256.0),
            (2560, 8, 256, 34, 256.0),
            (3840, 16, 256, 48, 256.0),
            (5376, 32, 128, 62, 168.0f32),
        ] {
            let gemma = Family::by_name("gemma3").unwrap();
            let scale = attention_scale(gemma, layers, hidden / heads, head_dim);
            assert_eq!(scale, scalar.sqrt().recip(), "{layers} blocks");
        }
        let llama = Family::by_name("llama").unwrap();
        assert_eq!(attention_scale(llama, 62, 168, 64), 0.125);
    }
}
