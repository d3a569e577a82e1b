//! Tokenizers kept as `tokenizer.json` and the files beside it.

use std::{fs, path::Path};

use foretoken_candle::{Special, Tokenizer};
use serde_json::{Value, json};

/// A `SentencePiece` vocabulary as the Llama 2 family publishes it.
fn llama() -> Value {
    let special = |id: u32, content: &str, special: bool| {
        json!({
            "id": id, "content": content, "special": special, "normalized": false,
            "single_word": false, "lstrip": false, "rstrip": false,
        })
    };
    json!({
        "version": "1.0",
        "truncation": { "direction": "Right", "max_length": 3, "strategy": "LongestFirst", "stride": 0 },
        "added_tokens": [
            special(0, "<s>", true), special(1, "</s>", true), special(2, "<tool>", false),
            special(3, "<|im_end|>", true),
        ],
        "normalizer": { "type": "Replace", "pattern": { "String": " " }, "content": "▁" },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [
                { "SpecialToken": { "id": "<s>", "type_id": 0 } },
                { "Sequence": { "id": "A", "type_id": 0 } },
            ],
            "pair": [],
            "special_tokens": { "<s>": { "id": "<s>", "ids": [0], "tokens": ["<s>"] } },
        },
        "decoder": {
            "type": "Sequence",
            "decoders": [
                { "type": "Replace", "pattern": { "String": "▁" }, "content": " " },
                { "type": "ByteFallback" },
                { "type": "Fuse" },
            ],
        },
        "model": {
            "type": "BPE", "byte_fallback": true,
            "vocab": {
                "<s>": 0, "</s>": 1, "<tool>": 2, "<|im_end|>": 3, "<0xC3>": 4, "<0xA9>": 5,
                "▁": 6, "a": 7, "b": 8, "▁a": 9, "ab": 10,
            },
            "merges": [["▁", "a"], ["a", "b"]],
        },
    })
}

fn write(folder: &Path, name: &str, value: &Value) -> std::path::PathBuf {
    let path = folder.join(name);
    fs::write(&path, value.to_string()).unwrap();
    path
}

#[test]
fn reads_a_sentence_piece_vocabulary() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "tokenizer.json", &llama());
    let tokenizer = Tokenizer::from_file(&path).unwrap();
    assert_eq!(tokenizer.vocabulary_size(), 11);
    let text = "ab a<tool>é a</s>";
    let ids = tokenizer.encode(text, Special::PARSE).unwrap();
    assert_eq!(ids, [10, 9, 2, 4, 5, 9, 1], "the file's limit of three tokens is not kept");
    assert_eq!(tokenizer.decode(&ids), "ab a<tool>é a");
    assert_eq!(tokenizer.decode_verbatim(&ids), text);
    assert_eq!(tokenizer.encode("ab", Special::ALL).unwrap(), [0, 10]);
    assert_eq!(tokenizer.encode("<s>ab", Special::ALL).unwrap(), [0, 10]);
    assert_eq!(tokenizer.bos_id(), Some(0), "from what is put before a text");
    assert_eq!(tokenizer.eos_ids().iter().copied().collect::<Vec<_>>(), [3]);
}

#[test]
fn neighbours_name_the_tokens_that_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "tokenizer.json", &llama());
    let config = json!({ "bos_token": { "content": "</s>" }, "eos_token": "</s>" });
    write(folder.path(), "tokenizer_config.json", &config);
    write(folder.path(), "generation_config.json", &json!({ "eos_token_id": [2, 99] }));
    write(folder.path(), "config.json", &json!({ "eos_token_id": 8 }));
    let tokenizer = Tokenizer::from_file(&path).unwrap();
    assert_eq!(tokenizer.bos_id(), Some(1));
    assert_eq!(tokenizer.eos_ids().iter().copied().collect::<Vec<_>>(), [1, 2, 3, 8]);
}

#[test]
fn what_cannot_be_read_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let refuse = |path: &Path| {
        let message = Tokenizer::from_file(path).unwrap_err().to_string();
        assert!(!message.contains('\n'), "{message}");
        message
    };
    let missing = refuse(&folder.path().join("tokenizer.json"));
    assert!(missing.starts_with("cannot read "), "{missing}");
    let other = refuse(&write(folder.path(), "other.json", &json!({ "a": 1 })));
    assert!(other.starts_with("cannot use ") && other.contains("other.json"), "{other}");
    let mut word_piece = llama();
    word_piece["decoder"] = json!({ "type": "WordPiece", "prefix": "##", "cleanup": true });
    let decoder = refuse(&write(folder.path(), "w.json", &word_piece));
    assert!(decoder.contains("(WordPiece)"), "{decoder}");
    let mut sparse = llama();
    sparse["model"]["vocab"]["ab"] = json!(4_000_000_000_u32);
    let sparse = refuse(&write(folder.path(), "s.json", &sparse));
    assert!(sparse.contains("compact"), "{sparse}");
    fs::write(folder.path().join("config.json"), "{").unwrap();
    let neighbour = refuse(&write(folder.path(), "tokenizer.json", &llama()));
    assert!(neighbour.contains("config.json is not valid JSON"), "{neighbour}");
}

/// Its tables would be read without any check.
#[test]
fn a_precompiled_normalizer_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut document = llama();
    document["normalizer"] = json!({
        "type": "Sequence",
        "normalizers": [{ "type": "Precompiled", "precompiled_charsmap": "/////w==" }],
    });
    let path = write(folder.path(), "tokenizer.json", &document);
    let error = Tokenizer::from_file(&path).unwrap_err();
    assert!(error.to_string().contains("precompiled"), "{error}");
}
