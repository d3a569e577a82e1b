use std::num::NonZeroUsize;

use foretoken_core::tree::{Ancestors, TreeMask};
use foretoken_core::{NodeId, TokenTree};

use super::TransformerConfig;
use super::cache::{KeyValues, LayerRows, Rows};
use crate::dice::Dice;
use crate::sequences::Cache;

/// The parameters, and the forward pass over them.
#[derive(Debug)]
pub(super) struct Weights {
    width: usize,
    heads: usize,
    window: Option<NonZeroUsize>,
    embedding: Matrix,
    layers: Vec<Layer>,
}

#[derive(Debug)]
struct Layer {
    query: Matrix,
    key: Matrix,
    value: Matrix,
    output: Matrix,
    up: Matrix,
    down: Matrix,
}

/// Row-major `[outputs, inputs]`.
#[derive(Debug)]
struct Matrix {
    inputs: usize,
    values: Vec<f32>,
}

impl Weights {
    pub(super) fn random(config: &TransformerConfig) -> Self {
        let mut dice = Dice::new(config.seed);
        let width = config.width;
        let mut random = |outputs, inputs, scale| Matrix::random(&mut dice, outputs, inputs, scale);
        let embedding = random(config.vocabulary, width, 1.0);
        let layers = (0..config.layers).map(|_| Layer {
            query: random(width, width, 3.0),
            key: random(width, width, 3.0),
            value: random(width, width, 3.0),
            output: random(width, width, 3.0),
            up: random(2 * width, width, 2.0),
            down: random(width, 2 * width, 2.0),
        });
        let layers = layers.collect();
        Self { width, heads: config.heads, window: config.window, embedding, layers }
    }

    pub(super) fn layers(&self) -> usize {
        self.layers.len()
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn vocabulary(&self) -> usize {
        self.embedding.values.len() / self.width
    }

    /// The logits that follow from a hidden state; the output layer is the embedding.
    pub(super) fn logits(&self, hidden: &[f32]) -> Vec<f32> {
        self.embedding.apply(hidden)
    }

    /// One pass over `tree` after the tokens of `cache`.
    pub(super) fn run(&self, cache: &KeyValues, tree: &TokenTree) -> Rows {
        let full = TreeMask::new(tree, cache.len());
        let positions = full.positions();
        let mut states: Vec<Vec<f32>> = tree
            .tokens()
            .iter()
            .map(|&token| self.embedding.row(token as usize).to_vec())
            .collect();
        let mut layers = Vec::with_capacity(self.layers.len());
        for (index, layer) in self.layers.iter().enumerate() {
            let mask = match self.window {
                Some(window) if index % 2 == 1 => full.with_window(window),
                _ => full,
            };
            let ancestors = mask.ancestors();
            let mut rows = LayerRows::default();
            // Parents come before children, so a node's ancestors have their rows already.
            for (node, state) in tree.nodes().zip(&mut states) {
                let position = positions[node.index()];
                let input = normalised(state);
                rows.keys.extend(self.rotated(layer.key.apply(&input), position));
                rows.values.extend(layer.value.apply(&input));
                let query = self.rotated(layer.query.apply(&input), position);
                let start = mask.prefix_start(node);
                let seen =
                    self.attend(&query, &cache.layers[index], start, &rows, &ancestors, node);
                add(state, &layer.output.apply(&seen));
                let mut inner = layer.up.apply(&normalised(state));
                for value in &mut inner {
                    *value = value.max(0.0);
                }
                add(state, &layer.down.apply(&inner));
            }
            layers.push(rows);
        }
        Rows { layers, hidden: states.iter().flat_map(|state| normalised(state)).collect() }
    }

    /// What `node` reads from the rows that it sees, in the order of their positions.
    fn attend(
        &self,
        query: &[f32],
        committed: &LayerRows,
        start: usize,
        own: &LayerRows,
        ancestors: &Ancestors,
        node: NodeId,
    ) -> Vec<f32> {
        let width = self.width;
        let (prefix_keys, prefix_values) =
            (&committed.keys[start * width..], &committed.values[start * width..]);
        let mut keys: Vec<&[f32]> = prefix_keys.chunks_exact(width).collect();
        let mut values: Vec<&[f32]> = prefix_values.chunks_exact(width).collect();
        for &ancestor in ancestors.row(node) {
            let row = ancestor as usize * width..(ancestor as usize + 1) * width;
            keys.push(&own.keys[row.clone()]);
            values.push(&own.values[row]);
        }
        let size = width / self.heads;
        let mut output = vec![0.0; width];
        for head in 0..self.heads {
            let part = head * size..(head + 1) * size;
            let query = &query[part.clone()];
            let score = |key: &&[f32]| dot(query, &key[part.clone()]) / (size as f32).sqrt();
            let scores: Vec<f32> = keys.iter().map(score).collect();
            let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let weights: Vec<f32> = scores.iter().map(|score| (score - largest).exp()).collect();
            let total: f32 = weights.iter().sum();
            for (weight, value) in weights.iter().zip(&values) {
                for (sum, value) in output[part.clone()].iter_mut().zip(&value[part.clone()]) {
                    *sum += weight / total * value;
                }
            }
        }
        output
    }

    /// Rotary position embedding: neighbouring pairs of each head turn by an
    /// angle that grows with the position.
    fn rotated(&self, mut row: Vec<f32>, position: usize) -> Vec<f32> {
        let size = self.width / self.heads;
        for head in row.chunks_exact_mut(size) {
            for (index, pair) in head.chunks_exact_mut(2).enumerate() {
                let angle = position as f32 / 50f32.powf(2.0 * index as f32 / size as f32);
                let (sine, cosine) = angle.sin_cos();
                let (x, y) = (pair[0], pair[1]);
                pair[0] = x * cosine - y * sine;
                pair[1] = x * sine + y * cosine;
            }
        }
        row
    }
}

impl Matrix {
    /// Uniform entries; rows keep the size of a normalised input times `scale`, roughly.
    fn random(dice: &mut Dice, outputs: usize, inputs: usize, scale: f32) -> Self {
        let scale = scale / (inputs as f32).sqrt();
        Self { inputs, values: (0..outputs * inputs).map(|_| dice.float() * scale).collect() }
    }

    fn row(&self, at: usize) -> &[f32] {
        &self.values[at * self.inputs..(at + 1) * self.inputs]
    }

    fn apply(&self, input: &[f32]) -> Vec<f32> {
        self.values.chunks_exact(self.inputs).map(|row| dot(row, input)).collect()
    }
}

fn dot(left: &[f32], right: &[f32]) -> f32 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

fn add(to: &mut [f32], what: &[f32]) {
    to.iter_mut().zip(what).for_each(|(to, what)| *to += what);
}

/// Divided by the root of the mean square.
fn normalised(row: &[f32]) -> Vec<f32> {
    let scale = (dot(row, row) / row.len() as f32 + 1e-6).sqrt();
    row.iter().map(|value| value / scale).collect()
}
