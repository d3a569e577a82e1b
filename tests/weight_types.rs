//! Every strategy says what plain decoding says, whatever type the weights are stored in.
//!
//! The models are random, so that there is one of each type; `real_model` does the same with a trained one, by hand.

#[path = "../crates/candle/tests/random_model/mod.rs"]
mod random_model;
#[path = "roster/mod.rs"]
mod roster;

use std::num::NonZeroUsize;
use std::path::Path;

use candle_core::DType;
use candle_core::quantized::GgmlDType;
use foretoken::blocking::BlockingDecoder;
use foretoken::candle::{CandleModel, CpuOptions, KvType, LoadOptions};
use foretoken::decoder::{BudgetMode, Config};
use foretoken::testkit::oracle;
use foretoken::testkit::sources::Clairvoyant;
use foretoken::{CandidateSource, GuessAndVerify, Model, Request, Token};
use random_model::{Dimensions, Family, RandomModel};

const TOKENS: usize = 200;
const PROMPT: [Token; 12] = [5, 9, 2, 33, 71, 5, 9, 2, 80, 14, 5, 9];

fn load(path: &Path, cache: KvType) -> CandleModel {
    let threads = NonZeroUsize::new(2).expect("not zero");
    let engine = CpuOptions::default().with_threads(threads).with_cache(cache);
    CandleModel::load(path, &LoadOptions::default().with_engine(engine)).expect("a model")
}

/// Decodes with the whole roster, every guess verified, alone and beside a source that knows the output: what random weights
/// say is hard to guess.
fn check(name: &str, mut model: CandleModel) {
    let ends = model.info().end_of_sequence.clone();
    let truth = oracle::greedy(&mut model, &PROMPT, TOKENS, &ends).expect("an output");
    assert_eq!(truth.len(), TOKENS, "{name}: nothing ends this model's output");
    let known = [&PROMPT[..], &truth].concat();
    let request = Request::new(PROMPT).with_max_new_tokens(TOKENS);
    let (mut tokens, mut steps) = (0, 0);
    let mut decode = |spec: &str, source: Box<dyn CandidateSource>| {
        let output = GuessAndVerify::new(&mut model, source)
            .with_config(Config::default().with_budget(BudgetMode::Fixed))
            .decode_blocking(&request, &mut ())
            .expect("a generation");
        let agreed = output.tokens.iter().zip(&truth).take_while(|(a, b)| a == b).count();
        assert_eq!(output.tokens, truth, "{name}: {spec} differs at token {agreed}");
        tokens += output.statistics.generated_tokens;
        steps += output.statistics.steps;
    };
    for (seed, (spec, source)) in (0..).zip(roster::sources()) {
        decode(&spec, source.fork());
        let knows = Clairvoyant::new(seed, vec![known.clone()]);
        decode(&spec, Box::new(vec![source, Box::new(knows) as Box<dyn CandidateSource>]));
    }
    let tokens_per_step = tokens as f64 / steps as f64;
    println!("{name}: {tokens_per_step:.2} tokens a step");
    assert!(tokens_per_step > 1.3, "{name}: {tokens_per_step} tokens a step");
}

fn model(family: Family) -> RandomModel {
    let dimensions = Dimensions { context: 256, tied: true, ..Dimensions::WIDE };
    RandomModel::new(family, dimensions, 6)
}

/// Families take turns, and so do the types of keys and values.
fn turn(index: usize) -> (Family, KvType) {
    (Family::ALL[index % 4], [KvType::F32, KvType::F16][index / 2 % 2])
}

// One test, because passes that share cores with others are slow.
#[test]
fn every_type_of_weights_is_lossless() {
    use GgmlDType::{BF16, F16, F32, Q4_0, Q4_1, Q4K, Q5_0, Q5_1, Q5K, Q6K, Q8_0};
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.gguf");
    let types = [Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4K, Q5K, Q6K, F32, F16, BF16];
    for (index, element) in types.into_iter().enumerate() {
        let (family, cache) = turn(index);
        model(family).write_gguf(&path, |_| element);
        check(
            &format!("{family:?} in a GGUF file, {element:?}, {cache:?} cache"),
            load(&path, cache),
        );
    }
    for (index, dtype) in [DType::F32, DType::F16, DType::BF16].into_iter().enumerate() {
        let (family, cache) = turn(index + 1);
        model(family).write_safetensors(folder.path(), dtype, 1);
        let name = format!("{family:?} in a safetensors file, {dtype:?}, {cache:?} cache");
        check(&name, load(folder.path(), cache));
    }
}
