//! The trained network as a GGUF file: weights in eight bits, vocabulary and chat template inside.

use std::{fs::File, io::BufWriter, path::Path};

use anyhow::Context;
use candle_core::quantized::{GgmlDType, QTensor, gguf_file, gguf_file::Value};
use serde_json::Value as Json;
use tokenizers::Tokenizer;

use crate::{
    network::Network,
    tokenizer::{END_OF_TEXT_ID, PRE_TOKENIZER},
};

/// A request stands before its answer, with an empty line between.
const CHAT_TEMPLATE: &str = "{% for message in messages %}{{ message.content }}\n\n{% endfor %}";

/// Entries of `tokenizer.ggml.token_type`.
const NORMAL: i32 = 1;
const CONTROL: i32 = 3;

/// Entries of `general.file_type`.
const MOSTLY_Q8_0: u32 = 7;

/// Writes the file.
///
/// # Errors
/// What candle and the file system say; a vocabulary that is not the network's.
pub fn write(
    network: &Network,
    tokenizer: &Tokenizer,
    name: &str,
    path: &Path,
) -> anyhow::Result<()> {
    let metadata = metadata(network, tokenizer, name)?;
    let tensors = network
        .variables()
        .into_iter()
        .map(|(name, var)| {
            let kind = if var.rank() == 1 { GgmlDType::F32 } else { GgmlDType::Q8_0 };
            Ok((name, QTensor::quantize(var.as_tensor(), kind)?))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let tensors: Vec<(&str, &QTensor)> =
        tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
    let metadata: Vec<(&str, &Value)> =
        metadata.iter().map(|(key, value)| (key.as_str(), value)).collect();
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    gguf_file::write(&mut BufWriter::new(file), &metadata, &tensors)?;
    Ok(())
}

fn metadata(
    network: &Network,
    tokenizer: &Tokenizer,
    name: &str,
) -> anyhow::Result<Vec<(String, Value)>> {
    let shape = network.shape();
    let (tokens, merges) = vocabulary(tokenizer)?;
    anyhow::ensure!(
        tokens.len() == shape.vocabulary,
        "the vocabulary has {} tokens and the network {}",
        tokens.len(),
        shape.vocabulary
    );
    let kinds = (0..tokens.len() as u32)
        .map(|id| Value::I32(if id == END_OF_TEXT_ID { CONTROL } else { NORMAL }))
        .collect();
    let texts = |list: Vec<String>| Value::Array(list.into_iter().map(Value::String).collect());
    let text = |text: &str| Value::String(text.to_owned());
    let number = |number: usize| Value::U32(number as u32);
    let entries = [
        ("general.architecture", text("llama")),
        ("general.name", text(name)),
        ("general.file_type", Value::U32(MOSTLY_Q8_0)),
        ("llama.block_count", number(shape.layers)),
        ("llama.context_length", number(shape.context)),
        ("llama.embedding_length", number(shape.hidden)),
        ("llama.feed_forward_length", number(shape.feed_forward)),
        ("llama.attention.head_count", number(shape.heads)),
        ("llama.attention.head_count_kv", number(shape.kv_heads)),
        ("llama.attention.key_length", number(shape.head_dim)),
        ("llama.attention.value_length", number(shape.head_dim)),
        ("llama.attention.layer_norm_rms_epsilon", Value::F32(shape.norm_epsilon)),
        ("llama.rope.dimension_count", number(shape.head_dim)),
        ("llama.rope.freq_base", Value::F32(shape.rotary_base as f32)),
        ("llama.vocab_size", number(shape.vocabulary)),
        ("tokenizer.ggml.model", text("gpt2")),
        ("tokenizer.ggml.pre", text(PRE_TOKENIZER)),
        ("tokenizer.ggml.tokens", texts(tokens)),
        ("tokenizer.ggml.token_type", Value::Array(kinds)),
        ("tokenizer.ggml.merges", texts(merges)),
        ("tokenizer.ggml.bos_token_id", Value::U32(END_OF_TEXT_ID)),
        ("tokenizer.ggml.eos_token_id", Value::U32(END_OF_TEXT_ID)),
        ("tokenizer.ggml.add_bos_token", Value::Bool(true)),
        ("tokenizer.chat_template", text(CHAT_TEMPLATE)),
    ];
    Ok(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// The tokens in the order of their ids, and the merges, the first learned first.
fn vocabulary(tokenizer: &Tokenizer) -> anyhow::Result<(Vec<String>, Vec<String>)> {
    let size = tokenizer.get_vocab_size(true) as u32;
    let tokens = (0..size)
        .map(|id| tokenizer.id_to_token(id).with_context(|| format!("no token has the id {id}")))
        .collect::<anyhow::Result<_>>()?;
    let model: Json = serde_json::to_value(tokenizer.get_model())?;
    let merges = model["merges"].as_array().context("the vocabulary has no merges")?;
    let merges = merges
        .iter()
        .map(|merge| {
            let part = |place: usize| merge[place].as_str().unwrap_or_default();
            merge.as_str().map_or_else(|| format!("{} {}", part(0), part(1)), str::to_owned)
        })
        .collect();
    Ok((tokens, merges))
}
