use foretoken_kernels::RotaryStyle;

use super::{Biases, Failure};

/// What distinguishes a family of models beyond what its files say.
#[derive(Debug)]
pub(super) struct Family {
    /// `general.architecture` in GGUF files, `model_type` in `config.json`.
    pub(super) name: &'static str,
    /// The order of dimensions in GGUF files. In safetensors, halves of a head turn together in all families.
    pub(super) gguf_rotary: RotaryStyle,
    /// Which products of attention have biases; if `None`, files say so.
    pub(super) biases: Option<Biases>,
    /// Whether each head of queries and keys is normed.
    pub(super) head_norms: bool,
}

/// The families that can be computed.
pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "llama",
        gguf_rotary: RotaryStyle::Interleaved,
        biases: None,
        head_norms: false,
    },
    Family {
        name: "qwen2",
        gguf_rotary: RotaryStyle::HalfSplit,
        biases: Some(Biases::Inputs),
        head_norms: false,
    },
];

impl Family {
    pub(super) fn by_name(name: &str) -> Result<&'static Self, Failure> {
        FAMILIES.iter().find(|family| family.name == name).ok_or_else(|| Failure::Family {
            found: name.escape_debug().to_string(),
            known: FAMILIES.iter().map(|family| family.name).collect::<Vec<_>>().join(", "),
        })
    }
}
