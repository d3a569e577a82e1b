//! Products of packed weights with few rows, and tree attention.
//!
//! `cargo bench -p foretoken-benches --bench kernels`

mod weights;

use std::hint::black_box;
use std::ops::Range;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use foretoken::tree::{Limits, TreeMask};
use foretoken::{NodeId, SourceId, TokenTree};
use foretoken_kernels::{
    Activations, Ancestors, Attention, AttentionPass, AttentionScratch, AttentionShape, Format,
    KvCache, KvShape, KvType, Level, Matrix, Product, ThreadPool, fill_and_multiply,
};
use weights::Block;

/// Rows of a pass.
const ROWS: [usize; 5] = [1, 4, 8, 16, 64];

const FORMATS: [(Format, Block); 4] = [
    (Format::Q4_1, weights::Q4_1),
    (Format::Q4K, Block { bytes: 144, weights: 256, scales: &[0, 2] }),
    (Format::Q6K, Block { bytes: 210, weights: 256, scales: &[208] }),
    (Format::Q8_0, weights::Q8_0),
];

/// A matrix larger than caches near the cores, as each of a model's is by the time its turn comes again.
fn products(criterion: &mut Criterion) {
    let (outputs, inner) = (4096, 2048);
    let (pool, level) = (ThreadPool::of_cores(), Level::detect());
    let inputs: Vec<f32> = (0..64 * inner).map(|at| (at as f32 * 0.7).sin()).collect();
    let mut results = vec![0.0; 64 * outputs];
    for (format, block) in FORMATS {
        let bytes = weights::bytes(block, outputs, inner);
        let matrix = Matrix::pack(level, format, outputs, inner, &bytes).expect("a valid matrix");
        let mut activations = Activations::new(level).expect("the level was detected");
        let mut group = criterion.benchmark_group(format!("product/{format}"));
        for rows in ROWS {
            group.throughput(Throughput::Elements((rows * outputs * inner) as u64));
            group.bench_function(BenchmarkId::from_parameter(rows), |bencher| {
                bencher.iter(|| {
                    let fill = |row: usize, columns: Range<usize>, out: &mut [f32]| {
                        out.copy_from_slice(&inputs[row * inner..][columns]);
                    };
                    let out = &mut results[..rows * outputs];
                    let mut products = [Product::new(&matrix, out)];
                    fill_and_multiply(&pool, &mut activations, rows, &fill, &mut products)
                        .expect("the shapes match");
                    black_box(&mut results);
                });
            });
        }
        group.finish();
    }
}

/// A tree in which node `i` hangs under node `(i - 1) / 2`.
fn bushy(nodes: usize) -> TokenTree {
    let mut tree = TokenTree::new(0, Limits::UNLIMITED);
    for index in 1..nodes {
        let parent = NodeId::new((index - 1) / 2);
        tree.add(parent, index as u32, SourceId::new(0), 0.5).expect("within the limits");
    }
    tree
}

/// One layer of SmolLM2-135M's shape.
fn attention(criterion: &mut Criterion) {
    let (pool, level) = (ThreadPool::of_cores(), Level::detect());
    let (heads, kv_heads, head_dim) = (9, 3, 64);
    let (scale, soft_cap, window) = (0.125, None, None);
    let shape = AttentionShape { heads, kv_heads, head_dim, scale, soft_cap, window };
    let attention = Attention::new(shape).expect("a valid shape");
    let mut scratch = AttentionScratch::default();
    for kind in [KvType::F32, KvType::F16] {
        let shape = KvShape { layers: 1, kv_heads, head_dim, capacity: 2048 + 64 };
        let mut cache = KvCache::new(shape, kind).expect("a valid shape");
        let row: Vec<f32> = (0..kv_heads * head_dim).map(|at| (at as f32 * 0.7).sin()).collect();
        let rows = row.repeat(shape.capacity);
        cache.write(0, 0, &rows, &rows).expect("the cache has room");
        for prefix in [256, 2048] {
            let mut group = criterion.benchmark_group(format!("attention/{kind:?}/{prefix}"));
            for rows in ROWS {
                let tree = bushy(rows);
                let ancestors = TreeMask::new(&tree, prefix).ancestors();
                let ancestors = Ancestors::tree(ancestors.offsets(), ancestors.indices())
                    .expect("a tree's own ancestors");
                let queries: Vec<f32> =
                    (0..rows * heads * head_dim).map(|at| (at as f32 * 0.3).cos()).collect();
                let mut out = vec![0.0; queries.len()];
                group.throughput(Throughput::Elements(rows as u64));
                group.bench_function(BenchmarkId::from_parameter(rows), |bencher| {
                    bencher.iter(|| {
                        let cache = &cache;
                        let queries = &queries;
                        let pass = AttentionPass { cache, layer: 0, prefix, ancestors, queries };
                        attention
                            .run(&pool, level, &pass, &mut scratch, &mut out)
                            .expect("the shapes match");
                        black_box(&mut out);
                    });
                });
            }
            group.finish();
        }
    }
}

criterion_group!(benches, products, attention);
criterion_main!(benches);
