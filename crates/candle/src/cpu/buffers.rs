use foretoken_kernels::{AttentionScratch, RotaryAngles};

use crate::architecture::Architecture;

/// The memory of a pass, used again by the next: a pass no larger than one before allocates nothing here.
#[derive(Default)]
pub(super) struct Buffers {
    /// The residual stream, `[rows, hidden]`: after a pass, the hidden rows before the last norm.
    pub(super) hidden: Vec<f32>,
    /// `[rows, heads * head_dim]`
    pub(super) queries: Vec<f32>,
    /// `[rows, kv_heads * head_dim]`
    pub(super) keys: Vec<f32>,
    /// `[rows, kv_heads * head_dim]`
    pub(super) values: Vec<f32>,
    /// `[rows, heads * head_dim]`
    pub(super) attended: Vec<f32>,
    /// `[rows, feed_forward]`
    pub(super) gate: Vec<f32>,
    /// `[rows, feed_forward]`
    pub(super) up: Vec<f32>,
    /// Rows that the output layer runs for.
    pub(super) read: Vec<usize>,
    /// What is to be normed before it is added to the residual stream, `[rows, hidden]`.
    pub(super) output: Vec<f32>,
    pub(super) angles: RotaryAngles,
    /// Of layers with a window, if others.
    pub(super) local_angles: RotaryAngles,
    pub(super) attention: AttentionScratch,
}

impl Buffers {
    /// Makes room for so many rows.
    pub(super) fn resize(&mut self, architecture: &Architecture, rows: usize) {
        let (queries, keys) = (architecture.query_width(), architecture.key_width());
        self.hidden.resize(rows * architecture.hidden, 0.0);
        if architecture.output_norms {
            self.output.resize(rows * architecture.hidden, 0.0);
        }
        self.queries.resize(rows * queries, 0.0);
        self.keys.resize(rows * keys, 0.0);
        self.values.resize(rows * keys, 0.0);
        self.attended.resize(rows * queries, 0.0);
        self.gate.resize(rows * architecture.feed_forward, 0.0);
        self.up.resize(rows * architecture.feed_forward, 0.0);
    }
}
