//! The layout of packed weights: rows interleaved so that a lane of a vector is an output row.
//!
//! A *row group* is as many rows as the level's vectors have lanes; missing rows of the last group are zeros. All bytes of a group are
//! together, padded to whole cache lines:
//!
//! - floating-point formats: for each column, one weight of every lane;
//! - quantized formats: the codes of every part (32 columns), then the scales.
//!
//! Codes of a part are up to three planes, each made of vectors that hold four bytes of every lane:
//!
//! | plane | vectors | byte `t` of a lane in vector `v` |
//! |---|---|---|
//! | bytes (8 bits) | 8 | code of column `4v + t` |
//! | nibbles (4 low bits) | 4 | columns `4v + t` (low) and `16 + 4v + t` (high) |
//! | crumbs (2 high bits of 6) | 2 | columns `16v + 4f + t` at bits `2f`, for `f` in 0..4 |
//! | bits (high bit of 5) | 1 | columns `4f + t` at bit `f`, for `f` in 0..8 |
//!
//! Scales are vectors of one element of every lane: for the simple formats a half-precision scale (and minimum) for each part; for the
//! `Q*K` formats a half-precision scale (and minimum) for each block, and then two bytes for each of its parts.

use half::f16;

use crate::blocks::{PART, PARTS, Scales};
use crate::format::Format;

/// Groups start at multiples of this.
pub(crate) const LINE: usize = 64;

/// Where the pieces of a row group are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    pub(crate) format: Format,
    pub(crate) lanes: usize,
    pub(crate) cols: usize,
    /// Bytes from one row group to the next.
    pub(crate) stride: usize,
}

impl Layout {
    pub(crate) fn new(format: Format, lanes: usize, cols: usize) -> Option<Self> {
        let mut layout = Self { format, lanes, cols, stride: 0 };
        layout.stride = layout.group_bytes()?.checked_next_multiple_of(LINE)?;
        Some(layout)
    }

    fn group_bytes(&self) -> Option<usize> {
        if !self.format.is_quantized() {
            return (self.lanes * self.format.block_bytes()).checked_mul(self.cols);
        }
        let scales =
            if self.format.block_len() == PART { self.parts() } else { self.parts() / PARTS }
                * self.scale_bytes();
        self.parts().checked_mul(self.code_bytes())?.checked_add(scales)
    }

    /// Parts of a row.
    pub(crate) const fn parts(&self) -> usize {
        self.cols / PART
    }

    /// Bytes of the codes of one part.
    pub(crate) const fn code_bytes(&self) -> usize {
        self.lanes
            * match self.format {
                Format::Q5_0 | Format::Q5_1 | Format::Q5K => 20,
                Format::Q6K => 24,
                Format::Q8_0 => 32,
                _ => 16,
            }
    }

    const fn has_minimum(&self) -> bool {
        matches!(self.format, Format::Q4_1 | Format::Q5_1 | Format::Q4K | Format::Q5K)
    }

    /// Bytes of the scales of one block.
    const fn scale_bytes(&self) -> usize {
        let halves = if self.has_minimum() { 4 } else { 2 };
        let own = if self.format.block_len() == PART { 0 } else { 2 * PARTS };
        self.lanes * (halves + own)
    }

    /// Puts the codes and scales of one part of one lane where they belong in the group.
    #[inline(always)]
    pub(crate) fn put(
        &self,
        group: &mut [u8],
        part: usize,
        lane: usize,
        codes: &[u8; PART],
        scales: Scales,
    ) {
        self.put_codes(&mut group[part * self.code_bytes()..][..self.code_bytes()], lane, codes);
        let block = part * PART / self.format.block_len();
        let start = self.parts() * self.code_bytes() + block * self.scale_bytes();
        let group = &mut group[start..][..self.scale_bytes()];
        group[2 * lane..][..2].copy_from_slice(&scales.scale.to_le_bytes());
        let mut at = 2 * self.lanes;
        if self.has_minimum() {
            group[at + 2 * lane..][..2].copy_from_slice(&scales.minimum.to_le_bytes());
            at += 2 * self.lanes;
        }
        if self.format.block_len() != PART {
            at += part % PARTS * 2 * self.lanes;
            group[at + lane] = scales.own[0];
            group[at + self.lanes + lane] = scales.own[1];
        }
    }

    #[inline(always)]
    fn put_codes(&self, planes: &mut [u8], lane: usize, codes: &[u8; PART]) {
        let vector = 4 * self.lanes;
        if self.format == Format::Q8_0 {
            for (v, four) in codes.chunks_exact(4).enumerate() {
                planes[v * vector + 4 * lane..][..4].copy_from_slice(four);
            }
            return;
        }
        let (nibbles, high) = planes.split_at_mut(4 * vector);
        for v in 0..4 {
            let bytes: [u8; 4] =
                std::array::from_fn(|t| codes[4 * v + t] & 15 | codes[16 + 4 * v + t] << 4);
            nibbles[v * vector + 4 * lane..][..4].copy_from_slice(&bytes);
        }
        match self.format {
            Format::Q6K => {
                for v in 0..2 {
                    let bytes: [u8; 4] = std::array::from_fn(|t| {
                        (0..4).map(|f| codes[16 * v + 4 * f + t] >> 4 << (2 * f)).sum()
                    });
                    high[v * vector + 4 * lane..][..4].copy_from_slice(&bytes);
                }
            }
            Format::Q5_0 | Format::Q5_1 | Format::Q5K => {
                let bytes: [u8; 4] =
                    std::array::from_fn(|t| (0..8).map(|f| codes[4 * f + t] >> 4 << f).sum());
                high[4 * lane..][..4].copy_from_slice(&bytes);
            }
            _ => {}
        }
    }

    /// The codes of one part of one lane of a group.
    #[inline(always)]
    pub(crate) fn codes(&self, group: &[u8], part: usize, lane: usize) -> [u8; PART] {
        let planes = &group[part * self.code_bytes()..][..self.code_bytes()];
        let vector = 4 * self.lanes;
        let byte = |v: usize, t: usize| planes[v * vector + 4 * lane + t];
        std::array::from_fn(|i| {
            if self.format == Format::Q8_0 {
                return byte(i / 4, i % 4);
            }
            let low = byte(i % 16 / 4, i % 4) >> (i / 16 * 4) & 15;
            let high = match self.format {
                Format::Q6K => byte(4 + i / 16, i % 4) >> (2 * (i % 16 / 4)) & 3,
                Format::Q5_0 | Format::Q5_1 | Format::Q5K => byte(4, i % 4) >> (i / 4) & 1,
                _ => 0,
            };
            low | high << 4
        })
    }

    /// The scales of one part of one lane of a group.
    #[inline(always)]
    pub(crate) fn scales(&self, group: &[u8], part: usize, lane: usize) -> Scales {
        let block = part * PART / self.format.block_len();
        let start = self.parts() * self.code_bytes() + block * self.scale_bytes();
        let group = &group[start..][..self.scale_bytes()];
        let half_at = |at: usize| f16::from_le_bytes([group[at], group[at + 1]]);
        let mut scales = Scales { scale: half_at(2 * lane), minimum: f16::ZERO, own: [0; 2] };
        let mut at = 2 * self.lanes;
        if self.has_minimum() {
            scales.minimum = half_at(at + 2 * lane);
            at += 2 * self.lanes;
        }
        if self.format.block_len() != PART {
            at += part % PARTS * 2 * self.lanes;
            scales.own = [group[at + lane], group[at + self.lanes + lane]];
        }
        scales
    }

    /// The weight at one column of one lane of a group of a floating-point format.
    #[inline(always)]
    pub(crate) fn weight(&self, group: &[u8], col: usize, lane: usize) -> f32 {
        let bytes = &group[(col * self.lanes + lane) * self.format.block_bytes()..]
            [..self.format.block_bytes()];
        element(self.format, bytes)
    }
}

/// A weight of a floating-point format from its bytes.
#[inline(always)]
pub(crate) fn element(format: Format, bytes: &[u8]) -> f32 {
    match (format, bytes) {
        (Format::F16, &[a, b]) => f16::from_le_bytes([a, b]).to_f32(),
        (Format::Bf16, &[a, b]) => f32::from_le_bytes([0, 0, a, b]),
        (_, &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]),
        _ => 0.0,
    }
}
