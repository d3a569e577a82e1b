/// What a tensor is for, whatever the file calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Name {
    /// One row for each token.
    Embedding,
    /// The norm before the output layer.
    OutputNorm,
    /// The output layer, unless it is the embedding.
    Output,
    /// A part of the decoder block with this index.
    Block(usize, Part),
}

/// A tensor of one decoder block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    AttentionNorm,
    Query,
    QueryBias,
    QueryNorm,
    Key,
    KeyBias,
    KeyNorm,
    Value,
    ValueBias,
    AttentionOutput,
    AttentionOutputBias,
    FeedForwardNorm,
    Gate,
    Up,
    Down,
    /// Norms of what is added to the residual stream.
    AttentionOutputNorm,
    FeedForwardOutputNorm,
}

/// In GGUF files, what the rotary frequencies are divided by; other files have a rule in their configuration.
pub(crate) const ROTARY_FACTORS: &str = "rope_freqs.weight";

/// How a kind of file names its tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// `blk.0.attn_q.weight`
    Gguf,
    /// `model.layers.0.self_attn.q_proj.weight`
    HuggingFace,
    /// The same for models with norms on both sides of attention and of the feed-forward step.
    HuggingFaceOnBothSides,
}

impl Naming {
    pub(crate) fn of(self, name: Name) -> String {
        match self {
            Self::Gguf => gguf(name),
            Self::HuggingFace => hugging_face(name, "post_attention_layernorm.weight"),
            Self::HuggingFaceOnBothSides => hugging_face(name, "pre_feedforward_layernorm.weight"),
        }
    }

    /// Whether a tensor belongs to the configuration, or repeats it.
    pub(super) fn is_configuration(self, name: &str) -> bool {
        let tables: &[&str] = match self {
            Self::Gguf => &[ROTARY_FACTORS, "attn_rot_embd.weight"],
            Self::HuggingFace | Self::HuggingFaceOnBothSides => {
                &["rotary_emb.inv_freq", "rotary_emb.cos_cached", "rotary_emb.sin_cached"]
            }
        };
        tables.iter().any(|table| name.ends_with(table))
    }
}

fn gguf(name: Name) -> String {
    let (block, part) = match name {
        Name::Embedding => return "token_embd.weight".to_owned(),
        Name::OutputNorm => return "output_norm.weight".to_owned(),
        Name::Output => return "output.weight".to_owned(),
        Name::Block(block, part) => (block, part),
    };
    let part = match part {
        Part::AttentionNorm => "attn_norm.weight",
        Part::Query => "attn_q.weight",
        Part::QueryBias => "attn_q.bias",
        Part::QueryNorm => "attn_q_norm.weight",
        Part::Key => "attn_k.weight",
        Part::KeyBias => "attn_k.bias",
        Part::KeyNorm => "attn_k_norm.weight",
        Part::Value => "attn_v.weight",
        Part::ValueBias => "attn_v.bias",
        Part::AttentionOutput => "attn_output.weight",
        Part::AttentionOutputBias => "attn_output.bias",
        Part::FeedForwardNorm => "ffn_norm.weight",
        Part::Gate => "ffn_gate.weight",
        Part::Up => "ffn_up.weight",
        Part::Down => "ffn_down.weight",
        Part::AttentionOutputNorm => "post_attention_norm.weight",
        Part::FeedForwardOutputNorm => "post_ffw_norm.weight",
    };
    format!("blk.{block}.{part}")
}

fn hugging_face(name: Name, feed_forward_norm: &str) -> String {
    let (block, part) = match name {
        Name::Embedding => return "model.embed_tokens.weight".to_owned(),
        Name::OutputNorm => return "model.norm.weight".to_owned(),
        Name::Output => return "lm_head.weight".to_owned(),
        Name::Block(block, part) => (block, part),
    };
    let part = match part {
        Part::AttentionNorm => "input_layernorm.weight",
        Part::Query => "self_attn.q_proj.weight",
        Part::QueryBias => "self_attn.q_proj.bias",
        Part::QueryNorm => "self_attn.q_norm.weight",
        Part::Key => "self_attn.k_proj.weight",
        Part::KeyBias => "self_attn.k_proj.bias",
        Part::KeyNorm => "self_attn.k_norm.weight",
        Part::Value => "self_attn.v_proj.weight",
        Part::ValueBias => "self_attn.v_proj.bias",
        Part::AttentionOutput => "self_attn.o_proj.weight",
        Part::AttentionOutputBias => "self_attn.o_proj.bias",
        Part::FeedForwardNorm => feed_forward_norm,
        Part::Gate => "mlp.gate_proj.weight",
        Part::Up => "mlp.up_proj.weight",
        Part::Down => "mlp.down_proj.weight",
        Part::AttentionOutputNorm => "post_attention_layernorm.weight",
        Part::FeedForwardOutputNorm => "post_feedforward_layernorm.weight",
    };
    format!("model.layers.{block}.{part}")
}
