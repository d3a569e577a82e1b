//! How far the tensor engine's logits drift with what runs beside a node, and what its strict option leaves of that.

mod random_model;

use std::{num::NonZeroUsize, path::Path};

use candle_core::{DType, quantized::GgmlDType};
use foretoken_candle::{CandleModel, LoadOptions, TensorOptions};
use foretoken_core::{
    Model, NodeId, SeqId, SourceId, Step, Token, TokenTree, Want,
    blocking::{BlockingModel, BlockingPass},
    tree::Limits,
};
use random_model::{Dimensions, Family, RandomModel};

const PROMPT: usize = 40;

fn token(at: usize) -> Token {
    ((at as u32).wrapping_mul(2_654_435_761) >> 16) % Dimensions::SMALL.vocabulary as u32
}

/// All logits of all nodes of a tree.
fn logits(model: &mut CandleModel, seq: SeqId, tree: &TokenTree) -> Vec<Vec<f32>> {
    let wants = vec![Want::Logits; tree.len()];
    let mut pass = model.forward_blocking(&[Step::new(seq, tree, &wants)]).unwrap();
    let row = |node| {
        let mut row = vec![0.0; pass.vocabulary()];
        pass.logits_blocking(0, node, &mut row).unwrap();
        row
    };
    tree.nodes().map(row).collect()
}

/// The largest difference between a node's logits in trees of several sizes and in plain decoding along its path.
fn drift(path: &Path, options: &TensorOptions) -> f32 {
    let options = LoadOptions::default().with_engine(options.clone());
    let mut model = CandleModel::load(path, &options).unwrap();
    let mut worst = 0.0f32;
    for nodes in [2, 7, 24] {
        let seq = model.open().unwrap();
        let prompt: Vec<Token> = (0..PROMPT).map(token).collect();
        let prompt = TokenTree::chain(prompt[0], &prompt[1..]);
        drop(model.forward_blocking(&[Step::new(seq, &prompt, &[])]).unwrap());
        model.commit(seq, &prompt.nodes().collect::<Vec<_>>()).unwrap();
        let mut tree = TokenTree::new(7, Limits::UNLIMITED);
        for node in 1..nodes {
            let parent = NodeId::new((node - 1) / 2);
            tree.add(parent, token(node), SourceId::new(0), 1.0).unwrap();
        }
        let together = logits(&mut model, seq, &tree);
        for node in tree.nodes() {
            let tokens = tree.path_tokens(node);
            let mut alone = Vec::new();
            for &token in &tokens {
                alone = logits(&mut model, seq, &TokenTree::chain(token, &[])).remove(0);
                model.commit(seq, &[NodeId::ROOT]).unwrap();
            }
            model.truncate(seq, PROMPT).unwrap();
            let pairs = alone.iter().zip(&together[node.index()]);
            worst = pairs.map(|(a, b)| (a - b).abs()).fold(worst, f32::max);
        }
        model.close(seq);
    }
    worst
}

/// Bounds are some times what was measured; the drift of stock kernels differs from machine to machine.
#[test]
fn strict_passes_drift_less() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    for (element, dtype, most) in [
        (GgmlDType::F32, DType::F32, 2e-4),
        (GgmlDType::Q8_0, DType::F32, 2e-2),
        (GgmlDType::F32, DType::F16, 2e-2),
    ] {
        let (mut loose, mut strict) = (0.0, 0.0);
        for (seed, family) in [Family::Llama, Family::Qwen2].into_iter().enumerate() {
            RandomModel::new(family, Dimensions::SMALL, seed as u64).write_gguf(&path, |_| element);
            let options = TensorOptions::default().with_dtype(dtype);
            loose += drift(&path, &options);
            strict += drift(&path, &options.with_strict(NonZeroUsize::new(8).unwrap()));
        }
        println!("{element:?} in {dtype:?}: {loose:e}, strict {strict:e}");
        assert!(strict <= loose && strict < most, "{element:?} in {dtype:?}: {loose}, {strict}");
    }
}
