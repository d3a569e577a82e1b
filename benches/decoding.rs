//! What a step costs besides the forward pass: trees, masks, sources and the loop.
//!
//! `cargo bench -p foretoken-benches --bench decoding`

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use foretoken::blocking::{BlockingDecoder, BlockingSource};
use foretoken::decoder::{BudgetMode, Config};
use foretoken::replay::{ReplayModel, Trace};
use foretoken::testkit::toy::ToyModel;
use foretoken::tree::{Limits, TreeMask};
use foretoken::{
    CandidateSource, Context, CostTable, Draft, GuessAndVerify, Ledger, NodeId, Notes, Outcome,
    Predictions, Request, SourceId, Statistics, Token, TokenSet, TokenTree, strategy,
};

const VOCABULARY: Token = 500;
/// Tokens before a step.
const CONTEXTS: [usize; 4] = [1 << 10, 1 << 12, 1 << 15, 1 << 17];
/// Tokens of a replayed generation.
const GENERATED: usize = 200;

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

/// Text with repetition: a token has one usual successor, and now and then another.
fn text(tokens: usize) -> Vec<Token> {
    let mut state = 7u32;
    let mut draw = move |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % below
    };
    let mut last = 0;
    let mut next = || {
        last = if draw(4) > 0 { (last * 7 + 3) % VOCABULARY } else { draw(VOCABULARY) };
        last
    };
    std::iter::repeat_with(&mut next).take(tokens).collect()
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

/// Every strategy that guesses, up to date behind contexts of so many tokens: one proposal, and one proposal with what the
/// pass over it showed.
fn sources(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("source");
    let end = TokenSet::default();
    for tokens in CONTEXTS {
        let history = text(tokens);
        for entry in strategy::all().iter().filter(|entry| entry.name != "autoregressive") {
            let context = Context::new(&history, 16, VOCABULARY as usize, &end);
            let mut proposal = Proposal::new(entry.name, &context);
            let id = |part| BenchmarkId::new(format!("{part} {}", entry.name), tokens);
            group.bench_function(id("propose"), |bencher| bencher.iter(|| proposal.make()));
            group.bench_function(id("propose and observe"), |bencher| {
                bencher.iter(|| {
                    proposal.make();
                    proposal.observe();
                });
            });
        }
    }
    group.finish();
}

/// A source with all that a decoder lends it for a step.
struct Proposal<'a> {
    source: Box<dyn CandidateSource>,
    name: &'static str,
    context: &'a Context<'a>,
    tree: TokenTree,
    notes: Notes,
    ledger: Ledger,
    predictions: Predictions,
}

impl<'a> Proposal<'a> {
    fn new(name: &'static str, context: &'a Context<'a>) -> Self {
        let mut source = strategy::by_name(name).expect("a name of the registry");
        source.begin(context.history, 0);
        let tree = TokenTree::new(context.last(), Limits::default());
        let (notes, ledger) = (Notes::new(), Ledger::new());
        Self { source, name, context, tree, notes, ledger, predictions: Predictions::default() }
    }

    fn make(&mut self) {
        let Self { source, name, context, tree, notes, ledger, .. } = self;
        tree.reset(context.last(), Limits::default());
        notes.clear();
        let mut draft = Draft::new(tree, notes, ledger, name, context.vocabulary);
        source.propose_blocking(context, &mut draft).expect("sources of the facade");
    }

    /// Nothing was right; eight predictions are known after every node.
    fn observe(&mut self) {
        self.predictions.reset(self.tree.len());
        for node in self.tree.nodes() {
            let first = self.tree.token(node) * 7 + 3;
            let ranked = (0..8).map(|rank| ((first + rank) % VOCABULARY, -(rank as f32)));
            self.predictions.set_top_k(node, ranked.collect());
        }
        let (accepted, emitted) = ([NodeId::ROOT], [(self.context.last() * 7 + 3) % VOCABULARY]);
        self.source.observe(&Outcome::new(&self.tree, &self.predictions, &accepted, &emitted));
    }
}

/// All of a step but the pass and the walk over what it found: proposing, merging, choosing and observing, by the decoder's
/// own clock, on a recorded generation behind contexts of so many tokens.
fn steps(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("step");
    group.sample_size(10);
    for tokens in CONTEXTS {
        let said = text(tokens + GENERATED);
        let ranked = |&token: &Token| {
            (0..8).map(|rank| ((token + rank) % VOCABULARY, -(rank as f32))).collect()
        };
        let mut trace = Trace::default();
        trace.vocabulary = VOCABULARY as usize;
        trace.predictions = said[1..].iter().map(ranked).collect();
        (trace.prompt, trace.tokens) = (said[..tokens].to_vec(), said[tokens..].to_vec());
        let costs = CostTable::linear(0.02, 0.1).expect("a table");
        for name in ["suffix", "recycling", "lookahead", "auto"] {
            group.bench_function(BenchmarkId::new(name, tokens), |bencher| {
                bencher.iter_custom(|runs| {
                    (0..runs).map(|_| beside_passes(name, &trace, &costs)).sum()
                });
            });
        }
    }
    group.finish();
}

/// The time of a mean step beside its pass.
fn beside_passes(name: &str, trace: &Trace, costs: &CostTable) -> Duration {
    let source = strategy::by_name(name).expect("a name of the registry");
    let output = GuessAndVerify::new(ReplayModel::new(trace, costs.clone()), source)
        .decode_blocking(&trace.request(), &mut ())
        .expect("a trace is replayed");
    let statistics = output.statistics;
    let Statistics { propose_time, commit_time, observe_time, steps, .. } = statistics;
    (propose_time + commit_time + observe_time) / steps as u32
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

criterion_group!(benches, trees, sources, steps, loops);
criterion_main!(benches);
