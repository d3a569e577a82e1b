//! The same for models in safetensors: what the files beside the weights say is not trusted either.

mod corruption;
mod random_model;

use std::{fs, path::Path};

use candle_core::DType;
use corruption::{Dice, damage};
use foretoken_candle::{LoadOptions, Special, inspect, load};
use proptest::prelude::*;
use random_model::{Dimensions, Family, RandomModel};
use serde_json::{Value, json};

/// Loads a folder, or says in one line why not.
fn try_out(folder: &Path) -> Result<(), String> {
    let one_line = |error: foretoken_candle::Error| {
        let message = error.to_string();
        assert!(!message.contains('\n'), "one line: {message}");
        message
    };
    let _ = inspect(folder).map_err(one_line);
    let loaded = load(folder, &LoadOptions::default()).map_err(one_line)?;
    let ids = loaded.tokenizer.encode("a b <s>é", Special::ALL).map_err(one_line)?;
    loaded.tokenizer.decode(&ids);
    Ok(())
}

fn tokenizer() -> Value {
    json!({
        "version": "1.0",
        "truncation": { "direction": "Right", "max_length": 3, "strategy": "LongestFirst", "stride": 0 },
        "padding": null,
        "added_tokens": [{
            "id": 0, "content": "<s>", "special": true, "normalized": false, "single_word": false,
            "lstrip": false, "rstrip": false,
        }],
        "normalizer": { "type": "Replace", "pattern": { "String": " " }, "content": "▁" },
        "pre_tokenizer": {
            "type": "Split", "pattern": { "Regex": "\\p{L}+" }, "behavior": "Isolated", "invert": false,
        },
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
            "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": true,
            "vocab": { "<s>": 0, "<0xC3>": 1, "<0xA9>": 2, "▁": 3, "a": 4, "b": 5, "▁a": 6, "ab": 7 },
            "merges": [["▁", "a"], ["a", "b"]],
        },
    })
}

struct Folder(tempfile::TempDir, Dimensions);

impl Folder {
    fn new() -> Self {
        let dimensions = Dimensions { layers: 1, vocabulary: 40, ..Dimensions::SMALL };
        let folder = tempfile::tempdir().unwrap();
        let model = RandomModel::new(Family::Llama, dimensions, 4);
        model.write_safetensors(folder.path(), DType::F32, 1);
        let folder = Self(folder, dimensions);
        folder.write("tokenizer.json", &tokenizer());
        folder.write(
            "tokenizer_config.json",
            &json!({ "bos_token": "<s>", "chat_template": "{{ 1 }}" }),
        );
        folder.write("generation_config.json", &json!({ "eos_token_id": [0, 3] }));
        try_out(folder.0.path()).unwrap();
        folder
    }

    fn write(&self, name: &str, value: &Value) {
        fs::write(self.0.path().join(name), value.to_string()).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.path().join(name)).unwrap()
    }
}

const FILES: [&str; 5] = [
    "model.safetensors",
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "generation_config.json",
];

#[test]
fn each_file_in_many_broken_states() {
    let folder = Folder::new();
    for (number, file) in FILES.into_iter().enumerate() {
        let original = folder.read(file);
        // Of the weights, what describes them.
        let head = 0..original.len().min(2000);
        for seed in 0..60 {
            let mut dice = Dice(1000 * number as u64 + seed);
            let mut bytes = original.clone();
            let what = damage(&mut bytes, head.clone(), &mut dice);
            println!("{file} {seed}: {what}");
            fs::write(folder.0.path().join(file), bytes).unwrap();
            let _ = try_out(folder.0.path());
        }
        fs::write(folder.0.path().join(file), b"").unwrap();
        let message = try_out(folder.0.path()).unwrap_err();
        assert!(message.contains(file), "{message}");
        fs::write(folder.0.path().join(file), original).unwrap();
    }
    try_out(folder.0.path()).unwrap();
}

/// The places of all values in a JSON document.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                places(value, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(values) => {
            for (key, value) in values {
                places(value, &format!("{at}/{}", escape(key)), found);
            }
        }
        _ => {}
    }
}

fn odd_value() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(0),
        json!(1),
        json!(7),
        json!(65_000),
        json!(u32::MAX),
        json!(u64::MAX),
        json!(1e300),
        json!(0.5),
        json!(""),
        json!("a"),
        json!("("),
        json!("x".repeat(100_000)),
        json!([]),
        json!({}),
        json!([[], [0], {}]),
        json!(["a", "b"]),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// One or two values of a document are others, of any type.
    #[test]
    fn changed_documents_do_no_harm(
        file in 1usize..FILES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), odd_value()), 1..3),
    ) {
        thread_local! { static FOLDER: Folder = Folder::new(); }
        FOLDER.with(|folder| {
            let file = FILES[file];
            let original = folder.read(file);
            let mut document: Value = serde_json::from_slice(&original).unwrap();
            for (index, value) in changes {
                let mut found = Vec::new();
                places(&document, "", &mut found);
                *document.pointer_mut(index.get(found.as_slice()).as_str()).unwrap() = value;
            }
            folder.write(file, &document);
            let outcome = std::panic::catch_unwind(|| try_out(folder.0.path()));
            fs::write(folder.0.path().join(file), original).unwrap();
            prop_assert!(outcome.is_ok(), "{document}");
            Ok(())
        })?;
    }
}

/// The tokenizers crate would panic on it.
#[test]
fn a_template_that_adds_an_undefined_token_is_refused() {
    let folder = Folder::new();
    let mut document = tokenizer();
    let alone = document["post_processor"].clone();
    for nested in [false, true] {
        let mut template = alone.clone();
        template["single"][0]["SpecialToken"]["id"] = json!("<t>");
        let parts = json!({ "type": "Sequence", "processors": [alone.clone(), template.clone()] });
        document["post_processor"] = if nested { parts } else { template };
        folder.write("tokenizer.json", &document);
        let message = try_out(folder.0.path()).unwrap_err();
        assert!(message.contains("tokenizer.json") && message.contains("\"<t>\""), "{message}");
    }
}

/// The same for the JSON head of the weights.
#[test]
fn changed_heads_of_weights_are_refused() {
    let folder = Folder::new();
    let original = folder.read("model.safetensors");
    let len = u64::from_le_bytes(original[..8].try_into().unwrap()) as usize;
    let head: Value = serde_json::from_slice(&original[8..8 + len]).unwrap();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut head = head.clone();
        change(&mut head);
        let head = head.to_string();
        let bytes = [&(head.len() as u64).to_le_bytes(), head.as_bytes(), &original[8 + len..]];
        fs::write(folder.0.path().join("model.safetensors"), bytes.concat()).unwrap();
        try_out(folder.0.path()).unwrap_err()
    };
    let norm = "model.norm.weight";
    let hidden = folder.1.hidden;
    for (message, word) in [
        (with(&|head| head[norm]["shape"] = json!([1u64 << 40])), "damaged"),
        (with(&|head| head[norm]["shape"] = json!([u64::MAX, u64::MAX])), "damaged"),
        (with(&|head| head[norm]["shape"] = json!([2, hidden / 2])), norm),
        (with(&|head| head[norm]["dtype"] = json!("I64")), "damaged"),
        (with(&|head| head[norm]["dtype"] = json!("F99")), "damaged"),
        (with(&|head| head[norm]["data_offsets"] = json!([0, 1u64 << 60])), "damaged"),
        (with(&|head| head[norm]["data_offsets"] = json!([9, 1])), "damaged"),
        (with(&|head| drop(head.as_object_mut().unwrap().remove(norm))), "damaged"),
        (with(&|head| *head = json!([])), "damaged"),
        (with(&|head| *head = json!({})), "damaged"),
    ] {
        assert!(message.contains(word), "{word}: {message}");
    }
}
