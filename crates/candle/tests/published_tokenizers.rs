//! Tokenizers and chat templates of published models, from their own files.
//!
//! `SmolLM2` comes through the catalogue, fetched where the cache lacks it; without it these tests
//! count as ignored, except in CI, where they fail.
//!
//! By hand, against ids from another implementation: `FORETOKEN_TOKENIZER_GOLDEN` is a file of
//! lines `{"model": ..., "text": ..., "ids": [...]}`, where `model` names a GGUF file in the model
//! cache.

use std::{
    collections::BTreeMap,
    env,
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

use candle_core::quantized::gguf_file::Content;
use foretoken_candle::{ChatTemplate, Message, Special, Tokenizer, catalogue};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::json;

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = smollm2_trials();
    trials.extend(qwen_trials());
    trials.extend(golden_trials());
    libtest_mimic::run(&arguments, trials).exit();
}

type Metadata = std::collections::HashMap<String, candle_core::quantized::gguf_file::Value>;

fn metadata(path: &Path) -> Result<Metadata, Failed> {
    Ok(Content::read(&mut BufReader::new(File::open(path)?))?.metadata)
}

fn smollm2_trials() -> Vec<Trial> {
    let file = catalogue::fetch("smollm2-135m", &mut |_| ());
    let missing = file.is_err() && env::var_os("CI").is_none();
    if let Err(error) = &file {
        eprintln!("{error}");
    }
    let file = file.map_err(|error| error.to_string());
    let trial = |name: &str, test: fn(&Path) -> Result<(), Failed>| {
        let file = file.clone();
        Trial::test(format!("smollm2::{name}"), move || test(&file?)).with_ignored_flag(missing)
    };
    vec![
        trial("own_texts_have_known_ids", own_texts_have_known_ids),
        trial("special_tokens_are_parsed_only_on_request", special_tokens),
        trial("decoding_undoes_encoding", decoding_undoes_encoding),
        trial("tokenizer_json_of_the_same_vocabulary_agrees", tokenizer_json_agrees),
        trial("chat_template", smollm2_chat),
    ]
}

/// Ids from this crate at a time when it agreed with another implementation on 90 other texts.
#[rustfmt::skip]
const SMOLLM2: &[(&str, &[u32])] = &[
    ("", &[]),
    ("A tree of guesses", &[49, 3187, 282, 39249]),
    ("It's 7:45, isn't it?", &[1589, 506, 216, 39, 42, 36, 37, 28, 3247, 982, 357, 47]),
    ("  two leading spaces, tab\tand\r\nline\n\n\nends ", &[
        216, 827, 2899, 5600, 28, 10147, 197, 397, 201, 198, 1311, 1116, 198, 1390, 216,
    ]),
    ("1234567890 = 1_234_567_890", &[
        33, 34, 35, 36, 37, 38, 39, 40, 41, 32, 446, 216, 33, 79, 34, 35, 36, 79, 37, 38, 39, 79,
        40, 41, 32,
    ]),
    ("fn main() {\n    println!(\"{}\", 6 * 7);\n}\n", &[
        7853, 1085, 1000, 1662, 472, 1628, 34115, 17, 43331, 1002, 216, 38, 1672, 216, 39, 4258,
        198, 109, 198,
    ]),
    ("SELECT * FROM t WHERE x >= 3 AND y <> 'z';", &[
        23428, 1672, 18451, 252, 28531, 1792, 10888, 216, 35, 7485, 329, 2067, 46, 637, 106, 36651,
    ]),
    ("Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich", &[
        74, 103, 7466, 46610, 13637, 91, 9023, 4062, 2344, 544, 9767, 24753, 25126, 31562, 5549,
        137, 593, 4017, 11102, 34878, 264, 29776, 352, 1413, 485,
    ]),
    ("Ça coûte 12,50 € — vraiment ?", &[
        142, 225, 81, 857, 41307, 676, 216, 33, 34, 28, 37, 32, 24927, 1841, 386, 317, 2572, 9148,
    ]),
    ("Γειά σου Κόσμε", &[
        153, 237, 14240, 12001, 26112, 32437, 39963, 5664, 244, 36180, 18751, 16674, 14240,
    ]),
    ("Съешь же ещё этих мягких булок", &[
        155, 111, 156, 228, 6643, 37123, 19884, 5470, 131, 6643, 5470, 130, 46438, 156, 235, 216,
        156, 231, 8355, 7872, 32122, 41337, 16885, 29441, 13760, 7872, 32122, 46190, 14714, 12681,
        10003, 135,
    ]),
    ("木を見て森を見ず", &[
        14483, 118, 34771, 35968, 229, 7365, 116, 177, 113, 123, 34771, 35968, 229, 7365, 244,
    ]),
    ("가나다 라마바", &[
        181, 125, 218, 182, 220, 242, 41259, 114, 25947, 247, 137, 182, 117, 226, 182, 125, 238,
    ]),
    ("👩\u{200d}🚀 and 🇫🇷 and ☕\u{fe0f}", &[
        10813, 235, 119, 321, 231, 10813, 244, 218, 284, 15107, 225, 121, 10813, 225, 132, 284,
        4636, 242, 239, 31752,
    ]),
    ("<|im_start|>user\nWho are you?<|im_end|>\n", &[1, 4093, 198, 10576, 359, 346, 47, 2, 198]),
    ("<|im_start|>almost<|im_end>", &[1, 27423, 44, 108, 306, 79, 486, 46]),
    ("x²+y³=½ ①", &[104, 19133, 27, 105, 39050, 45, 16738, 216, 173, 235, 250]),
];

fn own_texts_have_known_ids(file: &Path) -> Result<(), Failed> {
    let tokenizer = Tokenizer::from_gguf(&metadata(file)?)?;
    for &(text, expected) in SMOLLM2 {
        let ids = tokenizer.encode(text, Special::PARSE)?;
        assert_eq!(ids, expected, "{text:?}");
    }
    Ok(())
}

fn special_tokens(file: &Path) -> Result<(), Failed> {
    let tokenizer = Tokenizer::from_gguf(&metadata(file)?)?;
    let text = "<|im_start|>user";
    assert_eq!(tokenizer.encode(text, Special::PARSE)?, [1, 4093]);
    let literal = tokenizer.encode(text, Special::NONE)?;
    assert!(!literal.contains(&1), "{literal:?}");
    assert_eq!(tokenizer.decode(&literal), text);
    assert_eq!(tokenizer.decode(&[1, 4093]), "user");
    assert_eq!(tokenizer.decode_verbatim(&[1, 4093]), text);
    assert_eq!(tokenizer.vocabulary_size(), 49_152);
    assert_eq!(tokenizer.bos_id(), Some(1));
    // The file says that prompts do not begin with it.
    assert_eq!(tokenizer.encode("user", Special::ALL)?, [4093]);
    assert_eq!(tokenizer.eos_ids().iter().copied().collect::<Vec<_>>(), [0, 2]);
    Ok(())
}

fn decoding_undoes_encoding(file: &Path) -> Result<(), Failed> {
    let tokenizer = Tokenizer::from_gguf(&metadata(file)?)?;
    for &(text, ids) in SMOLLM2 {
        assert_eq!(tokenizer.decode_verbatim(ids), text);
        let mut decoder = tokenizer.incremental_decoder();
        let mut pieces: String = ids.iter().filter_map(|&id| decoder.push(id)).collect();
        pieces.extend(decoder.flush());
        assert_eq!(pieces, tokenizer.decode(ids));
    }
    Ok(())
}

/// The same vocabulary and merges written as a `tokenizer.json`, with the stages spelled out as
/// separate digits and GPT-2's own splits.
fn tokenizer_json_agrees(file: &Path) -> Result<(), Failed> {
    let metadata = metadata(file)?;
    let strings = |key: &str| -> Result<Vec<String>, Failed> {
        let values = metadata.get(key).ok_or("a key is missing")?.to_vec()?.iter();
        Ok(values.map(|value| value.to_string().cloned()).collect::<Result<_, _>>()?)
    };
    let tokens = strings("tokenizer.ggml.tokens")?;
    let added: Vec<_> = (0..17)
        .map(|id| {
            json!({
                "id": id, "content": tokens[id], "special": true, "normalized": false,
                "single_word": false, "lstrip": false, "rstrip": false,
            })
        })
        .collect();
    let vocabulary: serde_json::Map<_, _> =
        tokens.iter().enumerate().map(|(id, token)| (token.clone(), id.into())).collect();
    let byte_level = json!({
        "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true,
    });
    let whole = json!({
        "version": "1.0",
        "added_tokens": added,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [{ "type": "Digits", "individual_digits": true }, byte_level],
        },
        "decoder": byte_level,
        "model": {
            "type": "BPE", "vocab": vocabulary, "merges": strings("tokenizer.ggml.merges")?,
        },
    });
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("tokenizer.json");
    std::fs::write(&path, whole.to_string())?;
    std::fs::write(
        folder.path().join("tokenizer_config.json"),
        json!({ "bos_token": "<|im_start|>", "eos_token": { "content": "<|im_end|>" } })
            .to_string(),
    )?;
    let from_file = Tokenizer::from_file(&path)?;
    let from_gguf = Tokenizer::from_gguf(&metadata)?;
    assert_eq!(from_file.vocabulary_size(), from_gguf.vocabulary_size());
    assert_eq!(from_file.bos_id(), from_gguf.bos_id());
    assert_eq!(from_file.eos_ids(), from_gguf.eos_ids());
    for &(text, ids) in SMOLLM2 {
        assert_eq!(from_file.encode(text, Special::PARSE)?, ids, "{text:?}");
        assert_eq!(from_file.decode_verbatim(ids), text);
        let literal = from_file.encode(text, Special::NONE)?;
        assert_eq!(literal, from_gguf.encode(text, Special::NONE)?, "{text:?}");
    }
    let size = from_gguf.vocabulary_size() as u32;
    for id in 0..size {
        assert_eq!(from_file.token_bytes(id), from_gguf.token_bytes(id), "token {id}");
        assert_eq!(from_file.is_control(id), from_gguf.is_control(id), "token {id}");
    }
    Ok(())
}

fn smollm2_chat(file: &Path) -> Result<(), Failed> {
    let template = ChatTemplate::from_gguf(&metadata(file)?)?.ok_or("no chat template")?;
    assert_eq!(
        template.render(&[Message::user("Hi")], true)?,
        "<|im_start|>system\n\
         You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n\
         <|im_start|>user\nHi<|im_end|>\n\
         <|im_start|>assistant\n"
    );
    let conversation = [
        Message::system("Be brief."),
        Message::user("2+2?"),
        Message::assistant("4"),
        Message::user(" And 3+3?\n"),
    ];
    assert_eq!(
        template.render(&conversation, false)?,
        "<|im_start|>system\nBe brief.<|im_end|>\n\
         <|im_start|>user\n2+2?<|im_end|>\n\
         <|im_start|>assistant\n4<|im_end|>\n\
         <|im_start|>user\n And 3+3?\n<|im_end|>\n"
    );
    Ok(())
}

const GOLDEN: &str = "FORETOKEN_TOKENIZER_GOLDEN";

fn golden_trials() -> Vec<Trial> {
    let Some(path) = env::var_os(GOLDEN) else {
        eprintln!("golden ids: skipped, {GOLDEN} names no file");
        let unset = || Err(format!("{GOLDEN} names no file").into());
        return vec![Trial::test("golden", unset).with_ignored_flag(true)];
    };
    let lines = std::fs::read_to_string(path).expect("the file of golden ids can be read");
    let mut models: BTreeMap<String, Vec<(String, Vec<u32>)>> = BTreeMap::new();
    for line in lines.lines() {
        let mut line: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
        let text = serde_json::from_value(line["text"].take()).expect("a line has a text");
        let ids = serde_json::from_value(line["ids"].take()).expect("a line has ids");
        let model = line["model"].as_str().expect("a line has a model").to_lowercase();
        models.entry(model).or_default().push((text, ids));
    }
    let trial = |(model, cases): (String, Vec<(String, Vec<u32>)>)| {
        Trial::test(format!("golden::{model}"), move || golden(&model, &cases))
    };
    models.into_iter().map(trial).collect()
}

fn golden(model: &str, cases: &[(String, Vec<u32>)]) -> Result<(), Failed> {
    let file = cached_file(model).ok_or_else(|| format!("the cache has no file for {model}"))?;
    let tokenizer = Tokenizer::from_gguf(&metadata(&file)?)?;
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let ids = tokenizer.encode(text, Special::PARSE)?;
        if ids != *expected {
            wrong.push(format!("{text:?}: {ids:?} instead of {expected:?}"));
        }
        let text_again = tokenizer.decode_verbatim(&ids);
        if text_again != *text {
            wrong.push(format!("{text:?} comes back as {text_again:?}"));
        }
    }
    println!("{model}: {} of {} texts differ", wrong.len(), cases.len());
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// A GGUF file in the cache, by its name in any case and with any separators.
fn cached_file(model: &str) -> Option<PathBuf> {
    let plain = |name: &str| name.to_lowercase().replace(['.', '-', '_'], "");
    let cache = catalogue::Cache::from_environment().ok()?;
    let files = std::fs::read_dir(cache.path(&catalogue::MODELS[0]).parent()?).ok()?;
    let mut paths = files.flatten().map(|file| file.path());
    paths.find(|path| {
        path.extension().is_some_and(|end| end == "gguf")
            && path.file_stem().is_some_and(|stem| plain(&stem.to_string_lossy()) == plain(model))
    })
}

/// By hand: the catalogue does not know this model.
fn qwen_trials() -> Vec<Trial> {
    let file = cached_file("qwen2.5-coder-0.5b-instruct-q4_k_m");
    let missing = file.is_none();
    let test = move || qwen(&file.ok_or("the cache has no such file")?);
    vec![Trial::test("qwen2.5-coder::tokens_and_chat", test).with_ignored_flag(missing)]
}

fn qwen(file: &Path) -> Result<(), Failed> {
    let metadata = metadata(file)?;
    let tokenizer = Tokenizer::from_gguf(&metadata)?;
    let ends: Vec<u32> = tokenizer.eos_ids().iter().copied().collect();
    assert_eq!(ends, [151_643, 151_645]);
    assert_eq!(tokenizer.encode("x", Special::ADD)?, [87], "no beginning is added");
    let template = ChatTemplate::from_gguf(&metadata)?.ok_or("no chat template")?;
    assert_eq!(
        template.render(&[Message::user("Hi")], true)?,
        "<|im_start|>system\n\
         You are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n\
         <|im_start|>user\nHi<|im_end|>\n\
         <|im_start|>assistant\n"
    );
    let conversation =
        [Message::system("Be brief."), Message::user("2+2?"), Message::assistant("4")];
    assert_eq!(
        template.render(&conversation, false)?,
        "<|im_start|>system\nBe brief.<|im_end|>\n\
         <|im_start|>user\n2+2?<|im_end|>\n\
         <|im_start|>assistant\n4<|im_end|>\n"
    );
    Ok(())
}
