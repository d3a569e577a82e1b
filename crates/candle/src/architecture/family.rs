use foretoken_kernels::RotaryStyle;

use super::{Activation, Biases, Failure};

/// What distinguishes a family of models beyond what its files say.
#[derive(Debug)]
pub(super) struct Family {
    /// `general.architecture` in GGUF files, `model_type` in `config.json`.
    pub(super) name: &'static str,
    /// What else `model_type` may be.
    pub(super) aliases: &'static [&'static str],
    /// The order of dimensions in GGUF files. In safetensors, halves of a head turn together in all families.
    pub(super) gguf_rotary: RotaryStyle,
    /// Which products of attention have biases; if `None`, files say so.
    pub(super) biases: Option<Biases>,
    /// Whether each head of queries and keys is normed.
    pub(super) head_norms: bool,
    /// Which layers have the window that files name.
    pub(super) windows: Windows,
    /// What the gate goes through.
    pub(super) activation: Activation,
    /// The habits of Gemma: norms also after both steps and stored less one, embeddings times the root of their length,
    /// other frequencies where there is a window.
    pub(super) gemma: bool,
}

/// Which layers see a window only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Windows {
    /// All, or as files say.
    All,
    /// All but every sixth, where files say nothing else.
    ButEverySixth,
}

const PLAIN: Family = Family {
    name: "llama",
    aliases: &["mistral"],
    gguf_rotary: RotaryStyle::Interleaved,
    biases: None,
    head_norms: false,
    windows: Windows::All,
    activation: Activation::Silu,
    gemma: false,
};

/// The families that can be computed.
pub(super) const FAMILIES: &[Family] = &[
    PLAIN,
    Family {
        name: "qwen2",
        aliases: &[],
        gguf_rotary: RotaryStyle::HalfSplit,
        biases: Some(Biases::Inputs),
        ..PLAIN
    },
    Family {
        name: "qwen3",
        aliases: &[],
        gguf_rotary: RotaryStyle::HalfSplit,
        head_norms: true,
        ..PLAIN
    },
    Family {
        name: "gemma3",
        aliases: &["gemma3_text"],
        gguf_rotary: RotaryStyle::HalfSplit,
        head_norms: true,
        windows: Windows::ButEverySixth,
        activation: Activation::Gelu,
        gemma: true,
        ..PLAIN
    },
];

impl Family {
    pub(super) fn by_name(name: &str) -> Result<&'static Self, Failure> {
        let is_called = |family: &&Self| family.name == name || family.aliases.contains(&name);
        FAMILIES.iter().find(is_called).ok_or_else(|| Failure::Family {
            found: name.escape_debug().to_string(),
            known: FAMILIES.iter().map(|family| family.name).collect::<Vec<_>>().join(", "),
        })
    }

    /// What embeddings of this length are multiplied by.
    pub(super) fn embedding_scale(&self, hidden: usize) -> f32 {
        if self.gemma { (hidden as f32).sqrt() } else { 1.0 }
    }

    /// Whether the layer has the window, where every `pattern`th has not.
    pub(super) fn has_window(&self, layer: usize, pattern: Option<usize>) -> bool {
        let pattern = match self.windows {
            Windows::All => pattern,
            Windows::ButEverySixth => pattern.or(Some(6)),
        };
        pattern.is_none_or(|pattern| pattern == 0 || !(layer + 1).is_multiple_of(pattern))
    }
}
