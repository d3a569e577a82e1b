//! A pass of the CPU engine allocates next to nothing once its memory is there.
//!
//! Without the test harness, whose own thread would allocate beside the passes.

// An allocator that counts is the only way to see this, and cannot be written otherwise.
#![allow(unsafe_code)]

mod random_model;

use std::{
    alloc::{GlobalAlloc, Layout, System},
    num::NonZeroUsize,
    sync::atomic::{AtomicUsize, Ordering},
};

use candle_core::quantized::GgmlDType;
use foretoken_candle::{CandleModel, CpuOptions, KvType, LoadOptions};
use foretoken_core::{
    Model, NodeId, SeqId, SourceId, Step, TokenTree, Want,
    blocking::{BlockingModel, BlockingPass},
    tree::Limits,
};
use random_model::{Dimensions, Family, RandomModel};

/// The system's allocator, with a count of its calls and of the bytes they ask for.
struct Counting;

static CALLS: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicUsize = AtomicUsize::new(0);

// SAFETY: all calls go to the system's allocator as they are.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.fetch_add(1, Ordering::Relaxed);
        BYTES.fetch_add(layout.size(), Ordering::Relaxed);
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

/// What a pass allocates: the boxed future of `forward` and the waker that drives it, the boxed pass, the list of the
/// steps' parts twice over, and the list of what is wanted of the nodes.
const FORWARD: usize = 6;

/// What a tree that is no chain needs besides: its ancestors, and where each row of them begins.
const ANCESTORS: usize = 2;

/// The boxed future of `argmax`, and the waker that drives it.
const ARGMAX: usize = 2;

/// Bytes for each node, most of them its ancestors in the deepest tree of the test.
const NODE: usize = 64;

/// How often and how much is allocated by one thing that a step does.
#[derive(Debug)]
struct Allocated {
    calls: usize,
    bytes: usize,
}

fn counted<T>(action: impl FnOnce() -> T) -> (T, Allocated) {
    let read = || [&CALLS, &BYTES].map(|counter| counter.load(Ordering::Relaxed));
    let [calls, bytes] = read();
    let result = action();
    let after = read();
    (result, Allocated { calls: after[0] - calls, bytes: after[1] - bytes })
}

/// What a pass, one question about it, and its commit allocate.
fn step(model: &mut CandleModel, seq: SeqId, tree: &TokenTree, wants: &[Want]) -> [Allocated; 3] {
    let path = tree.path(NodeId::new(tree.len() - 1));
    let steps = [Step::new(seq, tree, wants)];
    let (pass, forward) = counted(|| model.forward_blocking(&steps));
    let mut pass = pass.unwrap();
    let (token, argmax) = counted(|| pass.argmax_blocking(0, NodeId::ROOT));
    token.unwrap();
    drop(pass);
    let (result, commit) = counted(|| model.commit(seq, &path));
    result.unwrap();
    [forward, argmax, commit]
}

fn chain(nodes: usize) -> TokenTree {
    let tokens: Vec<u32> = (1..nodes as u32).collect();
    TokenTree::chain(0, &tokens)
}

fn bushy(nodes: usize) -> TokenTree {
    let mut tree = TokenTree::new(0, Limits::UNLIMITED);
    for index in 1..nodes {
        let parent = NodeId::new((index - 1) / 2);
        tree.add(parent, index as u32, SourceId::new(0), 0.5).unwrap();
    }
    tree
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    let dimensions = Dimensions { context: 1024, ..Dimensions::WIDE };
    for (element, cache, threads) in [
        (GgmlDType::Q4K, KvType::F32, 1),
        (GgmlDType::Q4_1, KvType::F16, 2),
        (GgmlDType::F32, KvType::F32, 3),
    ] {
        RandomModel::new(Family::Qwen2, dimensions, 1).write_gguf(&path, |_| element);
        let options = CpuOptions::default()
            .with_threads(NonZeroUsize::new(threads).unwrap())
            .with_cache(cache);
        let options = LoadOptions::default().with_engine(options);
        let mut model = CandleModel::load(&path, &options).unwrap();
        let seq = model.open().unwrap();
        let (argmax, logits) = ([Want::Argmax; 64], [Want::Logits; 64]);
        let [first, ..] = step(&mut model, seq, &chain(64), &argmax);
        assert!(first.calls > FORWARD && first.bytes > 64 * 1024, "the count counts: {first:?}");
        step(&mut model, seq, &bushy(64), &logits);
        // The context grows over several blocks of keys meanwhile.
        for round in 0..4 {
            for nodes in [1, 2, 7, 8, 33, 64] {
                for (tree, wants) in [(chain(nodes), &argmax), (bushy(nodes), &logits)] {
                    let [forward, question, commit] = step(&mut model, seq, &tree, wants);
                    let what = format!("{nodes} nodes, round {round}: {forward:?}");
                    let ancestors = if tree.is_chain() { 0 } else { ANCESTORS };
                    assert_eq!(forward.calls, FORWARD + ancestors, "{what}");
                    assert!(forward.bytes <= 256 + NODE * nodes, "{what}");
                    assert_eq!((question.calls, commit.calls), (ARGMAX, 0), "{what}");
                    assert!(question.bytes <= 64, "{question:?}");
                }
            }
        }
        assert!(model.len(seq) > 512);
    }
    println!("1 passed, 0 failed");
}
