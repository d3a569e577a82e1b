use std::{fs, path::Path};

use serde_json::{Map, Value, json};
use tempfile::TempDir;

/// A folder with a llama model of random weights that knows single bytes and two control tokens, none of which ends
/// a sequence. It is removed with this value.
pub(crate) struct TinyModel(TempDir);

const HIDDEN: usize = 32;
const FEED_FORWARD: usize = 64;
const HEADS: usize = 4;
const KV_HEADS: usize = 2;
const LAYERS: usize = 2;
const CONTROLS: [&str; 2] = ["<|start|>", "<|turn|>"];
const VOCABULARY: usize = 256 + CONTROLS.len();

/// A template that puts each message after a control token.
pub(crate) fn template() -> Value {
    json!({ "chat_template": "{% for m in messages %}<|turn|>{{ m.role }}:{{ m.content }}{% endfor %}<|turn|>" })
}

impl TinyModel {
    /// A model without a chat template, for 512 tokens.
    pub(crate) fn new() -> Self {
        Self::with(512, &json!({}))
    }

    /// A model with a `tokenizer_config.json`, for `context` tokens.
    pub(crate) fn with(context: usize, tokenizer_config: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, value: &Value| {
            fs::write(folder.path().join(name), value.to_string()).unwrap();
        };
        write("config.json", &config(context));
        write("tokenizer.json", &tokenizer());
        write("tokenizer_config.json", tokenizer_config);
        fs::write(folder.path().join("model.safetensors"), safetensors()).unwrap();
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The path as an argument.
    pub(crate) fn argument(&self) -> &str {
        self.path().to_str().unwrap()
    }
}

fn config(context: usize) -> Value {
    json!({
        "model_type": "llama",
        "vocab_size": VOCABULARY,
        "hidden_size": HIDDEN,
        "intermediate_size": FEED_FORWARD,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS,
        "max_position_embeddings": context,
        "rms_norm_eps": 1e-5,
        "hidden_act": "silu",
        "tie_word_embeddings": true,
    })
}

/// Every byte is a token; the byte-level spelling writes it as one character.
fn tokenizer() -> Value {
    let mut vocabulary = Map::new();
    let mut unprintable = 0;
    for byte in 0..=u8::MAX {
        let code = if matches!(byte, 33..=126 | 161..=172 | 174..=255) {
            u32::from(byte)
        } else {
            unprintable += 1;
            255 + unprintable
        };
        let spelling = char::from_u32(code).unwrap();
        vocabulary.insert(spelling.to_string(), json!(byte));
    }
    let controls: Vec<Value> = CONTROLS
        .iter()
        .enumerate()
        .map(|(index, content)| {
            json!({
                "id": 256 + index, "content": content, "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false, "special": true,
            })
        })
        .collect();
    let byte_level = json!({
        "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false,
    });
    json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": controls,
        "normalizer": null,
        "pre_tokenizer": byte_level,
        "post_processor": null,
        "decoder": byte_level,
        "model": { "type": "BPE", "vocab": vocabulary, "merges": [] },
    })
}

/// The weights: the length of a JSON head, the head, and the numbers it places.
fn safetensors() -> Vec<u8> {
    let kv = HIDDEN / HEADS * KV_HEADS;
    let mut shapes = vec![
        ("model.embed_tokens.weight".to_owned(), vec![VOCABULARY, HIDDEN]),
        ("model.norm.weight".to_owned(), vec![HIDDEN]),
    ];
    for layer in 0..LAYERS {
        let mut add = |part: &str, shape: &[usize]| {
            shapes.push((format!("model.layers.{layer}.{part}.weight"), shape.to_vec()));
        };
        add("input_layernorm", &[HIDDEN]);
        add("self_attn.q_proj", &[HIDDEN, HIDDEN]);
        add("self_attn.k_proj", &[kv, HIDDEN]);
        add("self_attn.v_proj", &[kv, HIDDEN]);
        add("self_attn.o_proj", &[HIDDEN, HIDDEN]);
        add("post_attention_layernorm", &[HIDDEN]);
        add("mlp.gate_proj", &[FEED_FORWARD, HIDDEN]);
        add("mlp.up_proj", &[FEED_FORWARD, HIDDEN]);
        add("mlp.down_proj", &[HIDDEN, FEED_FORWARD]);
    }
    let mut head = Map::new();
    let mut data = Vec::new();
    let mut state = 7_u64;
    for (name, shape) in shapes {
        let start = data.len();
        for _ in 0..shape.iter().product() {
            // A linear congruential generator; its upper bits are random enough.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let uniform = (state >> 40) as f32 / (1 << 24) as f32 - 0.5;
            let value = if shape.len() == 1 { 1.0 + 0.2 * uniform } else { uniform };
            data.extend_from_slice(&value.to_le_bytes());
        }
        let place = json!({ "dtype": "F32", "shape": shape, "data_offsets": [start, data.len()] });
        head.insert(name, place);
    }
    let head = Value::Object(head).to_string();
    [&(head.len() as u64).to_le_bytes(), head.as_bytes(), &data].concat()
}
