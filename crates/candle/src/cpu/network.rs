use foretoken_kernels::{Attention, Matrix, RmsNorm, Rotary};

/// The weights of a network, laid out for the kernels.
pub(super) struct Network {
    /// A row for each token; the output layer too, if there is no other.
    pub(super) embedding: Matrix,
    pub(super) blocks: Vec<Block>,
    pub(super) norm: RmsNorm,
    pub(super) output: Option<Matrix>,
    pub(super) rotary: Rotary,
    /// Of layers with a window, if another.
    pub(super) local_rotary: Option<Rotary>,
}

impl Network {
    /// The output layer.
    pub(super) fn output(&self) -> &Matrix {
        self.output.as_ref().unwrap_or(&self.embedding)
    }
}

/// The weights of one decoder block.
pub(super) struct Block {
    pub(super) attention_norm: RmsNorm,
    pub(super) query: Projection,
    pub(super) key: Projection,
    pub(super) value: Projection,
    /// Of queries and of keys, head by head.
    pub(super) head_norms: Option<[RmsNorm; 2]>,
    pub(super) attention: Attention,
    pub(super) attention_output: Projection,
    /// Of what attention and the feed-forward step put out.
    pub(super) output_norms: Option<[RmsNorm; 2]>,
    /// Whether the layer has a window.
    pub(super) local: bool,
    pub(super) feed_forward_norm: RmsNorm,
    pub(super) gate: Matrix,
    pub(super) up: Matrix,
    pub(super) down: Matrix,
}

/// A matrix, with a bias or without.
pub(super) struct Projection {
    pub(super) matrix: Matrix,
    pub(super) bias: Option<Box<[f32]>>,
}
