//! What a step costs besides the forward pass: trees, masks, sources and the loop.
//!
//! `cargo bench -p foretoken-benches --bench decoding`

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use foretoken::blocking::{BlockingDecoder, BlockingSource};
use foretoken::decoder::{BudgetMode, Config};
use foretoken::testkit::toy::{ToyConfig, ToyModel};
use foretoken::tree::{Limits, TreeMask};
use foretoken::{
    Context, Draft, GuessAndVerify, Ledger, NodeId, Notes, Request, SourceId, Token, TokenSet,
    TokenTree, strategy,
};

/// A bushy tree like those of a composition: chains of four that share beginnings.
fn bushy(nodes: usize) -> TokenTree {
    let mut tree = TokenTree::new(0, Limits { nodes, depth: usize::MAX });
    let mut state = 1u32;
    while tree.remaining() > 0 {
        let mut parent = NodeId::ROOT;
        for _ in 0..4 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            match tree.add(parent, state >> 29, SourceId::new(0), 0.5) {
                Ok(node) => parent = node,
                Err(_) => break,
            }
        }
    }
    tree
}

/// Text with repetition: what a toy model says.
fn text(tokens: usize) -> Vec<Token> {
    let config =
        ToyConfig { vocabulary: 500, order: 1, context_length: tokens + 8, ..ToyConfig::default() };
    let mut model = ToyModel::new(config);
    let source = strategy::by_name("prompt-lookup").expect("a strategy of the facade");
    let request = Request::new([1, 2, 3]).with_max_new_tokens(tokens - 3);
    let output = GuessAndVerify::new(&mut model, source)
        .decode_blocking(&request, &mut ())
        .expect("a toy model decodes");
    [&[1, 2, 3], &*output.tokens].concat()
}

fn trees(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tree");
    for nodes in [8, 64] {
        group.throughput(Throughput::Elements(nodes as u64));
        group.bench_with_input(BenchmarkId::new("merge", nodes), &nodes, |bencher, &nodes| {
            bencher.iter(|| bushy(black_box(nodes)));
        });
        let tree = bushy(nodes);
        group.bench_with_input(BenchmarkId::new("ancestors", nodes), &tree, |bencher, tree| {
            bencher.iter(|| TreeMask::new(black_box(tree), 1000).ancestors());
        });
        group.bench_with_input(BenchmarkId::new("bits", nodes), &tree, |bencher, tree| {
            bencher.iter(|| TreeMask::new(black_box(tree), 1000).bits());
        });
        group.bench_with_input(BenchmarkId::new("dense", nodes), &tree, |bencher, tree| {
            bencher.iter(|| TreeMask::new(black_box(tree), 1000).dense::<f32>());
        });
    }
    group.finish();
}

/// One proposal after a context of so many tokens, the source being up to date.
fn proposals(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("propose");
    let end = TokenSet::default();
    let history = text(4096);
    for entry in strategy::all() {
        let mut source = strategy::by_name(entry.name).expect("a name of the registry");
        source.begin(&history, 0);
        let context = Context::new(&history, 16, 500, &end);
        let mut tree = TokenTree::new(context.last(), Limits::default());
        let (mut notes, mut ledger) = (Notes::new(), Ledger::new());
        group.bench_function(entry.name, |bencher| {
            bencher.iter(|| {
                tree.reset(context.last(), Limits::default());
                notes.clear();
                let mut draft =
                    Draft::new(&mut tree, &mut notes, &mut ledger, entry.name, context.vocabulary);
                source.propose_blocking(&context, &mut draft).expect("sources of the facade");
            });
        });
    }
    group.finish();
}

/// Whole generations on a model that costs nothing: all that is left is overhead.
fn loops(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("loop");
    let request = Request::new([1, 2, 3]).with_max_new_tokens(256);
    group.throughput(Throughput::Elements(256));
    let config = Config::default().with_budget(BudgetMode::Fixed);
    for entry in strategy::all() {
        group.bench_function(entry.name, |bencher| {
            bencher.iter(|| {
                let source = strategy::by_name(entry.name).expect("a name of the registry");
                GuessAndVerify::new(ToyModel::default(), source)
                    .with_config(config)
                    .decode_blocking(&request, &mut ())
                    .expect("a toy model decodes")
            });
        });
    }
    group.finish();
}

criterion_group!(benches, trees, proposals, loops);
criterion_main!(benches);
