//! Files that are cut off, changed or contradict themselves are errors, never a panic and never a wrong model.

mod random_model;

use std::{fs, path::Path};

use candle_core::{DType, quantized::GgmlDType};
use foretoken_candle::{CandleModel, LoadOptions};
use proptest::prelude::*;
use random_model::{Dimensions, Family, RandomModel};

fn load(path: &Path) -> Result<CandleModel, String> {
    let options = LoadOptions::default();
    CandleModel::load(path, &options).map_err(|error| {
        let message = error.to_string();
        assert!(!message.contains('\n'), "one line: {message}");
        message
    })
}

fn refused(path: &Path) -> String {
    load(path).map(|_| ()).unwrap_err()
}

fn small() -> RandomModel {
    let dimensions = Dimensions { layers: 1, vocabulary: 40, ..Dimensions::SMALL };
    RandomModel::new(Family::Llama, dimensions, 4)
}

fn gguf_bytes() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    small().write_gguf(&path, |_| GgmlDType::Q4_1);
    fs::read(path).unwrap()
}

/// Loads bytes as a GGUF file.
fn load_bytes(bytes: &[u8]) -> Result<CandleModel, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    fs::write(&path, bytes).unwrap();
    load(&path)
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = bytes.windows(from.len()).position(|window| window == from).expect("it is there");
    let mut bytes = bytes.to_vec();
    bytes[at..at + to.len()].copy_from_slice(to);
    bytes
}

#[test]
fn a_gguf_file_cut_off_anywhere_is_refused() {
    let bytes = gguf_bytes();
    assert!(load_bytes(&bytes).is_ok());
    let step = bytes.len() / 400;
    // The last tensor may be followed by padding that nobody misses.
    for len in (0..bytes.len() - 32).step_by(step.max(1)).chain(0..64) {
        let error = load_bytes(&bytes[..len]).map(|_| len).unwrap_err();
        assert!(error.contains("damaged") || error.contains("GGUF"), "{len}: {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Whatever a head says, reading it ends; a model may come of it if the change was harmless.
    #[test]
    fn changed_heads_do_no_harm(changes in prop::collection::vec((0usize..1500, any::<u8>()), 1..4)) {
        thread_local! { static BYTES: Vec<u8> = gguf_bytes(); }
        let mut bytes = BYTES.with(Clone::clone);
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        let _ = load_bytes(&bytes);
    }
}

#[test]
fn messages_name_what_is_wrong() {
    let bytes = gguf_bytes();
    let error = |from: &[u8], to: &[u8]| load_bytes(&replaced(&bytes, from, to)).unwrap_err();
    let cases: [(&[u8], &[u8], &[&str]); 6] = [
        (b"GGUF", b"GGML", &["does not begin"]),
        (b"GGUF\x02", b"GGUF\x09", &["version 9"]),
        (b"llama\x05", b"mambo\x05", &["mambo", "llama, qwen2"]),
        (b"blk.0.attn_q.w", b"blk.0.attn_q.v", &["blk.0.attn_q"]),
        (b"llama.block_count", b"llama.block_caunt", &["llama.block_count"]),
        // A number of four bytes, which is four.
        (
            b"head_count\x04\0\0\0\x04\0\0\0",
            b"head_count\x04\0\0\0\0\0\0\0",
            &["number of heads is 0"],
        ),
    ];
    for (from, to, words) in cases {
        let to = if from == b"llama\x05" { b"mambo\x05".as_slice() } else { to };
        let message = match from {
            b"llama\x05" => {
                // The value, not a key: it follows its length.
                let value = [&5u64.to_le_bytes()[..], b"llama"].concat();
                let other = [&5u64.to_le_bytes()[..], b"mambo"].concat();
                error(&value, &other)
            }
            _ => error(from, to),
        };
        for word in words {
            assert!(message.contains(word), "{message}");
        }
    }
}

#[test]
fn weights_that_are_no_numbers_are_refused() {
    let mut model = small();
    let weight = model.tensors.get_mut("model.layers.0.mlp.up_proj.weight").unwrap();
    *weight = (weight.clone() * f64::INFINITY).unwrap();
    let folder = tempfile::tempdir().unwrap();
    model.write_safetensors(folder.path(), DType::F32, 1);
    let message = refused(folder.path());
    assert!(message.contains("mlp.up_proj.weight") && message.contains("finite"), "{message}");
}

#[test]
fn safetensors_that_do_not_fit_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let weights = folder.path().join("model.safetensors");
    small().write_safetensors(folder.path(), DType::F32, 1);
    let bytes = fs::read(&weights).unwrap();
    for len in [0, 7, 8, 100, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&weights, &bytes[..len]).unwrap();
        let message = refused(folder.path());
        assert!(message.contains("damaged"), "{len}: {message}");
    }
    fs::write(&weights, &bytes).unwrap();
    assert!(load(folder.path()).is_ok());

    let config = folder.path().join("config.json");
    let good = small().config();
    let with = |key: &str, value: serde_json::Value| {
        let mut changed = good.clone();
        changed[key] = value;
        fs::write(&config, changed.to_string()).unwrap();
        refused(folder.path())
    };
    for (key, value, word) in [
        ("model_type", "gpt_neo".into(), "gpt_neo"),
        ("hidden_size", 136.into(), "model.embed_tokens.weight"),
        ("vocab_size", 41.into(), "model.embed_tokens.weight"),
        ("num_attention_heads", 5.into(), "key/value heads"),
        ("num_attention_heads", 0.into(), "heads"),
        ("num_hidden_layers", 2.into(), "model.layers.1."),
        ("num_hidden_layers", 0.into(), "layers"),
        ("num_hidden_layers", 1_000_000_000_000_u64.into(), "layers"),
        ("max_position_embeddings", 0.into(), "context"),
        ("rms_norm_eps", "small".into(), "config"),
        ("hidden_act", "gelu".into(), "gelu"),
        ("rope_scaling", serde_json::json!({"type": "yarn", "factor": 4.0}), "yarn"),
    ] {
        let message = with(key, value);
        assert!(message.contains(word), "{key}: {message}");
    }
    fs::remove_file(&config).unwrap();
    assert!(refused(folder.path()).contains("config.json"));
}

#[test]
fn an_index_must_stay_in_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    small().write_safetensors(folder.path(), DType::F32, 2);
    assert!(load(folder.path()).is_ok());
    let index = folder.path().join("model.safetensors.index.json");
    let text = fs::read_to_string(&index).unwrap();
    fs::write(&index, text.replace("model-00002", "../model-00002")).unwrap();
    assert!(refused(folder.path()).contains("outside"));
    fs::write(&index, text.replace("model-00002", "model-00003")).unwrap();
    assert!(refused(folder.path()).contains("model-00003"));
    fs::write(&index, "{}").unwrap();
    assert!(refused(folder.path()).contains("weight_map"));
}

#[test]
fn what_is_not_there_is_said() {
    let folder = tempfile::tempdir().unwrap();
    assert!(refused(&folder.path().join("none.gguf")).contains("none.gguf"));
    assert!(refused(folder.path()).contains("model.safetensors"));
}

/// A part that this description of the network does not have would be left out silently.
#[test]
fn tensors_beyond_the_architecture_are_refused() {
    let mut model = small();
    let extra = model.tensors["model.norm.weight"].clone();
    model.tensors.insert("model.layers.0.post_feedforward_layernorm.weight".into(), extra);
    let folder = tempfile::tempdir().unwrap();
    model.write_safetensors(folder.path(), DType::F32, 1);
    assert!(refused(folder.path()).contains("post_feedforward_layernorm"));
}
