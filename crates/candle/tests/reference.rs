//! Both engines against candle's own implementations of the same random models.

mod random_model;

use std::{fs, num::NonZeroUsize, path::Path};

use candle_core::{DType, quantized::GgmlDType};
use foretoken_candle::{CandleModel, CpuOptions, KvType, LoadOptions, TensorOptions};
use foretoken_core::{Model, NodeId, Step, TokenTree, blocking::*};
use random_model::{Dimensions, Family, RandomModel, Reference};

const TOKENS: [u32; 20] = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 95];

/// The logits after each of `TOKENS`: a chain, its commit, a chain.
fn logits(model: &mut CandleModel) -> Vec<Vec<f32>> {
    let seq = model.open().unwrap();
    let mut all = Vec::new();
    for chunk in [&TOKENS[..7], &TOKENS[7..]] {
        let tree = TokenTree::chain(chunk[0], &chunk[1..]);
        let mut pass = model.forward_blocking(&[Step::new(seq, &tree, &[])]).unwrap();
        for node in tree.nodes() {
            let mut logits = vec![0.0; pass.vocabulary()];
            pass.logits_blocking(0, node, &mut logits).unwrap();
            all.push(logits);
        }
        drop(pass);
        model.commit(seq, &tree.nodes().collect::<Vec<NodeId>>()).unwrap();
    }
    model.close(seq);
    all
}

/// The root mean square of the differences, over the standard deviation of the expected logits.
fn distance(got: &[Vec<f32>], expected: &[Vec<f32>]) -> f64 {
    assert_eq!(got.len(), expected.len());
    let all = || expected.iter().flatten().map(|&x| f64::from(x));
    let count = all().count() as f64;
    let mean = all().sum::<f64>() / count;
    let deviation = (all().map(|x| (x - mean).powi(2)).sum::<f64>() / count).sqrt();
    assert!(deviation > 0.5, "logits that say nothing: {deviation}");
    let pairs = got.iter().flatten().zip(all());
    let squares: f64 = pairs.map(|(&got, expected)| (f64::from(got) - expected).powi(2)).sum();
    (squares / count).sqrt() / deviation
}

fn cpu() -> LoadOptions {
    LoadOptions::default().with_engine(CpuOptions::default().with_threads(NonZeroUsize::MIN))
}

fn tensor() -> LoadOptions {
    LoadOptions::default().with_engine(TensorOptions::default())
}

fn assert_near(path: &Path, options: &LoadOptions, expected: &[Vec<f32>], tolerance: f64) {
    let mut model = CandleModel::load(path, options).unwrap();
    let distance = distance(&logits(&mut model), expected);
    assert!(
        distance <= tolerance,
        "{distance} from the reference, with {options:?}, {}",
        path.display()
    );
}

/// All families, with the output layer apart and tied; Gemma's is always tied.
fn models(dimensions: Dimensions) -> impl Iterator<Item = RandomModel> {
    Family::ALL.into_iter().flat_map(move |family| {
        let outputs: &[bool] = if family == Family::Gemma3 { &[true] } else { &[false, true] };
        let model = move |&tied| RandomModel::new(family, Dimensions { tied, ..dimensions }, 1);
        outputs.iter().map(model)
    })
}

#[test]
fn safetensors_in_single_precision() {
    for model in models(Dimensions::SMALL) {
        let expected = Reference::of(&model).logits(&TOKENS);
        for files in [1, 3] {
            let folder = tempfile::tempdir().unwrap();
            model.write_safetensors(folder.path(), DType::F32, files);
            assert_near(folder.path(), &cpu(), &expected, 2e-5);
            assert_near(folder.path(), &tensor(), &expected, 2e-5);
            let file = ["model.safetensors", "model.safetensors.index.json"][files / 3];
            assert_near(&folder.path().join(file), &cpu(), &expected, 2e-5);
        }
    }
}

#[test]
fn safetensors_in_half_precision() {
    for model in models(Dimensions::SMALL) {
        for dtype in [DType::F16, DType::BF16] {
            let expected = Reference::of(&model.rounded(dtype)).logits(&TOKENS);
            let folder = tempfile::tempdir().unwrap();
            model.write_safetensors(folder.path(), dtype, 1);
            assert_near(folder.path(), &cpu(), &expected, 2e-5);
            assert_near(folder.path(), &tensor(), &expected, 2e-5);
            let half = CpuOptions::default().with_cache(KvType::F16);
            assert_near(folder.path(), &cpu().with_engine(half), &expected, 5e-3);
            let half = TensorOptions::default().with_dtype(dtype);
            let tolerance = if dtype == DType::F16 { 1e-2 } else { 0.1 };
            assert_near(folder.path(), &tensor().with_engine(half), &expected, tolerance);
        }
    }
}

#[test]
fn gguf_in_every_type() {
    let small = [GgmlDType::F32, GgmlDType::F16, GgmlDType::BF16, GgmlDType::Q8_0];
    let coarse = [GgmlDType::Q4_0, GgmlDType::Q4_1, GgmlDType::Q5_0, GgmlDType::Q5_1];
    let wide = [GgmlDType::Q2K, GgmlDType::Q3K, GgmlDType::Q4K, GgmlDType::Q5K, GgmlDType::Q6K];
    for (dimensions, elements) in
        [(Dimensions::SMALL, [&small[..], &coarse].concat()), (Dimensions::WIDE, wide.to_vec())]
    {
        // One of each family, two of them tied.
        for model in models(dimensions).step_by(2) {
            for &element in &elements {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("model.gguf");
                model.write_gguf(&path, |_| element);
                let expected = Reference::of_gguf(&path, &model, element).logits(&TOKENS);
                // Activations are rounded to 8 bits in every type of blocks, each implementation in its own way.
                let tolerance = if element.block_size() == 1 { 2e-5 } else { 0.1 };
                assert_near(&path, &cpu(), &expected, tolerance);
                assert_near(&path, &tensor(), &expected, tolerance);
            }
        }
    }
}

/// The same weights through both kinds of files: names, order of dimensions and biases agree.
#[test]
fn both_kinds_of_files_hold_the_same_model() {
    for model in models(Dimensions::SMALL) {
        let folder = tempfile::tempdir().unwrap();
        model.write_safetensors(folder.path(), DType::F32, 1);
        let path = folder.path().join("model.gguf");
        model.write_gguf(&path, |_| GgmlDType::F32);
        let mut from_gguf = CandleModel::load(&path, &cpu()).unwrap();
        let expected = logits(&mut from_gguf);
        assert_near(folder.path(), &cpu(), &expected, 1e-5);
    }
}

/// Rows that candle cannot multiply in some types: both engines still can.
#[test]
fn odd_numbers_of_blocks() {
    let elements = [GgmlDType::Q4_0, GgmlDType::Q4_1, GgmlDType::Q5_0, GgmlDType::Q5_1];
    for element in elements {
        let model = RandomModel::new(Family::Llama, Dimensions::ODD, 5);
        let path = tempfile::Builder::new().suffix(".gguf").tempfile().unwrap().into_temp_path();
        model.write_gguf(&path, |_| element);
        let expected = logits(&mut CandleModel::load(&path, &tensor()).unwrap());
        assert_near(&path, &cpu(), &expected, 0.1);
    }
}

/// Scores and logits through a hyperbolic tangent, as Gemma 2 had them.
#[test]
fn caps_are_candles() {
    let model = RandomModel::new(Family::Gemma3, Dimensions { tied: true, ..Dimensions::SMALL }, 7);
    let mut config = model.config();
    config["attn_logit_softcapping"] = 3.0.into();
    config["final_logit_softcapping"] = 4.0.into();
    config["query_pre_attn_scalar"] = Dimensions::SMALL.head_dim().into();
    let plain = Reference::of(&model).logits(&TOKENS);
    let expected = Reference::configured(&model, config.clone()).logits(&TOKENS);
    assert!(distance(&plain, &expected) > 0.1);
    let folder = tempfile::tempdir().unwrap();
    model.write_safetensors(folder.path(), DType::F32, 1);
    fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    assert_near(folder.path(), &cpu(), &expected, 2e-5);
    assert_near(folder.path(), &tensor(), &expected, 2e-5);
}

/// Mistral's files are Llama's with a window in every layer; its name is another in `config.json`.
#[test]
fn mistral_is_llama_with_a_window() {
    let model = RandomModel::new(Family::Llama, Dimensions::SMALL, 8);
    let mut config = model.config();
    let folder = tempfile::tempdir().unwrap();
    model.write_safetensors(folder.path(), DType::F32, 1);
    let mut read = |window: serde_json::Value| {
        config["model_type"] = "mistral".into();
        config["sliding_window"] = window;
        let entries = config.as_object_mut().unwrap();
        entries.remove("use_sliding_window");
        entries.remove("max_window_layers");
        fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
        logits(&mut CandleModel::load(folder.path(), &cpu()).unwrap())
    };
    let whole = read(serde_json::Value::Null);
    let expected = Reference::of(&model).logits(&TOKENS);
    assert!(distance(&whole, &expected) <= 2e-5);
    let near = read(5.into());
    assert_eq!(near[..5], whole[..5]);
    assert!(distance(&near, &whole) > 0.01);
}

/// The configuration of Llama 3.1, which candle's implementation knows too.
#[test]
fn frequencies_scaled_by_wavelength() {
    let model = RandomModel::new(Family::Llama, Dimensions::SMALL, 6);
    let mut config = model.config();
    config["rope_scaling"] = serde_json::json!({
        "rope_type": "llama3",
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64,
    });
    let plain = Reference::of(&model).logits(&TOKENS);
    let expected = Reference::configured(&model, config.clone()).logits(&TOKENS);
    assert!(distance(&plain, &expected) > 0.1);
    let folder = tempfile::tempdir().unwrap();
    model.write_safetensors(folder.path(), DType::F32, 1);
    fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    assert_near(folder.path(), &cpu(), &expected, 2e-5);
    assert_near(folder.path(), &tensor(), &expected, 2e-5);
}
