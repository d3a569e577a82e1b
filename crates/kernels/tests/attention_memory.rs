//! A pass allocates nothing once its memory is there.
//!
//! Without the test harness, whose own thread would allocate beside the passes.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use foretoken_kernels::{
    Ancestors, Attention, AttentionScratch, AttentionShape, AttentionStep, KvCache, KvShape,
    KvType, Level, Rotary, RotaryAngles, RotaryStyle, ThreadPool,
};

/// The system's allocator, with a count of its calls.
struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: all calls go to the system's allocator as they are.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const CAPACITY: usize = 700;

/// Runs one pass over the rows of a chain.
fn pass(
    pool: &ThreadPool,
    attention: &Attention,
    cache: &mut KvCache,
    scratch: &mut AttentionScratch,
    angles: &mut RotaryAngles,
    buffers: &mut [Vec<f32>; 4],
    (prefix, ancestors): (usize, Ancestors<'_>),
) {
    let (rows, shape) = (ancestors.rows(), attention.shape());
    let rotary = Rotary::new(RotaryStyle::HalfSplit, [0.5; 8]).unwrap();
    let level = Level::detect();
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    angles.fill(&rotary, (0..rows).map(|row| prefix + ancestors.depth(row)));
    let [queries, keys, values, out] = buffers;
    let (query_width, key_width) = (shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim);
    let step = AttentionStep {
        cache,
        layer: 0,
        prefix,
        ancestors,
        queries: &mut queries[..rows * query_width],
        keys: &mut keys[..rows * key_width],
        values: &values[..rows * key_width],
        head_norms: None,
        angles,
        first_angle: 0,
    };
    attention.step(pool, level, step, scratch, &mut out[..rows * query_width]).unwrap();
    COUNTED.store(ALLOCATIONS.load(Ordering::Relaxed) - before, Ordering::Relaxed);
}

/// Allocations of the last pass.
static COUNTED: AtomicUsize = AtomicUsize::new(0);

fn main() {
    let shape = AttentionShape {
        heads: 6,
        kv_heads: 2,
        head_dim: 16,
        scale: 0.25,
        soft_cap: None,
        window: None,
    };
    let attention = Attention::new(shape).unwrap();
    // (0) with 31 children, in paths of two.
    let offsets: Vec<u32> = (0..=32).map(|row: u32| (2 * row).saturating_sub(1)).collect();
    let indices: Vec<u32> = (0..32).flat_map(|row| [0, row]).skip(1).collect();
    for (threads, kind, window) in [
        (1, KvType::F32, None),
        (2, KvType::F16, None),
        (3, KvType::F16, Some(200)),
        (8, KvType::F32, Some(20)),
    ] {
        let attention = Attention::new(AttentionShape { window, ..attention.shape() }).unwrap();
        let pool = ThreadPool::new(threads);
        let mut cache = KvCache::new(
            KvShape { layers: 1, kv_heads: 2, head_dim: 16, capacity: CAPACITY },
            kind,
        )
        .unwrap();
        let mut buffers = [6, 2, 2, 6].map(|heads| vec![0.5; CAPACITY * heads * 16]);
        let mut angles = RotaryAngles::default();
        let mut scratch = AttentionScratch::default();
        scratch.reserve(&attention, threads, 512, CAPACITY);
        let mut run = |prefix, ancestors| {
            let operands = (prefix, ancestors);
            pass(&pool, &attention, &mut cache, &mut scratch, &mut angles, &mut buffers, operands);
            COUNTED.load(Ordering::Relaxed)
        };
        // The first pass fills what grows with the rows alone: the angles, and what the threads need to wait.
        assert!(run(0, Ancestors::chain(512)) > 0, "the count counts");
        assert_eq!(run(0, Ancestors::chain(512)), 0, "the same again");
        for prefix in [0, 1, 127, 128, 300, 511, 600, 668] {
            assert_eq!(run(prefix, Ancestors::chain(1)), 0, "one row at {prefix}");
            assert_eq!(run(prefix, Ancestors::chain(9)), 0, "nine rows at {prefix}");
            let tree = Ancestors::tree(&offsets, &indices).unwrap();
            assert_eq!(run(prefix, tree), 0, "a tree at {prefix}");
        }
    }
    println!("1 passed, 0 failed");
}
