//! GGUF blocks: where a block keeps its codes and scales, and what weights they stand for.
//!
//! A *part* is 32 consecutive weights, the unit that kernels work in: a block of the simple formats is one part, a block of the `Q*K`
//! formats eight. Its *codes* are unsigned integers as stored (for [`Format::Q8_0`] the bits of a signed one), its [`Scales`] what turns
//! codes into weights.

use half::f16;

use crate::format::Format;

/// Weights of one part.
pub(crate) const PART: usize = 32;

/// Parts of one block of the `Q*K` formats.
pub(crate) const PARTS: usize = 8;

/// What turns the codes of one part into weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scales {
    /// Scale of the block.
    pub(crate) scale: f16,
    /// Minimum of the block, or the scale of its minimums; zero where the format has none.
    pub(crate) minimum: f16,
    /// The part's own two bytes in the `Q*K` formats: scale and minimum, or in `Q6K` the (signed) scales of the part's halves.
    pub(crate) own: [u8; 2],
}

/// What is subtracted from the codes of a format that has no minimums.
pub(crate) const fn offset(format: Format) -> i32 {
    match format {
        Format::Q4_0 => 8,
        Format::Q5_0 => 16,
        Format::Q6K => 32,
        _ => 0,
    }
}

/// The codes of part `part` of one block of a quantized format.
#[inline(always)]
pub(crate) fn codes(format: Format, block: &[u8], part: usize) -> [u8; PART] {
    let mut codes = [0; PART];
    match format {
        Format::Q4_0 => nibbles(&block[2..18], &mut codes),
        Format::Q4_1 => nibbles(&block[4..20], &mut codes),
        Format::Q5_0 => {
            nibbles(&block[6..22], &mut codes);
            fifth_bits(&block[2..6], &mut codes);
        }
        Format::Q5_1 => {
            nibbles(&block[8..24], &mut codes);
            fifth_bits(&block[4..8], &mut codes);
        }
        Format::Q8_0 => codes.copy_from_slice(&block[2..34]),
        Format::Q4K => {
            let low = &block[16 + 32 * (part / 2)..][..PART];
            for (code, &byte) in codes.iter_mut().zip(low) {
                *code = byte >> (4 * (part % 2)) & 15;
            }
        }
        Format::Q5K => {
            let low = &block[48 + 32 * (part / 2)..][..PART];
            let high = &block[16..48];
            for ((code, &byte), &bits) in codes.iter_mut().zip(low).zip(high) {
                *code = (byte >> (4 * (part % 2)) & 15) | (bits >> part & 1) << 4;
            }
        }
        Format::Q6K => {
            let (half, quarter) = (part / 4, part % 4);
            let low = &block[64 * half + 32 * (quarter % 2)..][..PART];
            let high = &block[128 + 32 * half..][..PART];
            for ((code, &byte), &bits) in codes.iter_mut().zip(low).zip(high) {
                *code = (byte >> (4 * (quarter / 2)) & 15) | (bits >> (2 * quarter) & 3) << 4;
            }
        }
        Format::F32 | Format::F16 | Format::Bf16 => {}
    }
    codes
}

/// The low nibbles are the first half of a part, the high nibbles the second.
#[inline(always)]
fn nibbles(bytes: &[u8], codes: &mut [u8; PART]) {
    for (i, &byte) in bytes.iter().enumerate() {
        codes[i] = byte & 15;
        codes[16 + i] = byte >> 4;
    }
}

#[inline(always)]
fn fifth_bits(bytes: &[u8], codes: &mut [u8; PART]) {
    for (i, code) in codes.iter_mut().enumerate() {
        *code |= (bytes[i / 8] >> (i % 8) & 1) << 4;
    }
}

/// The scales of part `part` of one block of a quantized format.
#[inline(always)]
pub(crate) fn scales(format: Format, block: &[u8], part: usize) -> Scales {
    let half_at = |at: usize| f16::from_le_bytes([block[at], block[at + 1]]);
    match format {
        Format::Q4_1 | Format::Q5_1 => {
            Scales { scale: half_at(0), minimum: half_at(2), own: [0; 2] }
        }
        Format::Q4K | Format::Q5K => Scales {
            scale: half_at(0),
            minimum: half_at(2),
            own: six_bit_scales(&block[4..16], part),
        },
        Format::Q6K => {
            let own = [block[192 + 2 * part], block[193 + 2 * part]];
            Scales { scale: half_at(208), minimum: f16::ZERO, own }
        }
        _ => Scales { scale: half_at(0), minimum: f16::ZERO, own: [0; 2] },
    }
}

/// Scale and minimum of a part out of the twelve bytes that hold eight of each: the first four whole in the low six bits of a byte, the last
/// four split into a nibble and the two top bits of an earlier byte.
#[inline(always)]
fn six_bit_scales(bytes: &[u8], part: usize) -> [u8; 2] {
    if part < 4 {
        [bytes[part] & 63, bytes[part + 4] & 63]
    } else {
        [
            (bytes[part + 4] & 15) | bytes[part - 4] >> 6 << 4,
            bytes[part + 4] >> 4 | bytes[part] >> 6 << 4,
        ]
    }
}

/// The weights that codes and scales stand for, in the order of operations that the formats define.
pub(crate) fn weights(format: Format, codes: &[u8; PART], scales: Scales, out: &mut [f32]) {
    let (scale, minimum) = (scales.scale.to_f32(), scales.minimum.to_f32());
    let [first, second] = scales.own;
    for (i, (out, &code)) in out.iter_mut().zip(codes).enumerate() {
        *out = match format {
            Format::Q4_1 | Format::Q5_1 => f32::from(code) * scale + minimum,
            Format::Q4K | Format::Q5K => {
                scale * f32::from(first) * f32::from(code) - minimum * f32::from(second)
            }
            Format::Q6K => {
                let own = if i < PART / 2 { first } else { second } as i8;
                scale * f32::from(own) * (i32::from(code) - offset(format)) as f32
            }
            Format::Q8_0 => f32::from(code as i8) * scale,
            _ => (i32::from(code) - offset(format)) as f32 * scale,
        };
    }
}
