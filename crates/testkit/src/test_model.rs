use foretoken_core::Model;

use crate::toy::{ToyConfig, ToyModel};
use crate::transformer::{TinyTransformer, TransformerConfig};

/// The recipe of a model of this crate: every [`build`](Self::build) gives an equal one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TestModel {
    /// A [`ToyModel`].
    Toy(ToyConfig),
    /// A [`TinyTransformer`].
    Transformer(TransformerConfig),
}

impl TestModel {
    /// A fresh model.
    pub fn build(&self) -> Box<dyn Model> {
        match self {
            Self::Toy(config) => Box::new(ToyModel::new(config.clone())),
            Self::Transformer(config) => Box::new(TinyTransformer::new(config)),
        }
    }

    /// Tokens are `0..vocabulary`.
    pub fn vocabulary(&self) -> usize {
        match self {
            Self::Toy(config) => config.vocabulary,
            Self::Transformer(config) => config.vocabulary,
        }
    }

    /// The most tokens of a sequence.
    pub fn context_length(&self) -> usize {
        match self {
            Self::Toy(config) => config.context_length,
            Self::Transformer(config) => config.context_length,
        }
    }
}
