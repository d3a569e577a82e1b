//! Writes the files that fuzzing starts from: small models that load, in both formats, and their heads alone.

use std::{fs, path::Path};

use foretoken_candle::{CandleModel, LoadOptions, load_bytes};

/// Heads of GGUF files end at a multiple of this.
const ALIGNMENT: usize = 32;

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
}

fn entry(key: &str, kind: u32, value: &[u8]) -> Vec<u8> {
    [&text(key)[..], &kind.to_le_bytes(), value].concat()
}

fn texts(key: &str, list: &[&str]) -> Vec<u8> {
    let head = [&8u32.to_le_bytes()[..], &(list.len() as u64).to_le_bytes()].concat();
    entry(key, 9, &[head, list.iter().flat_map(|item| text(item)).collect()].concat())
}

/// A llama model of one block, all of whose weights are zero.
fn gguf() -> (Vec<u8>, usize) {
    let mut entries = vec![
        entry("general.architecture", 8, &text("llama")),
        entry("llama.attention.layer_norm_rms_epsilon", 6, &1e-5f32.to_le_bytes()),
        entry("tokenizer.ggml.model", 8, &text("gpt2")),
        texts("tokenizer.ggml.tokens", &["a", "b", "ab", "<|im_end|>"]),
        texts("tokenizer.ggml.merges", &["a b"]),
        entry("tokenizer.ggml.eos_token_id", 4, &3u32.to_le_bytes()),
        entry(
            "tokenizer.chat_template",
            8,
            &text("{% for m in messages %}{{ m.content }}{% endfor %}"),
        ),
    ];
    for (key, number) in [
        ("block_count", 1u32),
        ("context_length", 64),
        ("embedding_length", 32),
        ("feed_forward_length", 32),
        ("attention.head_count", 1),
    ] {
        entries.push(entry(&format!("llama.{key}"), 4, &number.to_le_bytes()));
    }
    let (vector, rows, square) = (&[32u64][..], &[32u64, 4][..], &[32u64, 32][..]);
    let mut tensors = vec![("token_embd.weight", rows), ("output_norm.weight", vector)];
    tensors.extend([("blk.0.attn_norm.weight", vector), ("blk.0.ffn_norm.weight", vector)]);
    for name in ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"] {
        tensors.push((format!("blk.0.{name}.weight").leak(), square));
    }
    let mut file = b"GGUF\x03\0\0\0".to_vec();
    file.extend((tensors.len() as u64).to_le_bytes());
    file.extend((entries.len() as u64).to_le_bytes());
    file.extend(entries.concat());
    let mut offset = 0;
    for (name, shape) in tensors {
        let elements: u64 = shape.iter().product();
        // Vectors are single precision; of matrices, 32 numbers take 18 bytes.
        let (kind, bytes) =
            if shape.len() == 1 { (0u32, 4 * elements) } else { (2, elements / 32 * 18) };
        file.extend(text(name));
        file.extend((shape.len() as u32).to_le_bytes());
        file.extend(shape.iter().flat_map(|len| len.to_le_bytes()));
        file.extend(kind.to_le_bytes());
        file.extend((offset as u64).to_le_bytes());
        offset = (offset + bytes as usize).next_multiple_of(ALIGNMENT);
    }
    let head = file.len();
    file.resize(head.next_multiple_of(ALIGNMENT) + offset, 0);
    (file, head)
}

/// The same network for the target `safetensors`.
fn safetensors() -> Vec<u8> {
    let mut tensors = vec![("model.embed_tokens", vec![4, 32]), ("model.norm", vec![32])];
    for (name, shape) in [
        ("input_layernorm", vec![32]),
        ("post_attention_layernorm", vec![32]),
        ("self_attn.q_proj", vec![32, 32]),
        ("self_attn.k_proj", vec![32, 32]),
        ("self_attn.v_proj", vec![32, 32]),
        ("self_attn.o_proj", vec![32, 32]),
        ("mlp.gate_proj", vec![32, 32]),
        ("mlp.up_proj", vec![32, 32]),
        ("mlp.down_proj", vec![32, 32]),
    ] {
        tensors.push((format!("model.layers.0.{name}").leak(), shape));
    }
    let mut end = 0;
    let entries: Vec<String> = tensors
        .into_iter()
        .map(|(name, shape)| {
            let start = end;
            end += 2 * shape.iter().product::<usize>();
            format!("\"{name}.weight\":{{\"dtype\":\"F16\",\"shape\":{shape:?},\"data_offsets\":[{start},{end}]}}")
        })
        .collect();
    let mut head = format!("{{{}}}", entries.join(","));
    head.push_str(&" ".repeat(head.len().next_multiple_of(8) - head.len()));
    [&(head.len() as u64).to_le_bytes()[..], head.as_bytes(), &vec![0; end]].concat()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let write = |target: &str, name: &str, bytes: &[u8]| {
        fs::create_dir_all(corpus.join(target))?;
        fs::write(corpus.join(target).join(name), bytes)
    };
    let (whole, head) = gguf();
    load_bytes("seed", &whole, &LoadOptions::default())?;
    write("gguf", "whole", &whole)?;
    write("gguf", "head", &whole[..head])?;
    write("gguf", "version-1", &[b"GGUF\x01\0\0\0".as_slice(), &whole[8..head]].concat())?;
    let whole = safetensors();
    write("safetensors", "whole", &whole)?;
    write("safetensors", "head", &whole[..whole.len() / 4])?;
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("model.safetensors"), &whole)?;
    let config = include_str!("../fuzz_targets/safetensors.rs");
    let config = config.split("r#\"").nth(1).and_then(|rest| rest.split("\"#").next());
    fs::write(folder.path().join("config.json"), config.ok_or("the target has no configuration")?)?;
    CandleModel::load(folder.path(), &LoadOptions::default())?;
    println!("{}", corpus.display());
    Ok(())
}
