use foretoken_core::{NodeId, TokenTree};

use crate::sequences::Cache;

/// Keys and values of all layers, one row per token.
#[derive(Clone, Debug)]
pub(crate) struct KeyValues {
    width: usize,
    len: usize,
    pub(super) layers: Vec<LayerRows>,
}

/// One layer's keys and values, row-major `[tokens, width]`.
#[derive(Clone, Debug, Default)]
pub(crate) struct LayerRows {
    pub(super) keys: Vec<f32>,
    pub(super) values: Vec<f32>,
}

/// What a pass computed: keys and values of every node, and its last hidden state.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(super) layers: Vec<LayerRows>,
    /// Row-major `[nodes, width]`, normalised.
    pub(super) hidden: Vec<f32>,
}

impl KeyValues {
    pub(super) fn new(layers: usize, width: usize) -> Self {
        Self { width, len: 0, layers: vec![LayerRows::default(); layers] }
    }
}

impl Cache for KeyValues {
    type Rows = Rows;

    fn len(&self) -> usize {
        self.len
    }

    fn keep(&mut self, _tree: &TokenTree, rows: &Rows, path: &[NodeId]) {
        for (kept, computed) in self.layers.iter_mut().zip(&rows.layers) {
            for node in path {
                let row = node.index() * self.width..(node.index() + 1) * self.width;
                kept.keys.extend_from_slice(&computed.keys[row.clone()]);
                kept.values.extend_from_slice(&computed.values[row]);
            }
        }
        self.len += path.len();
    }

    fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
        for layer in &mut self.layers {
            layer.keys.truncate(self.len * self.width);
            layer.values.truncate(self.len * self.width);
        }
    }
}
