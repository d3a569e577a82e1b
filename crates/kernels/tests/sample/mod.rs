//! Pseudo-random weights and inputs for the property tests.

#![allow(dead_code)] // Not every test uses all of it.

use foretoken_kernels::Format;
use half::f16;

/// A xorshift generator: the same seed gives the same sequence everywhere.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Uniform in -1..1.
    pub(crate) fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    fn below(&mut self, end: u64) -> u64 {
        (self.bits() >> 32) % end
    }
}

/// What range values are from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Range {
    /// As in models.
    Usual,
    /// Mixed with zeros, denormal and large values.
    Extreme,
}

fn scale(random: &mut Random, range: Range) -> f16 {
    match (range, random.below(8)) {
        (Range::Extreme, 0) => f16::ZERO,
        (Range::Extreme, 1) => f16::from_bits(1 + random.below(1000) as u16),
        (Range::Extreme, 2) => f16::MAX,
        (Range::Extreme, 3) => f16::NEG_ZERO,
        (Range::Extreme, 4) => f16::MIN,
        _ => f16::from_f32(random.unit() * 0.02),
    }
}

/// The bytes of a matrix as a file holds them: any codes, finite scales.
pub(crate) fn weights(
    random: &mut Random,
    format: Format,
    rows: usize,
    cols: usize,
    range: Range,
) -> Vec<u8> {
    let block_bytes = format.block_bytes();
    let blocks = rows * cols / format.block_len();
    let mut bytes = vec![0; blocks * block_bytes];
    for block in bytes.chunks_exact_mut(block_bytes) {
        block.fill_with(|| (random.bits() >> 32) as u8);
        match format {
            Format::F32 => block.copy_from_slice(&value(random, range).to_le_bytes()),
            Format::F16 => block.copy_from_slice(&scale(random, range).to_le_bytes()),
            Format::Bf16 => block.copy_from_slice(&value(random, range).to_le_bytes()[2..]),
            Format::Q6K => block[208..].copy_from_slice(&scale(random, range).to_le_bytes()),
            Format::Q4_1 | Format::Q5_1 | Format::Q4K | Format::Q5K => {
                block[..2].copy_from_slice(&scale(random, range).to_le_bytes());
                block[2..4].copy_from_slice(&scale(random, range).to_le_bytes());
            }
            _ => block[..2].copy_from_slice(&scale(random, range).to_le_bytes()),
        }
        if random.below(4) == 0 {
            // All codes at one end: -128 in Q8_0, the largest elsewhere.
            let (from, to, byte) = match format {
                Format::Q8_0 => (2, 34, 0x80),
                Format::Q4_0 => (2, 18, 0xff),
                Format::Q4_1 => (4, 20, 0xff),
                Format::Q5_0 => (2, 22, 0xff),
                Format::Q5_1 => (4, 24, 0xff),
                Format::Q4K => (4, 144, 0xff),
                Format::Q5K => (4, 176, 0xff),
                Format::Q6K => (0, 208, 0x80),
                _ => (0, 0, 0),
            };
            block[from..to].fill(byte);
        }
    }
    bytes
}

fn value(random: &mut Random, range: Range) -> f32 {
    match (range, random.below(16)) {
        (Range::Extreme, 0) => 0.0,
        (Range::Extreme, 1) => random.unit() * f32::MIN_POSITIVE,
        (Range::Extreme, 2) => random.unit() * 1e9,
        (Range::Extreme, 3) => -0.0,
        _ => random.unit(),
    }
}

/// Input rows; in the extreme range, some blocks are all zero, denormal, huge, or all at one end.
pub(crate) fn inputs(random: &mut Random, rows: usize, cols: usize, range: Range) -> Vec<f32> {
    let mut values: Vec<f32> = (0..rows * cols).map(|_| value(random, range)).collect();
    if let Range::Extreme = range {
        for block in values.chunks_mut(32) {
            match random.below(8) {
                0 => block.fill(0.0),
                1 => block.iter_mut().for_each(|value| *value *= 1e-37),
                2 => block.iter_mut().for_each(|value| *value *= 1e15),
                3 => block.fill(1.0),
                4 => block.fill(-1.0),
                _ => {}
            }
        }
    }
    values
}
