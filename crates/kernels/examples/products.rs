//! Times of all matrix products of one pass over n tokens, t(n), for the shapes and formats of whole models.
//!
//! `cargo run --release -p foretoken-kernels --example products -- [MODEL] [LEVEL] [THREADS] [ROUNDS]`
//!
//! Weights are random: only their shapes, formats and bytes matter. Rounds go through all n in turn, so that a disturbance hits all alike;
//! the table shows the best and the median round.

use std::time::Instant;

use foretoken_kernels::{
    Activations, Format, Level, Matrix, MatrixBuilder, Product, Readout, Scored, ThreadPool, Want,
    fill_and_multiply,
};

const TOKENS: [usize; 11] = [1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 512];

/// The matrices of a model: a layer's (query, key and value; output; gate and up; down), how often it comes, and the output layer.
struct Shapes {
    layers: usize,
    hidden: usize,
    heads: usize,
    inner: usize,
    kv: usize,
    vocabulary: usize,
    query: Format,
    value: [Format; 2],
    out: Format,
    gate: Format,
    down: [Format; 2],
    output: Format,
}

fn shapes(model: &str) -> Option<Shapes> {
    use Format::{Q4_1, Q4K, Q5_0, Q6K, Q8_0};
    Some(match model {
        "smollm2-135m-q4_1" => Shapes {
            layers: 30,
            hidden: 576,
            heads: 576,
            inner: 1536,
            kv: 192,
            vocabulary: 49152,
            query: Q4_1,
            value: [Q4_1; 2],
            out: Q4_1,
            gate: Q4_1,
            down: [Q4_1; 2],
            output: Q8_0,
        },
        "gemma-3-270m-q4_k_m" => Shapes {
            layers: 18,
            hidden: 640,
            heads: 1024,
            inner: 2048,
            kv: 256,
            vocabulary: 262_144,
            query: Q5_0,
            value: [Q5_0, Q8_0],
            out: Q4K,
            gate: Q5_0,
            down: [Q6K, Q4K],
            output: Q8_0,
        },
        "qwen2.5-0.5b-q4_k_m" => Shapes {
            layers: 24,
            hidden: 896,
            heads: 896,
            inner: 4864,
            kv: 128,
            vocabulary: 151_936,
            query: Q5_0,
            value: [Q5_0, Q8_0],
            out: Q5_0,
            gate: Q5_0,
            down: [Q6K, Q4K],
            output: Q8_0,
        },
        "qwen2.5-1.5b-q4_k_m" => Shapes {
            layers: 28,
            hidden: 1536,
            heads: 1536,
            inner: 8960,
            kv: 256,
            vocabulary: 151_936,
            query: Q4K,
            value: [Q4K, Q6K],
            out: Q4K,
            gate: Q4K,
            down: [Q6K, Q4K],
            output: Q6K,
        },
        _ => return None,
    })
}

struct Layer {
    query: Matrix,
    key: Matrix,
    value: Matrix,
    out: Matrix,
    gate: Matrix,
    up: Matrix,
    down: Matrix,
}

/// A matrix of random codes and small scales.
fn matrix(level: Level, format: Format, rows: usize, cols: usize) -> Matrix {
    let mut builder = MatrixBuilder::new(level, format, rows, cols).expect("the shapes are valid");
    let mut state = (rows * 31 + cols) as u64 | 1;
    let mut row = vec![0; format.row_bytes(cols).expect("the shapes are valid")];
    for _ in 0..rows {
        for byte in &mut row {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
        for block in row.chunks_exact_mut(format.block_bytes()) {
            // Half-precision scales are where the format has them; 0x2000 is 2^-7.
            let at = if format == Format::Q6K { 208 } else { 0 };
            block[at..at + 2].copy_from_slice(&[0, 0x20]);
            if matches!(format, Format::Q4_1 | Format::Q5_1 | Format::Q4K | Format::Q5K) {
                block[2..4].copy_from_slice(&[0, 0x20]);
            }
        }
        builder.push_rows(&row).expect("a whole row of finite weights");
    }
    builder.finish().expect("all rows were pushed")
}

struct Pass {
    layers: Vec<Layer>,
    output: Matrix,
    shapes: Shapes,
    hidden: Activations,
    inner: Activations,
    readout: Readout,
    values: Vec<f32>,
    outs: [Vec<f32>; 3],
}

impl Pass {
    fn new(level: Level, shapes: Shapes) -> Self {
        let Shapes { hidden, heads, inner, kv, .. } = shapes;
        let layer = |i: usize| Layer {
            query: matrix(level, shapes.query, heads, hidden),
            key: matrix(level, shapes.query, kv, hidden),
            value: matrix(level, shapes.value[i % 2], kv, hidden),
            out: matrix(level, shapes.out, hidden, heads),
            gate: matrix(level, shapes.gate, inner, hidden),
            up: matrix(level, shapes.gate, inner, hidden),
            down: matrix(level, shapes.down[i % 2], hidden, inner),
        };
        let most = 512 * inner.max(heads);
        Self {
            layers: (0..shapes.layers).map(layer).collect(),
            output: matrix(level, shapes.output, shapes.vocabulary, hidden),
            hidden: Activations::new(level).expect("the level is available"),
            inner: Activations::new(level).expect("the level is available"),
            readout: Readout::new(),
            values: (0..most).map(|i| ((i * 37 % 101) as f32 - 50.0) / 50.0).collect(),
            outs: [vec![0.0; most], vec![0.0; most], vec![0.0; most]],
            shapes,
        }
    }

    fn bytes(&self) -> usize {
        let layers = self
            .layers
            .iter()
            .flat_map(|l| [&l.query, &l.key, &l.value, &l.out, &l.gate, &l.up, &l.down]);
        layers.chain([&self.output]).map(Matrix::bytes).sum()
    }

    /// One pass over `n` tokens; the output layer for at most 64 of them, as a tree asks.
    fn run(&mut self, pool: &ThreadPool, n: usize) {
        let Self { layers, output, shapes, hidden, inner, readout, values, outs: [a, b, c] } = self;
        let fill = |cols: usize| {
            let values = &*values;
            move |row: usize, columns: std::ops::Range<usize>, out: &mut [f32]| {
                out.copy_from_slice(&values[row * cols..][columns]);
            }
        };
        for layer in layers {
            let run = |input: &mut Activations, cols: usize, products: &mut [Product]| {
                fill_and_multiply(pool, input, n, &fill(cols), products).expect("the shapes match");
            };
            run(
                hidden,
                shapes.hidden,
                &mut [
                    Product::new(&layer.query, &mut a[..n * shapes.heads]),
                    Product::new(&layer.key, &mut b[..n * shapes.kv]),
                    Product::new(&layer.value, &mut c[..n * shapes.kv]),
                ],
            );
            run(inner, shapes.heads, &mut [Product::new(&layer.out, &mut a[..n * shapes.hidden])]);
            run(
                hidden,
                shapes.hidden,
                &mut [
                    Product::new(&layer.gate, &mut a[..n * shapes.inner]),
                    Product::new(&layer.up, &mut b[..n * shapes.inner]),
                ],
            );
            run(inner, shapes.inner, &mut [Product::new(&layer.down, &mut a[..n * shapes.hidden])]);
        }
        let mut best = [Scored::default(); 64];
        let mut wants: Vec<Want> = best[..n.min(64)].iter_mut().map(Want::argmax).collect();
        if n > 64 {
            wants.truncate(1);
        }
        readout
            .fill_and_read(pool, hidden, &fill(shapes.hidden), output, &mut wants)
            .expect("the shapes match");
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument =
        |i: usize, default: &str| arguments.get(i).cloned().unwrap_or_else(|| default.to_owned());
    let model = argument(0, "smollm2-135m-q4_1");
    let level: Level = argument(1, &Level::detect().to_string()).parse().expect("a level's name");
    let threads = argument(2, "2").parse().expect("a number of threads");
    let rounds: usize = argument(3, "15").parse().expect("a number of rounds");
    let shapes = shapes(&model).expect(
        "smollm2-135m-q4_1, gemma-3-270m-q4_k_m, qwen2.5-0.5b-q4_k_m or qwen2.5-1.5b-q4_k_m",
    );

    let pool = ThreadPool::new(threads);
    let mut pass = Pass::new(level, shapes);
    let bytes = pass.bytes();
    println!(
        "{model}, {level}, {} threads, {:.1} MB of weights",
        pool.threads(),
        bytes as f64 / 1e6
    );
    let mut times = vec![Vec::new(); TOKENS.len()];
    for round in 0..=rounds {
        for (times, &n) in times.iter_mut().zip(&TOKENS) {
            // A prefill takes long enough to be timed less often; the first round warms up.
            if n >= 64 && round % 4 != 1 {
                continue;
            }
            let start = Instant::now();
            pass.run(&pool, n);
            if round > 0 {
                times.push(start.elapsed().as_secs_f64() * 1e3);
            }
        }
    }
    println!(
        "{:>5} {:>9} {:>9} {:>8} {:>8} {:>9}",
        "n", "best ms", "median", "best/1", "median/1", "GB/s"
    );
    let summary = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        (times[0], times[times.len() / 2])
    };
    let (best_one, median_one) = summary(&mut times[0]);
    for (times, n) in times.iter_mut().zip(TOKENS) {
        let (best, median) = summary(times);
        let rate = bytes as f64 / best / 1e6;
        println!(
            "{n:>5} {best:>9.2} {median:>9.2} {:>8.2} {:>8.2} {rate:>9.1}",
            best / best_one,
            median / median_one
        );
    }
}
