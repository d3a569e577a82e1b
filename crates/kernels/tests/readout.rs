//! Arg-max and top-k out of the output layer, against a scan of all logits.

mod sample;

use foretoken_kernels::{
    Activations, Format, Level, Matrix, Product, Readout, Scored, ThreadPool, Want, multiply,
};
use proptest::prelude::*;
use sample::{Random, Range};

/// The greatest first, of equal ones the lowest index first.
fn sorted(logits: &[f32]) -> Vec<Scored> {
    let mut all: Vec<Scored> =
        (0..).zip(logits).map(|(index, &value)| Scored { index, value }).collect();
    all.sort_by(|a, b| b.value.total_cmp(&a.value).then(a.index.cmp(&b.index)));
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn the_best_are_those_of_all_logits(
        format in prop::sample::select(Format::ALL.to_vec()), rows in 1usize..300, n in 1usize..12, threads in 1usize..4, seed: u64,
        ties: bool,
    ) {
        let mut random = Random::new(seed);
        let cols = 256;
        let mut bytes = sample::weights(&mut random, format, rows, cols, Range::Usual);
        if ties {
            // Few distinct rows, so that many logits are equal.
            let row_bytes = format.row_bytes(cols).unwrap();
            for row in 3..rows {
                bytes.copy_within((row % 3) * row_bytes..(row % 3 + 1) * row_bytes, row * row_bytes);
            }
        }
        let values = sample::inputs(&mut random, n, cols, Range::Usual);
        for level in Level::available() {
            let pool = ThreadPool::new(threads);
            let matrix = Matrix::pack(level, format, rows, cols, &bytes).unwrap();
            let mut input = Activations::new(level).unwrap();
            input.load(&pool, cols, &values).unwrap();
            let mut logits = vec![0.0; n * rows];
            multiply(&pool, &input, &mut [Product::new(&matrix, &mut logits)]).unwrap();

            let mut best = vec![Scored::default(); n];
            let mut lists: Vec<Vec<Scored>> = (0..n).map(|row| vec![Scored::default(); (row * 13 % 64 + 1).min(rows)]).collect();
            let mut copies = vec![vec![f32::NAN; rows]; n];
            let mut readout = Readout::new();
            let mut wants: Vec<Want> = best.iter_mut().zip(&mut lists).zip(&mut copies).enumerate().map(|(row, ((best, list), copy))| {
                match row % 3 { 0 => Want::argmax(best), 1 => Want::top_k(list), _ => Want::logits(copy) }
            }).collect();
            if n % 2 == 0 {
                readout.read(&pool, &input, &matrix, &mut wants).unwrap();
            } else {
                readout.fill_and_read(
                    &pool, &mut input, &|row, columns, out| out.copy_from_slice(&values[row * cols..][columns]), &matrix, &mut wants,
                ).unwrap();
            }
            for (row, logits) in logits.chunks_exact(rows).enumerate() {
                let sorted = sorted(logits);
                match row % 3 {
                    0 => prop_assert_eq!(best[row], sorted[0]),
                    1 => prop_assert_eq!(&lists[row][..], &sorted[..lists[row].len()]),
                    _ => prop_assert_eq!(&copies[row][..], logits),
                }
            }
        }
    }
}

#[test]
fn what_is_not_a_number_is_an_error_unless_all_logits_are_wanted() {
    for level in Level::available() {
        let pool = ThreadPool::new(2);
        let weights: Vec<u8> = (0..100 * 32).flat_map(|i| ((i % 7) as f32).to_le_bytes()).collect();
        let matrix = Matrix::pack(level, Format::F32, 100, 32, &weights).unwrap();
        let mut values = [1.0; 64];
        values[40] = f32::NAN;
        let mut input = Activations::new(level).unwrap();
        input.load(&pool, 32, &values).unwrap();
        let (mut a, mut b) = (Scored::default(), Scored::default());
        let error = Readout::new()
            .read(&pool, &input, &matrix, &mut [Want::argmax(&mut a), Want::argmax(&mut b)])
            .unwrap_err();
        assert!(error.is_not_a_number());
        let mut logits = [0.0; 100];
        Readout::new()
            .read(&pool, &input, &matrix, &mut [Want::argmax(&mut a), Want::logits(&mut logits)])
            .unwrap();
        assert!(logits.iter().all(|logit| logit.is_nan()));
    }
}

#[test]
fn wrong_sizes_are_refused() {
    let level = Level::detect();
    let pool = ThreadPool::new(2);
    let matrix = Matrix::pack(level, Format::Q8_0, 100, 32, &[0; 3400]).unwrap();
    let mut input = Activations::new(level).unwrap();
    input.load(&pool, 32, &[0.0; 32]).unwrap();
    let mut readout = Readout::new();
    assert!(readout.read(&pool, &input, &matrix, &mut []).is_err());
    assert!(readout.read(&pool, &input, &matrix, &mut [Want::top_k(&mut [])]).is_err());
    assert!(
        readout
            .read(&pool, &input, &matrix, &mut [Want::top_k(&mut [Scored::default(); 65])])
            .is_err()
    );
    assert!(readout.read(&pool, &input, &matrix, &mut [Want::logits(&mut [0.0; 99])]).is_err());
    assert!(
        readout
            .read(&pool, &input, &matrix, &mut [Want::top_k(&mut [Scored::default(); 64])])
            .is_ok()
    );
}
