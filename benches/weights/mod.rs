//! Random weights: for a measurement only their shapes and formats matter.

/// A kind of block: its bytes, the weights in it, and where its half-precision scales are.
#[derive(Clone, Copy)]
pub(crate) struct Block {
    pub(crate) bytes: usize,
    pub(crate) weights: usize,
    pub(crate) scales: &'static [usize],
}

pub(crate) const Q4_1: Block = Block { bytes: 20, weights: 32, scales: &[0, 2] };
pub(crate) const Q8_0: Block = Block { bytes: 34, weights: 32, scales: &[0] };

/// The bytes of so many rows of random codes with a scale of 2^-10, which keeps all sums of a network finite.
pub(crate) fn bytes(block: Block, rows: usize, cols: usize) -> Vec<u8> {
    let mut state = (rows * 31 + cols) as u64 | 1;
    let mut bytes = vec![0; rows * cols / block.weights * block.bytes];
    for word in bytes.chunks_mut(8) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        word.copy_from_slice(&state.to_le_bytes()[..word.len()]);
    }
    for one in bytes.chunks_exact_mut(block.bytes) {
        for &at in block.scales {
            one[at..at + 2].copy_from_slice(&[0, 0x14]);
        }
    }
    bytes
}
