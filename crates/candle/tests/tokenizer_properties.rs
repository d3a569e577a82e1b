//! Properties of both kinds of tokenizer, on small vocabularies made here.

use std::collections::HashMap;

use candle_core::quantized::gguf_file::Value;
use foretoken_candle::{Special, Tokenizer};
use proptest::prelude::*;

type Metadata = HashMap<String, Value>;

const NORMAL: i32 = 1;
const UNKNOWN: i32 = 2;
const CONTROL: i32 = 3;
const USER_DEFINED: i32 = 4;
const BYTE: i32 = 6;

fn strings<T: ToString>(values: impl IntoIterator<Item = T>) -> Value {
    Value::Array(values.into_iter().map(|value| Value::String(value.to_string())).collect())
}

fn set(metadata: &mut Metadata, key: &str, value: Value) {
    metadata.insert(format!("tokenizer.ggml.{key}"), value);
}

fn vocabulary(model: &str, tokens: &[(String, i32)]) -> Metadata {
    let mut metadata = Metadata::new();
    set(&mut metadata, "model", Value::String(model.to_owned()));
    set(&mut metadata, "tokens", strings(tokens.iter().map(|(text, _)| text)));
    let kinds = tokens.iter().map(|&(_, kind)| Value::I32(kind)).collect();
    set(&mut metadata, "token_type", Value::Array(kinds));
    metadata
}

/// Every byte, some merges, and special tokens: 0 begins, 1 ends, 2 ends a turn, 3 is two spaces.
fn byte_level(pre: &str) -> Metadata {
    let mut stand_ins = (0x100..).filter_map(char::from_u32);
    let printable = |byte: u8| matches!(byte, 33..=126 | 161..=172 | 174..);
    let bytes = (0..=u8::MAX).map(|byte| {
        let stand_in = if printable(byte) { Some(char::from(byte)) } else { stand_ins.next() };
        stand_in.unwrap().to_string()
    });
    let specials =
        [("<s>", CONTROL), ("</s>", CONTROL), ("<|im_end|>", CONTROL), ("  ", USER_DEFINED)];
    let mut tokens: Vec<(String, i32)> =
        specials.map(|(text, kind)| (text.to_owned(), kind)).to_vec();
    tokens.extend(bytes.map(|byte| (byte, NORMAL)));
    let merges = ["t h", "th e", "Ġ the", "Ã ©", "a a", "aa aa", "1 2", "Ġ a"];
    tokens.extend(merges.map(|merge| (merge.replace(' ', ""), NORMAL)));
    let mut metadata = vocabulary("gpt2", &tokens);
    set(&mut metadata, "pre", Value::String(pre.to_owned()));
    set(&mut metadata, "merges", strings(merges));
    set(&mut metadata, "bos_token_id", Value::U32(0));
    set(&mut metadata, "eos_token_id", Value::U32(1));
    metadata
}

/// The pieces of the vocabulary below that can merge.
const PIECES: [&str; 12] = ["a", "b", "c", "▁", "ab", "bc", "abc", "▁a", "ca", "cab", "▁▁", "abab"];

/// `<unk>`, `<s>`, `</s>`, a newline defined by its text, all bytes, and pieces with `scores`.
fn sentence_piece(scores: [i8; 12], space_prefix: bool) -> Metadata {
    let specials = [("<unk>", UNKNOWN), ("<s>", CONTROL), ("</s>", CONTROL), ("\n", USER_DEFINED)];
    let mut tokens: Vec<(String, i32)> =
        specials.map(|(text, kind)| (text.to_owned(), kind)).to_vec();
    tokens.extend((0..=u8::MAX).map(|byte| (format!("<0x{byte:02X}>"), BYTE)));
    tokens.extend(PIECES.map(|piece| (piece.to_owned(), NORMAL)));
    let mut metadata = vocabulary("llama", &tokens);
    let zeros = std::iter::repeat_n(0.0, tokens.len() - PIECES.len());
    let all = zeros.chain(scores.map(f32::from)).map(Value::F32).collect();
    set(&mut metadata, "scores", Value::Array(all));
    set(&mut metadata, "add_space_prefix", Value::Bool(space_prefix));
    set(&mut metadata, "bos_token_id", Value::U32(1));
    set(&mut metadata, "eos_token_id", Value::U32(2));
    metadata
}

const FIRST_PIECE: u32 = 4 + 256;

/// Merges the best pair again and again by looking at all of them.
fn naive_merge(text: &str, scores: [i8; 12]) -> Vec<u32> {
    let place = |piece: &str| PIECES.iter().position(|&known| known == piece);
    let mut symbols: Vec<String> =
        text.replace(' ', "▁").chars().map(|character| character.to_string()).collect();
    loop {
        let mut best: Option<(i8, usize)> = None;
        for left in 1..symbols.len() {
            let pair = format!("{}{}", symbols[left - 1], symbols[left]);
            if let Some(piece) = place(&pair)
                && best.is_none_or(|(score, _)| scores[piece] > score)
            {
                best = Some((scores[piece], left - 1));
            }
        }
        let Some((_, left)) = best else { break };
        let right = symbols.remove(left + 1);
        symbols[left].push_str(&right);
    }
    let ids = symbols.iter().flat_map(|symbol| match place(symbol) {
        Some(piece) => vec![FIRST_PIECE + piece as u32],
        None => symbol.bytes().map(|byte| 4 + u32::from(byte)).collect(),
    });
    ids.collect()
}

fn text() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        any::<String>(),
        Just("<s>".to_owned()),
        Just("<|im_end|>".to_owned()),
        Just("  \n".to_owned()),
        Just("the café 12 aaaaa".to_owned()),
        "[ abc\n]{0,8}",
    ];
    prop::collection::vec(parts, 0..6).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn byte_level_loses_nothing(text in text(), pre in prop::sample::select(
        vec!["default", "smollm", "qwen2", "llama-bpe", "tekken", "gpt-4o", "deepseek-coder"],
    )) {
        let tokenizer = Tokenizer::from_gguf(&byte_level(pre)).unwrap();
        let literal = tokenizer.encode(&text, Special::NONE).unwrap();
        prop_assert_eq!(tokenizer.decode(&literal), text.as_str());
        prop_assert!(!literal.iter().any(|&id| tokenizer.is_control(id)));
        let parsed = tokenizer.encode(&text, Special::PARSE).unwrap();
        prop_assert_eq!(tokenizer.decode_verbatim(&parsed), text.as_str());
        let begins = parsed.iter().filter(|&&id| id == 0).count();
        prop_assert_eq!(begins, text.matches("<s>").count());
    }

    #[test]
    fn sentence_piece_loses_nothing(text in text()) {
        // U+2581 is how the vocabulary writes a space, so it comes back as one.
        let text = text.replace('\u{2581}', "");
        let tokenizer = Tokenizer::from_gguf(&sentence_piece([0; 12], false)).unwrap();
        let literal = tokenizer.encode(&text, Special::NONE).unwrap();
        prop_assert_eq!(tokenizer.decode(&literal), text.as_str());
        prop_assert!(!literal.iter().any(|&id| tokenizer.is_control(id)));
        let parsed = tokenizer.encode(&text, Special::PARSE).unwrap();
        prop_assert_eq!(tokenizer.decode_verbatim(&parsed), text);
    }

    #[test]
    fn merges_are_the_naive_ones(text in "[ abcé]{0,24}", scores in any::<[i8; 12]>()) {
        let tokenizer = Tokenizer::from_gguf(&sentence_piece(scores, false)).unwrap();
        prop_assert_eq!(tokenizer.encode(&text, Special::NONE).unwrap(), naive_merge(&text, scores));
    }

    #[test]
    fn pieces_of_a_stream_are_the_whole(
        ids in prop::collection::vec(0_u32..280, 0..40), sentences in any::<bool>(),
    ) {
        let metadata =
            if sentences { sentence_piece([0; 12], true) } else { byte_level("default") };
        let tokenizer = Tokenizer::from_gguf(&metadata).unwrap();
        let whole = tokenizer.decode(&ids);
        let bytes = |ids: &[u32]| -> usize {
            let shown = ids.iter().filter(|&&id| !tokenizer.is_control(id));
            shown.map(|&id| tokenizer.token_bytes(id).len()).sum()
        };
        let mut decoder = tokenizer.incremental_decoder();
        let mut read = String::new();
        for (index, &id) in ids.iter().enumerate() {
            if let Some(piece) = decoder.push(id) {
                prop_assert!(!piece.is_empty());
                read.push_str(&piece);
            }
            prop_assert!(whole.starts_with(&read));
            // Replacement characters only make it longer: at most an unfinished character waits.
            prop_assert!(read.len() + 3 >= bytes(&ids[..=index]));
        }
        read.extend(decoder.flush());
        prop_assert_eq!(&read, &whole);
        prop_assert_eq!(decoder.flush(), None);
    }
}

#[test]
fn incomplete_characters_wait() {
    let tokenizer = Tokenizer::from_gguf(&byte_level("default")).unwrap();
    let byte = |byte: u8| 4 + u32::from(byte);
    let mut decoder = tokenizer.incremental_decoder();
    assert_eq!(decoder.push(byte(0xF0)), None);
    assert_eq!(decoder.push(byte(0x9F)), None);
    assert_eq!(decoder.push(0), None, "a control token in between has no text");
    assert_eq!(decoder.push(byte(0x99)), None);
    assert_eq!(decoder.push(byte(0x82)), Some("🙂".to_owned()));
    assert_eq!(decoder.push(byte(0xC3)), None);
    assert_eq!(decoder.push(byte(b'x')), Some("\u{FFFD}x".to_owned()));
    assert_eq!(decoder.push(byte(0xE2)), None);
    assert_eq!(decoder.flush(), Some("\u{FFFD}".to_owned()));
    assert_eq!(decoder.push(byte(b'y')), Some("y".to_owned()));
}

#[test]
fn sequences_begin_and_end_as_the_file_says() {
    let mut metadata = byte_level("default");
    let encode = |metadata: &Metadata, text, special| {
        Tokenizer::from_gguf(metadata).unwrap().encode(text, special).unwrap()
    };
    let a = 4 + u32::from(b'a');
    assert_eq!(encode(&metadata, "a", Special::ALL), [a]);
    set(&mut metadata, "add_bos_token", Value::Bool(true));
    assert_eq!(encode(&metadata, "a", Special::ALL), [0, a]);
    assert_eq!(encode(&metadata, "<s>a", Special::ALL), [0, a], "not twice");
    assert_eq!(encode(&metadata, "a", Special::PARSE), [a]);
    assert_eq!(encode(&metadata, "", Special::ADD), [0]);
    set(&mut metadata, "add_eos_token", Value::Bool(true));
    assert_eq!(encode(&metadata, "a", Special::ALL), [0, a, 1]);
    // Families that always begin so need no flag.
    assert_eq!(encode(&byte_level("llama-bpe"), "a", Special::ADD), [0, a]);
    assert_eq!(encode(&sentence_piece([0; 12], false), "a", Special::ADD), [1, FIRST_PIECE]);
}

#[test]
fn space_prefix_goes_before_text_that_follows_a_special_token() {
    let tokenizer = Tokenizer::from_gguf(&sentence_piece([0; 12], true)).unwrap();
    let space_a = FIRST_PIECE + 7;
    assert_eq!(tokenizer.encode("a", Special::NONE).unwrap(), [space_a]);
    assert_eq!(tokenizer.encode("<s>a\na", Special::PARSE).unwrap(), [1, space_a, 3, space_a]);
}

#[test]
fn ends_are_a_set() {
    let mut metadata = byte_level("default");
    let ends = |metadata: &Metadata| -> Vec<u32> {
        Tokenizer::from_gguf(metadata).unwrap().eos_ids().iter().copied().collect()
    };
    assert_eq!(ends(&metadata), [1, 2]);
    set(&mut metadata, "eot_token_id", Value::U32(7));
    set(&mut metadata, "eos_token_id", Value::U32(9999));
    assert_eq!(ends(&metadata), [2, 7], "an id outside the vocabulary ends nothing");
}

#[test]
fn what_cannot_be_read_is_refused_in_one_line() {
    let message = |change: fn(&mut Metadata)| {
        let mut metadata = byte_level("default");
        change(&mut metadata);
        let message = Tokenizer::from_gguf(&metadata).unwrap_err().to_string();
        assert!(!message.contains('\n'), "{message}");
        message
    };
    assert_eq!(
        message(|metadata| set(metadata, "model", Value::String("bert".into()))),
        "unknown vocabulary type 'bert': known are gpt2, llama"
    );
    let unknown = message(|metadata| set(metadata, "pre", Value::String("mine".into())));
    assert!(unknown.starts_with("unknown pre-tokenizer 'mine': known are gpt-2, "), "{unknown}");
    let unnamed = message(|metadata| {
        metadata.remove("tokenizer.ggml.pre");
    });
    assert!(unnamed.contains("tokenizer.ggml.pre") && unnamed.contains("newer"), "{unnamed}");
    let damaged = message(|metadata| set(metadata, "pre", Value::U32(1)));
    assert!(damaged.contains("tokenizer.ggml.pre is not text"), "{damaged}");
    for key in ["model", "tokens", "merges"] {
        let mut metadata = byte_level("default");
        metadata.remove(&format!("tokenizer.ggml.{key}"));
        let message = Tokenizer::from_gguf(&metadata).unwrap_err().to_string();
        assert!(message.contains(&format!("tokenizer.ggml.{key} is missing")), "{message}");
    }
    let damaged = [
        message(|metadata| set(metadata, "tokens", strings::<&str>([]))),
        message(|metadata| set(metadata, "tokens", Value::U32(1))),
        message(|metadata| set(metadata, "token_type", Value::Array(vec![Value::I32(1)]))),
        message(|metadata| set(metadata, "merges", strings(["nopair"]))),
        message(|metadata| set(metadata, "merges", strings(["not there"]))),
        message(|metadata| set(metadata, "merges", strings(["</s> <|im_end|>"]))),
    ];
    assert!(damaged.iter().all(|text| text.contains("damaged")), "{damaged:?}");
}
