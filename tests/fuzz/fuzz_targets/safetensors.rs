//! The weights of a model whose other files are right.
#![no_main]

use std::fs;

use foretoken_candle::{CandleModel, LoadOptions};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

const CONFIG: &str = r#"{"model_type": "llama", "vocab_size": 4, "hidden_size": 32, "intermediate_size": 32,
    "num_hidden_layers": 1, "num_attention_heads": 1, "max_position_embeddings": 64, "rms_norm_eps": 1e-5,
    "tie_word_embeddings": true}"#;

thread_local! {
    static FOLDER: TempDir = {
        let folder = TempDir::new().expect("a folder for temporary files");
        fs::write(folder.path().join("config.json"), CONFIG).expect("room on the disk");
        folder
    };
}

fuzz_target!(|bytes: &[u8]| {
    FOLDER.with(|folder| {
        fs::write(folder.path().join("model.safetensors"), bytes).expect("room on the disk");
        let _ = CandleModel::load(folder.path(), &LoadOptions::default());
    });
});
