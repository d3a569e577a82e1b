//! Products: every level against the portable one to the bit, against double precision, and row by row.

mod sample;

use foretoken_kernels::{
    Activations, Format, Level, Matrix, Product, ThreadPool, fill_and_multiply, multiply,
};
use proptest::prelude::*;
use sample::{Random, Range};

fn product(
    level: Level,
    format: Format,
    cols: usize,
    bytes: &[u8],
    values: &[f32],
    threads: usize,
) -> Vec<f32> {
    let row_bytes = format.row_bytes(cols).unwrap();
    let matrix = Matrix::pack(level, format, bytes.len() / row_bytes, cols, bytes).unwrap();
    let pool = ThreadPool::new(threads);
    let mut input = Activations::new(level).unwrap();
    input.load(&pool, cols, values).unwrap();
    let mut out = vec![f32::NAN; values.len() / cols * matrix.rows()];
    multiply(&pool, &input, &mut [Product::new(&matrix, &mut out)]).unwrap();
    out
}

/// Equal bits, or both not a number.
fn same(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan())
}

fn formats() -> impl Strategy<Value = Format> {
    prop::sample::select(Format::ALL.to_vec())
}

fn ranges() -> impl Strategy<Value = Range> {
    prop::sample::select(vec![Range::Usual, Range::Extreme])
}

/// Columns of some blocks; a multiple of 32 also for floating-point weights half of the time.
fn cols(format: Format, blocks: usize) -> usize {
    match format.block_len() {
        1 => blocks * 11,
        32 => blocks * 32,
        _ => blocks.div_ceil(4) * 256,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn levels_agree_to_the_bit(
        format in formats(), range in ranges(), rows in 1usize..70, blocks in 1usize..12, n in 1usize..20, threads in 1usize..4, seed: u64,
    ) {
        let mut random = Random::new(seed);
        let cols = cols(format, blocks);
        let bytes = sample::weights(&mut random, format, rows, cols, range);
        let values = sample::inputs(&mut random, n, cols, range);
        let expected = product(Level::Portable, format, cols, &bytes, &values, 1);
        for level in Level::available() {
            prop_assert!(same(&product(level, format, cols, &bytes, &values, threads), &expected), "{level} differs");
        }
    }

    #[test]
    fn a_row_does_not_depend_on_its_neighbours(
        format in formats(), rows in 1usize..40, blocks in 1usize..8, n in 2usize..24, seed: u64,
    ) {
        let mut random = Random::new(seed);
        let cols = cols(format, blocks);
        let bytes = sample::weights(&mut random, format, rows, cols, Range::Usual);
        let values = sample::inputs(&mut random, n, cols, Range::Usual);
        for level in Level::available() {
            let together = product(level, format, cols, &bytes, &values, 3);
            for (row, together) in values.chunks_exact(cols).zip(together.chunks_exact(rows)) {
                prop_assert!(same(&product(level, format, cols, &bytes, row, 1), together), "{level} differs");
            }
        }
    }

    #[test]
    fn products_are_right_within_the_rounding_of_inputs(
        format in formats(), rows in 1usize..20, blocks in 1usize..12, n in 1usize..5, seed: u64,
    ) {
        let mut random = Random::new(seed);
        let cols = cols(format, blocks);
        let bytes = sample::weights(&mut random, format, rows, cols, Range::Usual);
        let values = sample::inputs(&mut random, n, cols, Range::Usual);
        for level in Level::available() {
            let matrix = Matrix::pack(level, format, rows, cols, &bytes).unwrap();
            let out = product(level, format, cols, &bytes, &values, 2);
            let mut weights = vec![0.0; cols];
            for row in 0..rows {
                matrix.dequantize_row(row, &mut weights);
                for (input, values) in values.chunks_exact(cols).enumerate() {
                    let (exact, bound) = exact(format, &weights, values);
                    let got = f64::from(out[input * rows + row]);
                    prop_assert!((got - exact).abs() <= bound, "{level} {got} is not within {bound} of {exact}");
                }
            }
        }
    }

    #[test]
    fn filling_in_the_same_task_changes_nothing(
        format in formats(), blocks in 1usize..40, n in 1usize..12, threads in 1usize..4, seed: u64,
    ) {
        let mut random = Random::new(seed);
        let cols = cols(format, blocks);
        let bytes = sample::weights(&mut random, format, 9, cols, Range::Usual);
        let values = sample::inputs(&mut random, n, cols, Range::Usual);
        let level = Level::detect();
        let matrix = Matrix::pack(level, format, 9, cols, &bytes).unwrap();
        let expected = product(level, format, cols, &bytes, &values, 1);
        let pool = ThreadPool::new(threads);
        let mut input = Activations::new(level).unwrap();
        let bias: Vec<f32> = (0..9).map(|_| random.unit()).collect();
        let (mut stored, mut added, mut biased) = (vec![0.0; n * 9], vec![1.5; n * 9], vec![0.0; n * 9]);
        let mut products = [
            Product::new(&matrix, &mut stored),
            Product::added(&matrix, &mut added),
            Product::biased(&matrix, &bias, &mut biased),
        ];
        fill_and_multiply(
            &pool, &mut input, n, &|row, columns, out| out.copy_from_slice(&values[row * cols..][columns]), &mut products,
        ).unwrap();
        prop_assert!(same(&stored, &expected));
        prop_assert!(same(&added, &expected.iter().map(|value| 1.5 + value).collect::<Vec<_>>()));
        prop_assert!(same(&biased, &expected.iter().zip(bias.iter().cycle()).map(|(value, bias)| value + bias).collect::<Vec<_>>()));
    }
}

/// The product in double precision and how far a product of quantized inputs may be from it: half a step of every input, and the rounding
/// of single-precision sums.
fn exact(format: Format, weights: &[f32], values: &[f32]) -> (f64, f64) {
    let (mut sum, mut steps, mut magnitude) = (0.0, 0.0, 0.0);
    for (weights, values) in weights.chunks(32).zip(values.chunks(32)) {
        let step = if format.is_quantized() {
            values.iter().fold(0.0f32, |most, value| most.max(value.abs())) / 127.0
        } else {
            0.0
        };
        for (&weight, &value) in weights.iter().zip(values) {
            sum += f64::from(weight) * f64::from(value);
            steps += f64::from(weight).abs() * f64::from(step) * 0.5;
            magnitude += f64::from(weight).abs() * f64::from(value).abs();
        }
    }
    // A part of a format with minimums is a difference of larger numbers than its weights: at most some hundred times larger here.
    let operations = weights.len() as f64 * if format.is_quantized() { 64.0 } else { 1.0 };
    (sum, steps * 1.001 + (magnitude + steps) * operations * f64::from(f32::EPSILON) + 1e-30)
}

#[test]
fn broken_values_of_an_input_reach_every_output_of_its_row_and_no_other() {
    for level in Level::available() {
        for format in Format::ALL {
            let mut random = Random::new(7);
            let bytes = sample::weights(&mut random, format, 20, 256, Range::Usual);
            for broken in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let mut values = sample::inputs(&mut random, 3, 256, Range::Usual);
                values[256 + 77] = broken;
                let out = product(level, format, 256, &bytes, &values, 2);
                let finite: Vec<bool> = out.iter().map(|value| value.is_finite()).collect();
                assert!(
                    finite[..20].iter().all(|&finite| finite)
                        && finite[40..].iter().all(|&finite| finite),
                    "{level} {format}"
                );
                assert!(finite[20..40].iter().all(|&finite| !finite), "{level} {format}");
            }
        }
    }
}

#[test]
fn wrong_sizes_and_broken_weights_are_refused() {
    let level = Level::detect();
    assert!(Matrix::pack(level, Format::Q4_0, 1, 48, &[0; 27]).is_err());
    assert!(Matrix::pack(level, Format::Q4_0, 2, 32, &[0; 35]).is_err());
    assert!(Matrix::pack(level, Format::Q4_0, 0, 32, &[]).is_err());
    assert!(Matrix::pack(level, Format::Q4K, 1, 128, &[0; 72]).is_err());
    assert!(Matrix::pack(level, Format::F32, usize::MAX / 8, 1 << 40, &[]).is_err());
    assert!(Matrix::pack(level, Format::F32, 1, 1, &f32::INFINITY.to_le_bytes()).is_err());
    let infinity = half::f16::INFINITY.to_le_bytes();
    for (format, at) in [
        (Format::F16, 0),
        (Format::Q4_0, 0),
        (Format::Q4_1, 0),
        (Format::Q4_1, 2),
        (Format::Q5_0, 0),
        (Format::Q5_1, 2),
        (Format::Q8_0, 0),
        (Format::Q4K, 0),
        (Format::Q4K, 2),
        (Format::Q5K, 2),
        (Format::Q6K, 208),
    ] {
        let mut bytes = vec![0; format.block_bytes()];
        assert!(Matrix::pack(level, format, 1, format.block_len(), &bytes).is_ok(), "{format}");
        bytes[at..at + 2].copy_from_slice(&infinity);
        assert!(
            Matrix::pack(level, format, 1, format.block_len(), &bytes).is_err(),
            "{format} at {at}"
        );
    }

    let pool = ThreadPool::new(1);
    let matrix = Matrix::pack(level, Format::Q8_0, 3, 32, &[0; 102]).unwrap();
    let mut input = Activations::new(level).unwrap();
    assert!(input.load(&pool, 32, &[0.0; 33]).is_err());
    input.load(&pool, 32, &[0.0; 64]).unwrap();
    assert!(multiply(&pool, &input, &mut [Product::new(&matrix, &mut [0.0; 5])]).is_err());
    assert!(
        multiply(&pool, &input, &mut [Product::biased(&matrix, &[0.0; 2], &mut [0.0; 6])]).is_err()
    );
    input.load(&pool, 64, &[0.0; 64]).unwrap();
    assert!(multiply(&pool, &input, &mut [Product::new(&matrix, &mut [0.0; 3])]).is_err());
}

#[test]
fn no_rows_give_no_outputs() {
    let level = Level::detect();
    let pool = ThreadPool::new(2);
    let matrix = Matrix::pack(level, Format::Q8_0, 3, 32, &[0; 102]).unwrap();
    let mut input = Activations::new(level).unwrap();
    input.load(&pool, 32, &[]).unwrap();
    multiply(&pool, &input, &mut [Product::new(&matrix, &mut [])]).unwrap();
}
