use std::num::NonZeroUsize;

use foretoken_kernels::RotaryStyle;
use serde::Deserialize;

use super::{
    Activation, Architecture, Biases, Failure, MOST_LAYERS, Rotary, Scaling, family::Family,
};

/// The network that a `config.json` describes.
pub(super) fn read(json: &serde_json::Value) -> Result<Architecture, Failure> {
    let Some(name) = json["model_type"].as_str() else {
        return Err(Failure::Missing("model_type".to_owned()));
    };
    let family = Family::by_name(name)?;
    let config =
        Config::deserialize(json).map_err(|error| Failure::Unreadable(error.to_string()))?;
    let activation = config.hidden_activation.as_ref().or(config.hidden_act.as_ref());
    let activation = match activation.map(String::as_str) {
        None => family.activation,
        Some("silu") => Activation::Silu,
        Some("gelu_pytorch_tanh") => Activation::Gelu,
        Some(other) => return Err(Failure::Unsupported(format!("the activation {other:?}"))),
    };
    if config.mlp_bias {
        return Err(Failure::Unsupported("biases in the feed-forward step".to_owned()));
    }
    let heads = config.num_attention_heads;
    let head_dim =
        config.head_dim.unwrap_or_else(|| config.hidden_size.checked_div(heads).unwrap_or(0));
    Ok(Architecture {
        family: family.name,
        vocabulary: config.vocab_size,
        context_length: config.max_position_embeddings,
        hidden: config.hidden_size,
        feed_forward: config.intermediate_size,
        heads,
        kv_heads: config.num_key_value_heads.unwrap_or(heads),
        head_dim,
        norm_epsilon: config.rms_norm_eps as f32,
        norm_offset: f32::from(u8::from(family.gemma)),
        embedding_scale: family.embedding_scale(config.hidden_size),
        rotary: config.rotary(head_dim)?,
        local_rotary: if family.gemma { Some(config.local_rotary(head_dim)) } else { None },
        attention_scale: config.query_pre_attn_scalar.unwrap_or(head_dim as f64).sqrt().recip()
            as f32,
        attention_cap: config.attn_logit_softcapping.map(|cap| cap as f32),
        logit_cap: config.final_logit_softcapping.map(|cap| cap as f32),
        activation,
        biases: family.biases.unwrap_or(if config.attention_bias {
            Biases::All
        } else {
            Biases::None
        }),
        head_norms: family.head_norms,
        output_norms: family.gemma,
        windows: config.windows(family),
        tied_output: config.tie_word_embeddings.unwrap_or(family.gemma),
    })
}

/// The entries of `config.json` that matter.
#[derive(Deserialize)]
struct Config {
    vocab_size: usize,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    num_key_value_heads: Option<usize>,
    head_dim: Option<usize>,
    max_position_embeddings: usize,
    rms_norm_eps: f64,
    rope_theta: Option<f64>,
    rope_scaling: Option<RotaryScaling>,
    /// What newer files have instead of the two above.
    rope_parameters: Option<RotaryParameters>,
    hidden_act: Option<String>,
    #[serde(default)]
    attention_bias: bool,
    #[serde(default)]
    mlp_bias: bool,
    tie_word_embeddings: Option<bool>,
    hidden_activation: Option<String>,
    query_pre_attn_scalar: Option<f64>,
    attn_logit_softcapping: Option<f64>,
    final_logit_softcapping: Option<f64>,
    rope_local_base_freq: Option<f64>,
    layer_types: Option<Vec<String>>,
    sliding_window_pattern: Option<usize>,
    sliding_window: Option<usize>,
    use_sliding_window: Option<bool>,
    max_window_layers: Option<usize>,
}

/// Of all layers, or of each kind of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum RotaryParameters {
    Each { full_attention: Box<RotaryScaling>, sliding_attention: Box<RotaryScaling> },
    All(Box<RotaryScaling>),
}

impl RotaryParameters {
    fn full(&self) -> &RotaryScaling {
        match self {
            Self::Each { full_attention: one, .. } | Self::All(one) => one,
        }
    }

    fn sliding(&self) -> &RotaryScaling {
        match self {
            Self::Each { sliding_attention: one, .. } | Self::All(one) => one,
        }
    }
}

#[derive(Deserialize)]
struct RotaryScaling {
    rope_type: Option<String>,
    /// What older files have instead.
    #[serde(rename = "type")]
    old_type: Option<String>,
    rope_theta: Option<f64>,
    factor: Option<f64>,
    low_freq_factor: Option<f64>,
    high_freq_factor: Option<f64>,
    original_max_position_embeddings: Option<f64>,
}

impl Config {
    fn rotary(&self, dimensions: usize) -> Result<Rotary, Failure> {
        let parameters = self.rope_parameters.as_ref().map(RotaryParameters::full);
        let base = parameters.and_then(|parameters| parameters.rope_theta).or(self.rope_theta);
        let scaling = self.rope_scaling.as_ref().or(parameters);
        Ok(Rotary {
            style: RotaryStyle::HalfSplit,
            base: base.unwrap_or(10_000.0),
            dimensions,
            scaling: scaling.map_or(Ok(Scaling::None), RotaryScaling::scaling)?,
        })
    }

    /// In layers with a window.
    fn local_rotary(&self, dimensions: usize) -> Rotary {
        let parameters = self.rope_parameters.as_ref().map(RotaryParameters::sliding);
        let base = parameters.and_then(|parameters| parameters.rope_theta);
        Rotary {
            style: RotaryStyle::HalfSplit,
            base: base.or(self.rope_local_base_freq).unwrap_or(10_000.0),
            dimensions,
            scaling: Scaling::None,
        }
    }

    /// Files list the kinds of layers; or layers from `max_window_layers` on have the window, if it is used at all.
    fn windows(&self, family: &Family) -> Vec<Option<NonZeroUsize>> {
        // Files without the switch have a window if they name one, but for Qwen's, which name it in any case.
        let used = self.use_sliding_window.unwrap_or(self.max_window_layers.is_none());
        let window = self.sliding_window.filter(|_| used).and_then(NonZeroUsize::new);
        let first = self.max_window_layers.unwrap_or(0);
        let layers = self.num_hidden_layers.min(MOST_LAYERS + 1);
        let has_window = |layer: usize| match &self.layer_types {
            Some(kinds) => kinds.get(layer).is_some_and(|kind| kind == "sliding_attention"),
            None => layer >= first && family.has_window(layer, self.sliding_window_pattern),
        };
        (0..layers).map(|layer| window.filter(|_| has_window(layer))).collect()
    }
}

impl RotaryScaling {
    fn scaling(&self) -> Result<Scaling, Failure> {
        let entry = |name: &str, value: Option<f64>| {
            value.ok_or_else(|| Failure::Missing(format!("{name} in the rotary scaling")))
        };
        match self.rope_type.as_deref().or(self.old_type.as_deref()) {
            None | Some("default") => Ok(Scaling::None),
            Some("linear") => entry("factor", self.factor).map(Scaling::Linear),
            Some("llama3") => Ok(Scaling::ByWavelength {
                factor: entry("factor", self.factor)?,
                low: entry("low_freq_factor", self.low_freq_factor)?,
                high: entry("high_freq_factor", self.high_freq_factor)?,
                original_context: entry(
                    "original_max_position_embeddings",
                    self.original_max_position_embeddings,
                )?,
            }),
            Some(other) => {
                Err(Failure::Unsupported(format!("rotary scaling of the type {other:?}")))
            }
        }
    }
}
