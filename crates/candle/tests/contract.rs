//! The CPU engine keeps the model contract to the bit, for every kind of weights, cache and thread count.

mod random_model;

use std::{num::NonZeroUsize, path::Path};

use candle_core::{DType, quantized::GgmlDType};
use foretoken_candle::{CandleModel, CpuOptions, KvType, LoadOptions, TensorOptions};
use foretoken_core::{
    Model, ModelErrorKind, NodeId, Step, TokenTree, Want, blocking::*, tree::Limits,
};
use foretoken_testkit::contract::check_model;
use random_model::{Dimensions, Family, RandomModel};

fn options(threads: usize, cache: KvType) -> LoadOptions {
    let threads = NonZeroUsize::new(threads).unwrap();
    let engine = CpuOptions::default().with_threads(threads).with_cache(cache);
    LoadOptions::default().with_engine(engine)
}

fn gguf(family: Family, dimensions: Dimensions, element: GgmlDType) -> tempfile::TempPath {
    let path = tempfile::Builder::new().suffix(".gguf").tempfile().unwrap().into_temp_path();
    // A mixture, as files have: one matrix of another type.
    let element = |name: &str| if name.contains("ffn_down") { GgmlDType::Q8_0 } else { element };
    RandomModel::new(family, dimensions, 2).write_gguf(&path, element);
    path
}

/// Every type of weights that has a kernel of its own, and one that has none.
const ELEMENTS: [GgmlDType; 12] = [
    GgmlDType::F32,
    GgmlDType::F16,
    GgmlDType::BF16,
    GgmlDType::Q4_0,
    GgmlDType::Q4_1,
    GgmlDType::Q5_0,
    GgmlDType::Q5_1,
    GgmlDType::Q8_0,
    GgmlDType::Q3K,
    GgmlDType::Q4K,
    GgmlDType::Q5K,
    GgmlDType::Q6K,
];

#[test]
fn rows_do_not_depend_on_their_neighbours() {
    for (index, element) in ELEMENTS.into_iter().enumerate() {
        let family = Family::ALL[index % 4];
        let dimensions =
            if element.block_size() > 32 { Dimensions::WIDE } else { Dimensions::SMALL };
        let path = gguf(family, Dimensions { tied: index % 3 == 0, ..dimensions }, element);
        let cache = [KvType::F32, KvType::F16][index % 2];
        let mut model = CandleModel::load(&path, &options(1, cache)).unwrap();
        check_model(&mut model).unwrap_or_else(|breach| panic!("{element:?}: {breach}"));
    }
}

#[test]
fn safetensors_keep_the_contract_too() {
    let folder = tempfile::tempdir().unwrap();
    RandomModel::new(Family::Qwen2, Dimensions::SMALL, 3).write_safetensors(
        folder.path(),
        DType::BF16,
        2,
    );
    check_model(&mut CandleModel::load(folder.path(), &options(2, KvType::F32)).unwrap()).unwrap();
}

/// All logits of a bushy tree behind a committed prompt, as bits.
fn bits(path: &Path, options: &LoadOptions) -> Vec<u32> {
    let mut model = CandleModel::load(path, options).unwrap();
    let seq = model.open().unwrap();
    let prompt = TokenTree::chain(7, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    model.forward_blocking(&[Step::new(seq, &prompt, &[])]).unwrap();
    model.commit(seq, &prompt.nodes().collect::<Vec<_>>()).unwrap();
    let mut tree = TokenTree::new(5, Limits::UNLIMITED);
    for index in 0..20u32 {
        let parent = NodeId::new(index as usize / 2);
        let source = foretoken_core::SourceId::new(0);
        tree.add(parent, index % 90, source, 1.0).unwrap();
    }
    let wants = vec![Want::Logits; tree.len()];
    let mut pass = model.forward_blocking(&[Step::new(seq, &tree, &wants)]).unwrap();
    let mut logits = vec![0.0; pass.vocabulary()];
    let mut bits = Vec::new();
    for node in tree.nodes() {
        pass.logits_blocking(0, node, &mut logits).unwrap();
        bits.extend(logits.iter().map(|logit| logit.to_bits()));
    }
    bits
}

#[test]
fn thread_counts_agree_to_the_bit() {
    for element in [GgmlDType::F32, GgmlDType::Q4_1, GgmlDType::Q6K] {
        let path = gguf(Family::Qwen2, Dimensions::WIDE, element);
        let one = bits(&path, &options(1, KvType::F32));
        for threads in [2, 3, 5] {
            assert!(bits(&path, &options(threads, KvType::F32)) == one, "{element:?} {threads}");
        }
    }
}

#[test]
fn the_context_may_be_capped_and_is_kept_to() {
    let path = gguf(Family::Llama, Dimensions::SMALL, GgmlDType::Q8_0);
    let options = options(1, KvType::F32).with_context(NonZeroUsize::new(12).unwrap());
    let mut model = CandleModel::load(&path, &options).unwrap();
    assert_eq!(model.info().context_length, 12);
    check_model(&mut model).unwrap();
    let seq = model.open().unwrap();
    let tree = TokenTree::chain(1, &[2; 12]);
    let error = model.forward_blocking(&[Step::new(seq, &tree, &[])]).err().unwrap();
    assert_eq!(error.kind(), ModelErrorKind::ContextFull);
}

#[test]
fn so_many_sequences_as_asked_for() {
    let path = gguf(Family::Llama, Dimensions::SMALL, GgmlDType::Q8_0);
    let options = options(1, KvType::F32).with_sequences(NonZeroUsize::new(2).unwrap());
    let mut model = CandleModel::load(&path, &options).unwrap();
    let first = model.open().unwrap();
    let second = model.open().unwrap();
    assert_eq!(model.open().err().unwrap().kind(), ModelErrorKind::Unsupported);
    model.close(first);
    let third = model.open().unwrap();
    assert_ne!(third, first);
    assert_ne!(third, second);
}

#[test]
fn hidden_states_are_what_logits_come_from() {
    let folder = tempfile::tempdir().unwrap();
    RandomModel::new(Family::Llama, Dimensions::SMALL, 2).write_safetensors(
        folder.path(),
        DType::F32,
        1,
    );
    let tensor = LoadOptions::default().with_engine(TensorOptions::default());
    let mut models = [&options(2, KvType::F32), &tensor]
        .map(|options| CandleModel::load(folder.path(), options).unwrap());
    let [cpu, tensor] = models.each_mut().map(|model| {
        let size = model.info().hidden_size;
        let seq = model.open().unwrap();
        let tree = TokenTree::chain(1, &[2, 3]);
        let mut pass = model.forward_blocking(&[Step::new(seq, &tree, &[])]).unwrap();
        let mut hidden = vec![0.0; size];
        block_on(pass.hidden(0, NodeId::new(2), &mut hidden)).unwrap();
        assert!(block_on(pass.hidden(0, NodeId::new(3), &mut hidden)).is_err());
        hidden
    });
    assert!(cpu.iter().any(|x| x.abs() > 0.5));
    assert!(cpu.iter().zip(&tensor).all(|(a, b)| (a - b).abs() < 1e-4));
}

/// What a pass has to read, counted by hand from the shapes.
#[test]
fn bytes_of_a_pass_are_weights_and_cache() {
    let Dimensions { vocabulary, hidden, feed_forward, layers, kv_heads, .. } = Dimensions::SMALL;
    let keys = kv_heads * Dimensions::SMALL.head_dim();
    let layer = 2 * hidden * hidden + 2 * keys * hidden + 3 * hidden * feed_forward;
    let weights = 4 * (layers * layer + vocabulary * hidden);
    let folder = tempfile::tempdir().unwrap();
    let tensor = LoadOptions::default().with_engine(TensorOptions::default());
    for tied in [false, true] {
        RandomModel::new(Family::Llama, Dimensions { tied, ..Dimensions::SMALL }, 2)
            .write_safetensors(folder.path(), DType::F32, 1);
        for (options, element) in
            [(&options(1, KvType::F32), 4), (&options(1, KvType::F16), 2), (&tensor, 4)]
        {
            let model = CandleModel::load(folder.path(), options).unwrap();
            assert_eq!(model.bytes_read(0), weights as u64);
            let cache = model.bytes_read(10) - model.bytes_read(0);
            assert_eq!(cache, (10 * layers * 2 * keys * element) as u64);
        }
    }
}
