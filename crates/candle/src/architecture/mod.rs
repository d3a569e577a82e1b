//! One description of a decoder-only transformer, filled from a file's metadata or `config.json`.
//!
//! Both engines compute the block that it describes, in this order:
//!
//! ```text
//! x += norm(output(attention(rotate(norm(query(n))), rotate(norm(key(n))), value(n))))   with n = norm(x)
//! x += norm(down(act(gate(m)) * up(m)))                                                  with m = norm(x)
//! ```
//!
//! where the norms of query and key heads, those after the outputs, the biases and a layer's window are there or not. A
//! family of models is a row of [`family::FAMILIES`], not a copy of the block.

mod failure;
mod family;
mod gguf;
mod hugging_face;
mod rotary;

use std::num::NonZeroUsize;

use crate::{
    error::Error,
    weights::{Configuration, Name, Part, Weights},
};

pub(crate) use failure::Failure;
pub(crate) use rotary::{Rotary, Scaling};

/// The network of a model.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Architecture {
    /// What files call the family.
    pub(crate) family: &'static str,
    /// Tokens are below this.
    pub(crate) vocabulary: usize,
    /// Positions that the model was trained for.
    pub(crate) context_length: usize,
    /// The length of a hidden state.
    pub(crate) hidden: usize,
    /// The inner length of the feed-forward step.
    pub(crate) feed_forward: usize,
    /// Heads of queries.
    pub(crate) heads: usize,
    /// Heads of keys and values.
    pub(crate) kv_heads: usize,
    /// Values in a head.
    pub(crate) head_dim: usize,
    /// What norms add to the mean square.
    pub(crate) norm_epsilon: f32,
    /// What is to be added to the weights of norms in the files.
    pub(crate) norm_offset: f32,
    /// What embeddings are multiplied by.
    pub(crate) embedding_scale: f32,
    pub(crate) rotary: Rotary,
    /// How layers with a window encode positions, if in another way.
    pub(crate) local_rotary: Option<Rotary>,
    /// What products of queries and keys are multiplied by.
    pub(crate) attention_scale: f32,
    /// `cap * tanh(score / cap)` of those.
    pub(crate) attention_cap: Option<f32>,
    /// The same of logits.
    pub(crate) logit_cap: Option<f32>,
    pub(crate) activation: Activation,
    pub(crate) biases: Biases,
    /// Norms over each head of queries and keys, before they are rotated.
    pub(crate) head_norms: bool,
    /// Norms over what attention and the feed-forward step put out, before it is added.
    pub(crate) output_norms: bool,
    /// For each layer how many positions a row sees, its own included; all, if `None`.
    pub(crate) windows: Vec<Option<NonZeroUsize>>,
    /// The output layer is the embedding.
    pub(crate) tied_output: bool,
}

/// What the gate of the feed-forward step goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activation {
    Silu,
    /// In its tanh form.
    Gelu,
}

/// Which products of attention have biases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Biases {
    None,
    /// Queries, keys and values.
    Inputs,
    /// Its output too.
    All,
}

/// Beyond this, a number in a configuration is damage, and products of two of them could overflow.
const MOST: usize = 1 << 28;
/// The same for layers, each of which is listed.
const MOST_LAYERS: usize = 4096;
/// The same for values in a head, for which rows of scores and sums are kept in memory.
const MOST_HEAD_DIM: usize = 4096;

impl Architecture {
    /// The network that a model's files describe.
    ///
    /// # Errors
    /// A family that is not known; a configuration that is incomplete, contradicts itself or asks for something that
    /// cannot be computed; tensors that are no part of it.
    pub(crate) fn of(weights: &Weights) -> Result<Self, Error> {
        let architecture = match &weights.configuration {
            Configuration::Gguf(metadata) => gguf::read(metadata, weights)?,
            Configuration::HuggingFace { json, .. } => hugging_face::read(json)?,
        };
        architecture.check()?;
        weights.refuse_others(architecture.tensors(weights), architecture.family)?;
        Ok(architecture)
    }

    /// The number of decoder blocks.
    pub(crate) fn layers(&self) -> usize {
        self.windows.len()
    }

    /// The length of all queries of a row.
    pub(crate) fn query_width(&self) -> usize {
        self.heads * self.head_dim
    }

    /// The length of all keys, or values, of a row.
    pub(crate) fn key_width(&self) -> usize {
        self.kv_heads * self.head_dim
    }

    /// How many of so many tokens a row behind them sees, all layers together.
    pub(crate) fn tokens_seen(&self, context: usize) -> usize {
        // A row sees itself too.
        let before = |window: &Option<NonZeroUsize>| window.map_or(context, |seen| seen.get() - 1);
        self.windows.iter().map(|window| before(window).min(context)).sum()
    }

    fn check(&self) -> Result<(), Failure> {
        let sizes = [
            ("vocabulary", self.vocabulary),
            ("context length", self.context_length),
            ("hidden size", self.hidden),
            ("feed-forward size", self.feed_forward),
            ("number of layers", self.layers()),
            ("number of heads", self.heads),
            ("number of key/value heads", self.kv_heads),
            ("head size", self.head_dim),
        ];
        for (what, size) in sizes {
            if size == 0 || size > MOST {
                return Err(Failure::Inconsistent(format!("the {what} is {size}")));
            }
        }
        let Self { heads, kv_heads, head_dim, .. } = *self;
        if self.layers() > MOST_LAYERS {
            return Err(Failure::Inconsistent(format!("it has more than {MOST_LAYERS} layers")));
        }
        if !heads.is_multiple_of(kv_heads) {
            let problem = format!("{heads} heads cannot share {kv_heads} key/value heads");
            return Err(Failure::Inconsistent(problem));
        }
        if head_dim > MOST_HEAD_DIM {
            return Err(Failure::Inconsistent(format!("heads of {head_dim} values are too large")));
        }
        if heads.saturating_mul(head_dim) > MOST {
            let problem = format!("{heads} heads of {head_dim} values are too many");
            return Err(Failure::Inconsistent(problem));
        }
        if !(self.norm_epsilon.is_finite() && self.norm_epsilon >= 0.0) {
            let problem = format!("the norm epsilon is {}", self.norm_epsilon);
            return Err(Failure::Inconsistent(problem));
        }
        let numbers = [
            ("embedding scale", Some(self.embedding_scale)),
            ("attention scale", Some(self.attention_scale)),
            ("cap of attention", self.attention_cap),
            ("cap of logits", self.logit_cap),
        ];
        for (what, number) in numbers {
            if let Some(number) = number.filter(|number| !(number.is_finite() && *number > 0.0)) {
                return Err(Failure::Inconsistent(format!("the {what} is {number}")));
            }
        }
        if let Some(rotary) = &self.local_rotary {
            rotary.check(head_dim)?;
        }
        self.rotary.check(head_dim)
    }

    /// The tensors that the network consists of, or may bring along.
    fn tensors(&self, weights: &Weights) -> Vec<Name> {
        let mut names = vec![Name::Embedding, Name::OutputNorm];
        // Some checkpoints of tied models store the output layer again.
        names.extend(weights.contains(Name::Output).then_some(Name::Output));
        for block in 0..self.layers() {
            names.extend(self.parts().map(|part| Name::Block(block, part)));
        }
        names
    }

    fn parts(&self) -> impl Iterator<Item = Part> {
        let always = [
            Part::AttentionNorm,
            Part::Query,
            Part::Key,
            Part::Value,
            Part::AttentionOutput,
            Part::FeedForwardNorm,
            Part::Gate,
            Part::Up,
            Part::Down,
        ];
        let when = |there: bool, parts: &'static [Part]| {
            parts.iter().copied().take(if there { parts.len() } else { 0 })
        };
        always
            .into_iter()
            .chain(when(
                self.biases >= Biases::Inputs,
                &[Part::QueryBias, Part::KeyBias, Part::ValueBias],
            ))
            .chain(when(self.biases == Biases::All, &[Part::AttentionOutputBias]))
            .chain(when(self.head_norms, &[Part::QueryNorm, Part::KeyNorm]))
            .chain(when(
                self.output_norms,
                &[Part::AttentionOutputNorm, Part::FeedForwardOutputNorm],
            ))
    }
}
