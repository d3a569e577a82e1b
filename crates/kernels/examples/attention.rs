//! Times attention alone: all layers of a model's shape, by rows of a pass and committed context.
//!
//! `cargo run --release -p foretoken-kernels --example attention -- [threads] [model]`
//!
//! Layers take turns over a cache of the model's full size, so that keys and values come from memory as they do in a forward
//! pass. Each figure is the quickest layer's time, which a busy machine disturbs least, times the number of layers; beside it
//! stands the rate in fused multiply-adds.

use std::time::Instant;

use foretoken_kernels::{
    Ancestors, Attention, AttentionPass, AttentionScratch, AttentionShape, KernelError, KvCache,
    KvShape, KvType, Level, ThreadPool,
};

/// A model's name, layers, query heads, key/value heads and head dimension.
type Shape = (&'static str, usize, usize, usize, usize);

const MODELS: [Shape; 4] = [
    ("smollm2-135m", 30, 9, 3, 64),
    ("qwen2.5-0.5b", 24, 14, 2, 64),
    ("qwen2.5-1.5b", 28, 12, 2, 128),
    ("gemma3-270m", 18, 4, 1, 256),
];

const PASSES: usize = 5;

fn main() -> Result<(), KernelError> {
    let mut arguments = std::env::args().skip(1);
    let threads = arguments.next().and_then(|threads| threads.parse().ok()).unwrap_or(2);
    let wanted = arguments.next().unwrap_or_default();
    let pool = ThreadPool::new(threads);
    let level = Level::detect();
    println!(
        "{level}, {} threads; milliseconds for all layers (G multiply-adds a second)",
        pool.threads()
    );
    for shape in MODELS.into_iter().filter(|shape| shape.0.contains(&wanted)) {
        for kind in [KvType::F32, KvType::F16] {
            time_model(&pool, level, shape, kind)?;
        }
    }
    Ok(())
}

fn time_model(
    pool: &ThreadPool,
    level: Level,
    shape: Shape,
    kind: KvType,
) -> Result<(), KernelError> {
    let (name, layers, heads, kv_heads, head_dim) = shape;
    let attention = Attention::new(AttentionShape {
        heads,
        kv_heads,
        head_dim,
        scale: 1.0 / (head_dim as f32).sqrt(),
        soft_cap: None,
        window: None,
    })?;
    let capacity = 2048 + 512;
    let mut cache = KvCache::new(KvShape { layers, kv_heads, head_dim, capacity }, kind)?;
    let row: Vec<f32> = (0..kv_heads * head_dim).map(|i| (i as f32 * 0.7).sin()).collect();
    let rows = row.repeat(capacity);
    for layer in 0..layers {
        cache.write(layer, 0, &rows, &rows)?;
    }
    let mut scratch = AttentionScratch::default();
    println!("\n{name}, {kind:?}");
    for (context, counts) in
        [(256, &[1, 4, 8, 16, 64][..]), (2048, &[1, 4, 8, 16, 64]), (0, &[512])]
    {
        print!("context {context:>4}:");
        for n in counts.iter().copied() {
            let (offsets, indices) = bushy(n);
            let ancestors = if context == 0 {
                Ancestors::chain(n)
            } else {
                Ancestors::tree(&offsets, &indices)?
            };
            let queries: Vec<f32> =
                (0..n * heads * head_dim).map(|i| (i as f32 * 0.3).cos()).collect();
            let mut out = vec![0.0; queries.len()];
            let mut best = f64::INFINITY;
            for _ in 0..PASSES {
                for layer in 0..layers {
                    let start = Instant::now();
                    let pass = AttentionPass {
                        cache: &cache,
                        layer,
                        prefix: context,
                        ancestors,
                        queries: &queries,
                    };
                    attention.run(pool, level, &pass, &mut scratch, &mut out)?;
                    best = best.min(start.elapsed().as_secs_f64());
                }
            }
            let time = best * layers as f64;
            let seen: usize = (0..n).map(|row| context + ancestors.depth(row) + 1).sum();
            let products = (layers * heads * 2 * head_dim * seen) as f64;
            print!("  n={n} {:.2} ({:.0})", time * 1e3, products / time * 1e-9);
        }
        println!();
    }
    Ok(())
}

/// A tree of `rows` rows in which node `i` hangs under node `(i - 1) / 2`.
fn bushy(rows: usize) -> (Vec<u32>, Vec<u32>) {
    let (mut offsets, mut indices) = (vec![0], Vec::new());
    for row in 0..rows {
        let start = indices.len();
        let mut node = row;
        indices.push(node as u32);
        while node > 0 {
            node = (node - 1) / 2;
            indices.push(node as u32);
        }
        indices[start..].reverse();
        offsets.push(indices.len() as u32);
    }
    (offsets, indices)
}
