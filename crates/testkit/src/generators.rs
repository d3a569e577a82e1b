//! Models, prompts, budgets and sources for property tests.

use std::num::NonZeroUsize;

use foretoken_core::{Token, TokenSet};
use proptest::prelude::*;

use crate::TestModel;
use crate::sources::Hostile;
use crate::toy::ToyConfig;
use crate::transformer::TransformerConfig;

/// Toy models: small vocabularies, with and without end-of-sequence tokens,
/// contexts from very short to ample.
pub fn toys() -> impl Strategy<Value = ToyConfig> {
    (
        any::<u64>(),
        2..24usize,
        1..4usize,
        1..10u32,
        0..8u32,
        0..4u32,
        prop_oneof![1 => 12..40usize, 3 => Just(512usize)],
        prop::collection::vec(0..24u32, 0..3),
    )
        .prop_map(
            |(seed, vocabulary, order, levels, surprise, copying, context_length, ends)| {
                let ends = ends.into_iter().filter(|&token| (token as usize) < vocabulary);
                let end_of_sequence: TokenSet = ends.collect();
                ToyConfig {
                    seed,
                    vocabulary,
                    order,
                    levels,
                    surprise,
                    copying,
                    context_length,
                    end_of_sequence,
                }
            },
        )
}

/// Tiny transformers: one to three layers, with and without a sliding window.
pub fn transformers() -> impl Strategy<Value = TransformerConfig> {
    (any::<u64>(), 2..24usize, 1..4usize, prop::option::of(1..9usize), 1..4usize).prop_map(
        |(seed, vocabulary, layers, window, heads)| TransformerConfig {
            seed,
            vocabulary,
            layers,
            heads,
            width: heads * 8,
            window: window.and_then(NonZeroUsize::new),
            ..TransformerConfig::default()
        },
    )
}

/// Any model of this crate, toys more often.
pub fn models() -> impl Strategy<Value = TestModel> {
    prop_oneof![
        3 => toys().prop_map(TestModel::Toy),
        1 => transformers().prop_map(TestModel::Transformer),
    ]
}

/// Prompts of 1 to `longest` tokens for a model with this vocabulary; some repeat themselves.
pub fn prompts(vocabulary: usize, longest: usize) -> impl Strategy<Value = Vec<Token>> {
    let token = 0..vocabulary.max(1) as Token;
    let repeated = (prop::collection::vec(token.clone(), 1..5), 1..=longest.max(1))
        .prop_map(|(unit, length)| unit.into_iter().cycle().take(length).collect());
    prop_oneof![prop::collection::vec(token, 1..=longest.max(1)), repeated]
}

/// Numbers of nodes that a tree may have below its root, zero and one among them often.
pub fn budgets() -> impl Strategy<Value = usize> {
    prop_oneof![Just(0usize), Just(1), 2..9usize, Just(64)]
}

/// Sources that misbehave.
pub fn hostile() -> impl Strategy<Value = Hostile> {
    any::<u64>().prop_map(Hostile::new)
}
