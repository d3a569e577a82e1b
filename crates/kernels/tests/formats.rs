//! The GGUF block layouts: weights come out of a packed matrix as the formats define them.

mod sample;

use foretoken_kernels::{Format, Level, Matrix, MatrixBuilder};
use half::f16;
use proptest::prelude::*;
use sample::{Random, Range};

/// A block built bit by bit from codes and scales, and the weights it stands for.
struct Block {
    bytes: Vec<u8>,
    weights: Vec<f32>,
}

fn scale(random: &mut Random) -> f16 {
    f16::from_f32(random.unit())
}

fn code(random: &mut Random, bits: u32) -> u8 {
    (random.bits() >> 40) as u8 & ((1u32 << bits) - 1) as u8
}

/// Low nibbles hold the first half of the codes, high nibbles the second.
fn nibbles(codes: &[u8]) -> Vec<u8> {
    let (low, high) = codes.split_at(codes.len() / 2);
    low.iter().zip(high).map(|(low, high)| low & 15 | (high & 15) << 4).collect()
}

/// One bit of every code, the first code's in the lowest bit of the first byte.
fn bits(codes: &[u8], bit: u32) -> Vec<u8> {
    let byte = |eight: &[u8]| (0..8).map(|i| (eight[i] >> bit & 1) << i).sum();
    codes.chunks_exact(8).map(byte).collect()
}

/// Eight 6-bit scales and minimums in twelve bytes.
fn six_bits(scales: &[u8], minimums: &[u8]) -> Vec<u8> {
    let first = (0..4).map(|i| scales[i] | scales[i + 4] >> 4 << 6);
    let second = (0..4).map(|i| minimums[i] | minimums[i + 4] >> 4 << 6);
    let third = (4..8).map(|i| scales[i] & 15 | (minimums[i] & 15) << 4);
    first.chain(second).chain(third).collect()
}

fn block(random: &mut Random, format: Format) -> Block {
    let len = format.block_len();
    let (d, m) = (scale(random), scale(random));
    let (d32, m32) = (d.to_f32(), m.to_f32());
    let width = match format {
        Format::Q4_0 | Format::Q4_1 | Format::Q4K => 4,
        Format::Q5_0 | Format::Q5_1 | Format::Q5K => 5,
        Format::Q6K => 6,
        _ => 8,
    };
    let codes: Vec<u8> = (0..len).map(|_| code(random, width)).collect();
    let ends = |d: f16| d.to_le_bytes().to_vec();
    let signed = |code: u8, offset: i32| (i32::from(code) - offset) as f32;
    let part = |i: usize, of: &[u8]| f32::from(of[i / 32]);
    let (scales, minimums): (Vec<u8>, Vec<u8>) =
        (0..8).map(|_| (code(random, 6), code(random, 6))).unzip();
    // Of the 4-bit codes of a large block, each 64 share 32 bytes.
    let pairs = || codes.chunks_exact(64).flat_map(nibbles).collect();
    match format {
        Format::F32 => {
            let weight = random.unit();
            Block { bytes: weight.to_le_bytes().to_vec(), weights: vec![weight] }
        }
        Format::F16 => Block { bytes: ends(d), weights: vec![d32] },
        Format::Bf16 => {
            let bytes = random.unit().to_le_bytes();
            let weights = vec![f32::from_le_bytes([0, 0, bytes[2], bytes[3]])];
            Block { bytes: bytes[2..].to_vec(), weights }
        }
        Format::Q4_0 => Block {
            bytes: [ends(d), nibbles(&codes)].concat(),
            weights: codes.iter().map(|&code| signed(code, 8) * d32).collect(),
        },
        Format::Q4_1 => Block {
            bytes: [ends(d), ends(m), nibbles(&codes)].concat(),
            weights: codes.iter().map(|&code| f32::from(code) * d32 + m32).collect(),
        },
        Format::Q5_0 => Block {
            bytes: [ends(d), bits(&codes, 4), nibbles(&codes)].concat(),
            weights: codes.iter().map(|&code| signed(code, 16) * d32).collect(),
        },
        Format::Q5_1 => Block {
            bytes: [ends(d), ends(m), bits(&codes, 4), nibbles(&codes)].concat(),
            weights: codes.iter().map(|&code| f32::from(code) * d32 + m32).collect(),
        },
        Format::Q8_0 => Block {
            bytes: [ends(d), codes.clone()].concat(),
            weights: codes.iter().map(|&code| f32::from(code as i8) * d32).collect(),
        },
        Format::Q4K | Format::Q5K => {
            // Bit `p` of byte `i` is the fifth bit of code `32 * p + i`.
            let high = (0..32).map(|i| (0..8).map(|p| (codes[32 * p + i] >> 4 & 1) << p).sum());
            let high = if format == Format::Q5K { high.collect() } else { Vec::new() };
            let weights = codes.iter().enumerate();
            Block {
                bytes: [ends(d), ends(m), six_bits(&scales, &minimums), high, pairs()].concat(),
                weights: weights
                    .map(|(i, &code)| {
                        d32 * part(i, &scales) * f32::from(code) - m32 * part(i, &minimums)
                    })
                    .collect(),
            }
        }
        _ => {
            // Of each 128 codes, nibbles pair code `i` with `64 + i`, and byte `i` of 32 holds the
            // two high bits of codes `i`, `32 + i`, `64 + i` and `96 + i`.
            let low = codes.chunks_exact(128).flat_map(nibbles).collect();
            let high = codes.chunks_exact(128).flat_map(|half| {
                (0..32).map(|i| (0..4).map(|q| half[32 * q + i] >> 4 << (2 * q)).sum())
            });
            let scales: Vec<u8> = (0..16).map(|_| code(random, 8)).collect();
            let weights = codes.iter().enumerate();
            let weights =
                weights.map(|(i, &code)| d32 * f32::from(scales[i / 16] as i8) * signed(code, 32));
            let weights = weights.collect();
            Block { bytes: [low, high.collect(), scales, ends(d)].concat(), weights }
        }
    }
}

proptest! {
    #[test]
    fn packed_rows_dequantize_as_defined(
        format in prop::sample::select(Format::ALL.to_vec()),
        rows in 1usize..40, blocks in 1usize..5, pieces in 1usize..5, seed: u64,
    ) {
        let mut random = Random::new(seed);
        let blocks: Vec<Block> = (0..rows * blocks).map(|_| block(&mut random, format)).collect();
        let bytes: Vec<u8> = blocks.iter().flat_map(|block| block.bytes.clone()).collect();
        let weights: Vec<f32> = blocks.iter().flat_map(|block| block.weights.clone()).collect();
        let cols = weights.len() / rows;
        prop_assert_eq!(format.row_bytes(cols), Some(bytes.len() / rows));
        for level in Level::available() {
            let mut builder = MatrixBuilder::new(level, format, rows, cols).unwrap();
            for piece in bytes.chunks(rows.div_ceil(pieces) * bytes.len() / rows) {
                builder.push_rows(piece).unwrap();
            }
            let matrix = builder.finish().unwrap();
            let mut row = vec![0.0; cols];
            for (i, expected) in weights.chunks_exact(cols).enumerate() {
                matrix.dequantize_row(i, &mut row);
                prop_assert_eq!(&row[..], expected);
            }
        }
    }
}

#[test]
fn blocks_written_by_hand_dequantize_to_the_weights_meant() {
    let one = f16::ONE.to_le_bytes();
    let minus_two = f16::from_f32(-2.0).to_le_bytes();
    let row = |format: Format, bytes: &[u8]| {
        let matrix = Matrix::pack(Level::detect(), format, 1, format.block_len(), bytes).unwrap();
        let mut row = vec![0.0; format.block_len()];
        matrix.dequantize_row(0, &mut row);
        row
    };
    // Code 3 first, 9 in the middle; the others are 0.
    let mut nibbles = [0; 16];
    nibbles[0] = 0x93;
    let weights = row(Format::Q4_0, &[&one[..], &nibbles].concat());
    assert_eq!((weights[0], weights[16], weights[1]), (-5.0, 1.0, -8.0));
    let weights = row(Format::Q4_1, &[&one[..], &minus_two, &nibbles].concat());
    assert_eq!((weights[0], weights[16], weights[1]), (1.0, 7.0, -2.0));
    // The last code has its fifth bit.
    let high = [0, 0, 0, 0x80];
    let weights = row(Format::Q5_0, &[&one[..], &high, &nibbles].concat());
    assert_eq!((weights[0], weights[16], weights[31]), (-13.0, -7.0, 0.0));
    let weights = row(Format::Q5_1, &[&one[..], &minus_two, &high, &nibbles].concat());
    assert_eq!((weights[0], weights[16], weights[31]), (1.0, 7.0, 14.0));
    let mut bytes = [0; 32];
    bytes[31] = 0x80;
    assert_eq!(row(Format::Q8_0, &[&one[..], &bytes].concat())[31], -128.0);
    // Scales 63 and 1 for the first and the last part, minimums 2 and 32.
    let scales = [63, 0, 0, 0, 2, 0, 0, 0x80, 0, 0, 0, 1];
    let mut low = [0; 128];
    low[0] = 0x05;
    low[127] = 0x70;
    let weights = row(Format::Q4K, &[&one[..], &one, &scales, &low].concat());
    assert_eq!((weights[0], weights[1], weights[255], weights[254]), (313.0, -2.0, -25.0, -32.0));
    let mut high = [0; 32];
    high[0] = 1;
    high[31] = 0x80;
    let weights = row(Format::Q5K, &[&one[..], &one, &scales, &high, &low].concat());
    assert_eq!((weights[0], weights[255], weights[254]), (21.0 * 63.0 - 2.0, -9.0, -32.0));
    // Codes 0x15 and 0x3f, scales 2 and -1.
    let mut bytes = [0; 210];
    bytes[0] = 0x05;
    bytes[127] = 0xf0;
    bytes[128] = 0x01;
    bytes[191] = 0xc0;
    bytes[192] = 2;
    bytes[207] = 0xff;
    bytes[208..].copy_from_slice(&one);
    let weights = row(Format::Q6K, &bytes);
    assert_eq!((weights[0], weights[1], weights[255], weights[254]), (-22.0, -64.0, -31.0, 32.0));
}

#[test]
fn a_packed_matrix_takes_little_more_than_its_bytes() {
    let mut random = Random::new(3);
    for level in Level::available() {
        for format in Format::ALL {
            let (rows, cols) = (64, 768);
            let bytes = sample::weights(&mut random, format, rows, cols, Range::Usual);
            let matrix = Matrix::pack(level, format, rows, cols, &bytes).unwrap();
            assert!(matrix.bytes() >= bytes.len(), "{format}");
            assert!(matrix.bytes() * 100 <= bytes.len() * 104, "{level} {format}");
        }
    }
}

#[test]
fn rows_are_refused_when_too_many_or_torn_and_missed_when_too_few() {
    let mut builder = MatrixBuilder::new(Level::detect(), Format::Q8_0, 3, 32).unwrap();
    assert!(builder.push_rows(&[0; 33]).is_err());
    assert!(builder.push_rows(&[0; 34 * 4]).is_err());
    builder.push_rows(&[0; 34 * 2]).unwrap();
    assert!(builder.push_rows(&[0; 34 * 2]).is_err());
    builder.push_rows(&[]).unwrap();
    builder.push_rows(&[0; 34]).unwrap();
    assert!(builder.finish().is_ok());
    let builder = MatrixBuilder::new(Level::detect(), Format::Q8_0, 3, 32).unwrap();
    assert!(builder.finish().is_err());
}
