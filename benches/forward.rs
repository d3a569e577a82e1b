//! Whole forward passes of a model of SmolLM2-135M's shape, with random weights.
//!
//! `cargo bench -p foretoken-benches --bench forward`

mod weights;

use std::fs::File;
use std::hint::black_box;
use std::path::Path;

use candle_core::quantized::ggml_file::qtensor_from_ggml;
use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use foretoken::blocking::BlockingModel;
use foretoken::candle::{CandleModel, LoadOptions};
use foretoken::tree::Limits;
use foretoken::{Model, NodeId, SourceId, Step, TokenTree, Want};

const LAYERS: usize = 30;
const HIDDEN: usize = 576;
const KEYS: usize = 192;
const FEED_FORWARD: usize = 1536;
const VOCABULARY: usize = 49_152;

/// Nodes of a pass.
const NODES: [usize; 5] = [1, 4, 8, 16, 64];

/// A matrix of `rows` outputs; the embedding, which is the output layer too, is of the larger type.
fn matrix(name: &str, rows: usize, cols: usize) -> (String, QTensor) {
    let (element, block) = if name == "token_embd" {
        (GgmlDType::Q8_0, weights::Q8_0)
    } else {
        (GgmlDType::Q4_1, weights::Q4_1)
    };
    let bytes = weights::bytes(block, rows, cols);
    let tensor = qtensor_from_ggml(element, &bytes, vec![rows, cols], &Device::Cpu)
        .expect("bytes of this shape");
    (format!("{name}.weight"), tensor)
}

fn norm(name: &str) -> (String, QTensor) {
    let ones = Tensor::ones(HIDDEN, candle_core::DType::F32, &Device::Cpu).expect("a vector");
    let tensor = QTensor::quantize(&ones, GgmlDType::F32).expect("a vector");
    (format!("{name}.weight"), tensor)
}

fn write(path: &Path) {
    let mut tensors = vec![matrix("token_embd", VOCABULARY, HIDDEN), norm("output_norm")];
    for layer in 0..LAYERS {
        let name = |part: &str| format!("blk.{layer}.{part}");
        tensors.extend([
            norm(&name("attn_norm")),
            matrix(&name("attn_q"), HIDDEN, HIDDEN),
            matrix(&name("attn_k"), KEYS, HIDDEN),
            matrix(&name("attn_v"), KEYS, HIDDEN),
            matrix(&name("attn_output"), HIDDEN, HIDDEN),
            norm(&name("ffn_norm")),
            matrix(&name("ffn_gate"), FEED_FORWARD, HIDDEN),
            matrix(&name("ffn_up"), FEED_FORWARD, HIDDEN),
            matrix(&name("ffn_down"), HIDDEN, FEED_FORWARD),
        ]);
    }
    let number = |value: usize| Value::U32(value as u32);
    let metadata = [
        ("general.architecture", Value::String("llama".to_owned())),
        ("llama.block_count", number(LAYERS)),
        ("llama.context_length", number(2048)),
        ("llama.embedding_length", number(HIDDEN)),
        ("llama.feed_forward_length", number(FEED_FORWARD)),
        ("llama.attention.head_count", number(9)),
        ("llama.attention.head_count_kv", number(3)),
        ("llama.attention.layer_norm_rms_epsilon", Value::F32(1e-5)),
        ("llama.rope.dimension_count", number(64)),
        ("llama.rope.freq_base", Value::F32(100_000.0)),
    ];
    let metadata: Vec<(&str, &Value)> = metadata.iter().map(|(key, value)| (*key, value)).collect();
    let tensors: Vec<(&str, &QTensor)> =
        tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
    let mut file = File::create(path).expect("a place to write to");
    gguf_file::write(&mut file, &metadata, &tensors).expect("room for a hundred megabytes");
}

/// Chains of four under the root.
fn tree(nodes: usize) -> TokenTree {
    let mut tree = TokenTree::new(0, Limits::UNLIMITED);
    let mut parent = NodeId::ROOT;
    for guess in 0..nodes - 1 {
        parent = if guess % 4 == 0 { NodeId::ROOT } else { parent };
        parent = tree.add(parent, guess as u32, SourceId::new(0), 0.5).expect("within the limits");
    }
    tree
}

fn passes(criterion: &mut Criterion) {
    let file = tempfile::Builder::new().suffix(".gguf").tempfile().expect("a temporary file");
    write(file.path());
    let mut model = CandleModel::load(file.path(), &LoadOptions::default()).expect("a valid file");
    drop(file);
    let seq = model.open().expect("the first sequence");
    for context in [256, 1024] {
        while model.len(seq) < context {
            let chain = TokenTree::chain(1, &[2; 127]);
            drop(model.forward_blocking(&[Step::new(seq, &chain, &[])]).expect("a pass"));
            model.commit(seq, &chain.nodes().collect::<Vec<_>>()).expect("a commit");
        }
        let mut group = criterion.benchmark_group(format!("forward/{context}"));
        group.sample_size(20);
        for nodes in NODES {
            let tree = tree(nodes);
            let wants = vec![Want::Argmax; nodes];
            group.throughput(Throughput::Elements(nodes as u64));
            group.bench_function(BenchmarkId::from_parameter(nodes), |bencher| {
                bencher.iter(|| {
                    let steps = [Step::new(seq, &tree, &wants)];
                    black_box(model.forward_blocking(&steps).expect("a pass"));
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, passes);
criterion_main!(benches);
