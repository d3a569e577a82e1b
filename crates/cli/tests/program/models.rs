//! Models by name, by address and by path, and what the program says of them.

use std::{fs, net::TcpListener, path::Path, process::Output};

use serde_json::json;

use crate::{
    model::{TinyModel, template},
    program::{json, program, run, stderr, stdout},
};

fn assert_refused(output: &Output, words: &[&str]) {
    let complaint = stderr(output);
    assert_eq!((output.status.code(), stdout(output).as_str()), (Some(2), ""), "{complaint}");
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    for word in words {
        assert!(complaint.contains(word), "{word:?} is missing in: {complaint}");
    }
}

#[test]
fn the_list_is_the_same_with_and_without_its_name() {
    let output = run(["models", "list"]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    assert_eq!(stdout(&output), stdout(&run(["models"])));
    let list = json(&run(["models", "list", "--json"]));
    let models = list.as_array().unwrap();
    assert_eq!(models[0]["name"], "tiny");
    assert!(models[0]["embedded"] == true && models[0]["hub"].is_null(), "{list}");
    for name in ["smollm2-360m", "smollm2-1.7b", "qwen2.5-0.5b", "qwen3-0.6b", "llama-3.2-1b"] {
        let model = models.iter().find(|model| model["name"] == name).unwrap();
        assert!(model["hub"]["repository"].as_str().unwrap().contains("GGUF"), "{model}");
        assert_eq!((&model["packages"], &model["path"]), (&json!([]), &json!(null)));
        assert!(stdout(&output).contains(&format!("{name}  ")), "{}", stdout(&output));
    }
    let gemma = models.iter().find(|model| model["name"] == "gemma-3-270m").unwrap();
    assert_eq!(gemma["packages"].as_array().unwrap().len(), 4);
    assert!(models.iter().any(|model| model["name"] == "gemma-3-1b"));
}

#[test]
fn info_of_the_model_in_the_program() {
    let info = json(&run(["models", "info", "tiny", "--json"]));
    assert_eq!((&info["architecture"], &info["path"]), (&json!("llama"), &json!(null)));
    let parameters = info["parameters"].as_u64().unwrap();
    assert!((1_000_000..3_000_000).contains(&parameters), "{info}");
    let tensors = info["tensors"].as_array().unwrap();
    let bytes: u64 = tensors.iter().map(|of_type| of_type["bytes"].as_u64().unwrap()).sum();
    assert!(bytes > 0 && bytes < info["bytes"].as_u64().unwrap(), "{info}");
    let text = stdout(&run(["models", "info", "tiny"]));
    for row in ["architecture   llama", "million", "tokenizer      byte-level BPE", "chat template"]
    {
        assert!(text.contains(row), "{text}");
    }
}

#[test]
fn info_of_a_folder() {
    let model = TinyModel::with(512, &template());
    let info = json(&run(["models", "info", model.argument(), "--json"]));
    let weights = fs::metadata(model.path().join("model.safetensors")).unwrap().len();
    let expected = json!({
        "architecture": "llama",
        "bytes": weights,
        "chat_template": true,
        "context_length": 512,
        "file_type": "F32",
        "hidden_size": 32,
        "layers": 2,
        "tokenizer": "byte-level BPE",
        "vocabulary_size": 258,
        "path": model.argument(),
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&info[key], value, "{key}");
    }
    let count: u64 = info["tensors"][0]["count"].as_u64().unwrap();
    assert_eq!((count, &info["tensors"][0]["type"]), (20, &json!("F32")));
    assert_eq!(4 * info["parameters"].as_u64().unwrap(), info["tensors"][0]["bytes"]);

    // No weight is read: these are cut off, and these are not there.
    fs::write(model.path().join("model.safetensors"), b"").unwrap();
    assert_refused(&run(["models", "info", model.argument()]), &["model.safetensors"]);
    assert_refused(&run(["models", "info", "no/such.gguf"]), &["no/such.gguf", "hf:"]);
}

#[test]
fn paths_of_what_is_there_and_of_nothing_else() {
    let cache = tempfile::tempdir().unwrap();
    let own = |arguments: &[&str]| {
        program(arguments).env("FORETOKEN_CACHE", cache.path()).output().unwrap()
    };
    assert_refused(&own(&["models", "path", "tiny"]), &["in this program", "pull tiny"]);
    assert_refused(&own(&["models", "path", "qwen3-0.6b"]), &["qwen3-0.6b", "models pull"]);
    assert_refused(&own(&["models", "path", "hf:a/b/c.gguf"]), &["hf:a/b/c.gguf", "models pull"]);
    assert_refused(&own(&["models", "info", "qwen3-0.6b"]), &["models pull qwen3-0.6b"]);
    // What is in the program needs no connection.
    let pulled = own(&["models", "pull", "tiny"]);
    let path = stdout(&pulled).trim().to_owned();
    assert_eq!(pulled.status.code(), Some(0), "{}", stderr(&pulled));
    assert!(Path::new(&path).starts_with(cache.path()));
    assert_eq!(stdout(&own(&["models", "path", "tiny"])).trim(), path);
    let info = json(&own(&["models", "info", &path, "--json"]));
    assert_eq!(info["parameters"], json(&own(&["models", "info", "tiny", "--json"]))["parameters"]);
}

#[test]
fn what_may_not_be_fetched_is_refused_without_a_connection() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    nobody.set_nonblocking(true).unwrap();
    let endpoint = format!("http://{}", nobody.local_addr().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let with = |switch: &str, arguments: &[&str]| {
        let mut command = program(arguments);
        command.env_remove("FORETOKEN_OFFLINE").env("FORETOKEN_CACHE", folder.path());
        command.env("HF_HUB_CACHE", folder.path()).env("HF_ENDPOINT", &endpoint).env(switch, "1");
        command.output().unwrap()
    };
    for switch in ["FORETOKEN_OFFLINE", "HF_HUB_OFFLINE"] {
        for model in ["hf:a/b/c.gguf", "hf:a/b", "smollm2-360m"] {
            assert_refused(&with(switch, &["models", "pull", model]), &[model, switch]);
            let generate = ["generate", "--prompt", "x", "--model", model];
            assert_refused(&with(switch, &generate), &[switch]);
        }
    }
    assert!(nobody.accept().is_err(), "nobody connected");
}

#[test]
fn what_is_no_model_at_all() {
    for model in ["hf:", "hf:owner", "hf:a/../c", "hf:a/b/../c"] {
        let refused = run(["generate", "--prompt", "x", "--model", model]);
        assert_refused(&refused, &["no model on the hub", "hf:owner/repository"]);
    }
    assert_refused(&run(["models", "frobnicate"]), &["frobnicate"]);
    assert_refused(&run(["models", "pull"]), &["NAME"]);
}

/// A model on the hub runs as one on the disk does: the hub's cache holds it already.
#[test]
fn a_model_of_the_hub_is_one_like_any_other() {
    let model = TinyModel::new();
    let hub = tempfile::tempdir().unwrap();
    let repository = hub.path().join("models--owner--small");
    fs::create_dir_all(repository.join("refs")).unwrap();
    fs::create_dir_all(repository.join("snapshots/abc")).unwrap();
    fs::write(repository.join("refs/main"), "abc").unwrap();
    for entry in fs::read_dir(model.path()).unwrap() {
        let entry = entry.unwrap();
        let to = repository.join("snapshots/abc").join(entry.file_name());
        fs::copy(entry.path(), to).unwrap();
    }
    let of = |model: &str, format: &str| {
        let arguments =
            ["generate", "--prompt", "abc", "--max-new-tokens", "4", "--model", model, format];
        program(arguments).env("HF_HUB_CACHE", hub.path()).output().unwrap()
    };
    let (mine, its) =
        (json(&of(model.argument(), "--json")), json(&of("hf:owner/small", "--json")));
    assert_eq!(mine["text"], its["text"]);
    let output = program(["models", "path", "hf:owner/small"])
        .env("HF_HUB_CACHE", hub.path())
        .output()
        .unwrap();
    assert_eq!(stdout(&output).trim(), repository.join("snapshots/abc").to_str().unwrap());
}
