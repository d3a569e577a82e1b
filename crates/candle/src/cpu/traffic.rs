use foretoken_kernels::{KvType, Matrix};

use super::{CpuEngine, network::Block};

impl CpuEngine {
    /// Bytes that a pass has to read: every matrix once, and the keys and values that its layers see of `context`
    /// committed tokens.
    pub(super) fn bytes_of_pass(&self, context: usize) -> u64 {
        let matrices = |block: &Block| {
            [
                &block.query.matrix,
                &block.key.matrix,
                &block.value.matrix,
                &block.attention_output.matrix,
                &block.gate,
                &block.up,
                &block.down,
            ]
            .map(Matrix::bytes)
            .iter()
            .sum::<usize>()
        };
        let blocks = self.network.blocks.iter().map(matrices).sum::<usize>();
        let element = match self.options.cache {
            KvType::F32 => size_of::<f32>(),
            KvType::F16 => size_of::<half::f16>(),
        };
        let cached = self.architecture.tokens_seen(context) * self.architecture.key_width();
        (blocks + self.network.output().bytes() + 2 * element * cached) as u64
    }
}
