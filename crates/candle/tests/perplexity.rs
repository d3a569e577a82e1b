//! Quantized products are numerically sound: a text is as likely as with the same weights in single precision.

mod random_model;

use std::{num::NonZeroUsize, ops::ControlFlow};

use candle_core::quantized::GgmlDType;
use foretoken_candle::{CandleModel, CpuOptions, LoadOptions};
use foretoken_core::{Model, NodeId, Step, TokenTree, Want, blocking::*};
use foretoken_measure::{Text, perplexity};
use random_model::{Dice, Dimensions, Family, RandomModel};

/// A model whose attention is as soft as trained ones': where a row sees one other row or another depending on the last
/// bits of a score, as with the weights of other tests, rounding activations to 8 bits costs a percent in any
/// implementation.
fn calm(family: Family) -> RandomModel {
    let mut model = RandomModel::new(family, Dimensions { tied: true, ..Dimensions::WIDE }, 4);
    for (name, tensor) in &mut model.tensors {
        if name.contains("q_proj.weight") || name.contains("k_proj.weight") {
            *tensor = (&*tensor * 0.4).unwrap();
        }
    }
    model
}

const CHUNK: usize = Dimensions::WIDE.context;
const CHUNKS: usize = 16;

/// What the model itself says at temperature 1, chunk by chunk.
fn sample(model: &mut CandleModel) -> Vec<u32> {
    let vocabulary = Dimensions::WIDE.vocabulary as u32;
    let (mut dice, mut text) = (Dice(8), Vec::new());
    let seq = model.open().unwrap();
    for chunk in 0..CHUNKS as u32 {
        model.truncate(seq, 0).unwrap();
        let mut token = chunk % vocabulary;
        for _ in 0..CHUNK {
            text.push(token);
            let tree = TokenTree::chain(token, &[]);
            let step = Step::new(seq, &tree, &[Want::Logits]);
            let mut pass = model.forward_blocking(&[step]).unwrap();
            let mut weights = vec![0.0; pass.vocabulary()];
            pass.logits_blocking(0, NodeId::ROOT, &mut weights).unwrap();
            drop(pass);
            model.commit(seq, &[NodeId::ROOT]).unwrap();
            for weight in &mut weights {
                *weight = weight.exp();
            }
            let mut left = (dice.next() / 3.4 + 0.5) * weights.iter().sum::<f32>();
            let reached = weights.iter().position(|weight| {
                left -= weight;
                left <= 0.0
            });
            token = reached.unwrap_or(weights.len() - 1) as u32;
        }
    }
    model.close(seq);
    text
}

fn of(model: &mut CandleModel, tokens: &[u32]) -> f64 {
    let text = Text::new(&[], tokens, CHUNK).unwrap();
    let found = perplexity(model, &text, &mut |_| ControlFlow::Continue(()));
    found.unwrap().unwrap().perplexity()
}

#[test]
fn quantized_weights_are_as_good_as_dequantized_ones() {
    use GgmlDType::{Q4_0, Q4_1, Q4K, Q5_0, Q5_1, Q5K, Q6K, Q8_0};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    let options = CpuOptions::default().with_threads(NonZeroUsize::MIN);
    let options = LoadOptions::default().with_engine(options);
    let load = |model: &RandomModel, element| {
        model.write_gguf(&path, |_| element);
        CandleModel::load(&path, &options).unwrap()
    };
    for (index, element) in [Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4K, Q5K, Q6K].into_iter().enumerate() {
        let family = Family::ALL[index % 4];
        let model = calm(family);
        let mut dequantized = load(&model.quantized(element), GgmlDType::F32);
        let text = sample(&mut dequantized);
        let expected = of(&mut dequantized, &text);
        let found = of(&mut load(&model, element), &text);
        let ratio = found / expected;
        println!("{element:?}: {found:.4} against {expected:.4}, ratio {ratio:.5}");
        assert!((ratio - 1.0).abs() < 0.005, "{element:?}: {found} against {expected}");
    }
}
