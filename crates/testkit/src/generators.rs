//! Models, prompts, budgets and sources for property tests.

use std::num::NonZeroUsize;

use foretoken_core::{Sampling, Token, TokenSet};
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

/// Sampling settings for a model with this vocabulary, each setting on or off.
/// Temperatures are 0 or from 0.5 to 1.5; one token at least is never banned.
pub fn samplings(vocabulary: usize) -> impl Strategy<Value = Sampling> {
    let token = 0..vocabulary.max(1) as Token;
    // Fractions that no count of equally likely tokens comes to: rounding decides nothing.
    let fraction = |from: f32| (from..0.98f32).prop_map(|value| value + 0.000_317);
    let filters = (
        prop_oneof![Just(0.0f32), 0.5f32..1.5, 0.5f32..1.5],
        prop_oneof![Just(0usize), 1..12usize, Just(200)],
        prop_oneof![Just(1.0f32), fraction(0.3)],
        prop_oneof![Just(0.0f32), 0.001f32..0.6],
        prop_oneof![Just(1.0f32), fraction(0.3)],
    );
    let penalties = (
        prop_oneof![Just(1.0f32), 0.7f32..2.0],
        prop_oneof![Just(0.0f32), -0.5f32..2.0],
        prop_oneof![Just(0.0f32), -0.2f32..1.0],
        prop::option::of(1..40usize),
    );
    let changes = (
        prop::collection::btree_map(token.clone(), -4.0f32..4.0, 0..3),
        prop::collection::vec(token, 0..vocabulary.clamp(1, 4)),
        prop_oneof![Just(0usize), 0..12usize],
    );
    (filters, penalties, changes, any::<u64>()).prop_map(
        move |(filters, penalties, changes, seed)| {
            let mut sampling = Sampling::default()
                .with_temperature(filters.0)
                .with_top_k(filters.1)
                .with_top_p(filters.2)
                .with_min_p(filters.3)
                .with_typical_p(filters.4)
                .with_repetition_penalty(penalties.0)
                .with_presence_penalty(penalties.1)
                .with_frequency_penalty(penalties.2)
                .with_banned(changes.1)
                .with_min_new_tokens(changes.2)
                .with_seed(seed);
            sampling.penalty_window = penalties.3;
            sampling.logit_bias = changes.0;
            sampling
        },
    )
}
