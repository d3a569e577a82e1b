//! The hub, played by a server on this machine.

mod server;

use std::{fs, path::Path, time::Instant};

use super::*;
use crate::catalogue::{Cache, Source, Way, unpack::checksum};
use server::{COMMIT, Server};

/// Large enough for several reads.
fn content() -> Vec<u8> {
    (0..200_000u32).flat_map(u32::to_le_bytes).collect()
}

struct Bench {
    folder: tempfile::TempDir,
    server: Server,
}

impl Bench {
    fn new() -> Self {
        let server = Server::start();
        server.put("owner/name/model.gguf", &content());
        Self { folder: tempfile::tempdir().unwrap(), server }
    }

    fn hub(&self) -> Hub {
        Hub::at(self.folder.path().join("hub")).with_endpoint(&self.server.endpoint())
    }

    fn cache(&self) -> Cache {
        Cache::at(self.folder.path().join("own")).with_hub(self.hub())
    }

    fn fetch(&self, address: &str) -> Result<PathBuf, String> {
        let address = address.parse().unwrap();
        let result = self.cache().fetch_address(&address, &mut |_| ());
        result.map_err(|error| {
            let message = error.to_string();
            assert!(!message.contains('\n'), "{message}");
            message
        })
    }

    /// What lies in the hub's cache below the folder of a repository, locks apart.
    fn files(&self) -> Vec<String> {
        fn list(folder: &Path, prefix: &str, names: &mut Vec<String>) {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let entry = entry.unwrap();
                let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
                if entry.file_type().unwrap().is_dir() {
                    list(&entry.path(), &format!("{name}/"), names);
                } else if entry.path().extension() != Some("lock".as_ref()) {
                    names.push(name);
                }
            }
        }
        let mut names = Vec::new();
        list(&self.folder.path().join("hub/models--owner--name"), "", &mut names);
        names.sort();
        names
    }
}

/// The same file as an entry of the catalogue.
fn entry(content: &[u8]) -> Entry {
    Entry {
        name: "toy",
        description: "",
        file: "toy.gguf",
        size: content.len() as u64,
        sha256: checksum(content).leak(),
        source: Source::Published {
            hub: HubFile { repository: "owner/name", revision: COMMIT, file: "model.gguf" },
            wheels: &[],
        },
    }
}

#[test]
fn a_file_comes_whole_into_the_shared_cache() {
    let bench = Bench::new();
    let mut heard = Vec::new();
    let address = "hf:owner/name/model.gguf".parse().unwrap();
    let cache = bench.cache();
    assert_eq!(cache.find_address(&address), None);
    let path = cache.fetch_address(&address, &mut |progress| heard.push(progress)).unwrap();
    assert_eq!(fs::read(&path).unwrap(), content());
    let place = format!("hub/models--owner--name/snapshots/{COMMIT}/model.gguf");
    assert_eq!(path, bench.folder.path().join(place));
    let blob = format!("blobs/{}", checksum(&content()));
    assert_eq!(bench.files(), [blob, "refs/main".into(), format!("snapshots/{COMMIT}/model.gguf")]);
    assert_eq!(heard[0], Progress::Trying { way: Way::Hub, after: None });
    let total = content().len() as u64;
    assert_eq!(heard.last(), Some(&Progress::Checking { done: total, total }));

    let requests = bench.server.state().requests.len();
    assert_eq!(cache.find_address(&address), Some(path.clone()));
    assert_eq!(cache.fetch_address(&address, &mut |_| panic!("it is there")).unwrap(), path);
    assert_eq!(bench.server.state().requests.len(), requests);
}

#[test]
fn a_name_of_the_catalogue_is_one_revision_of_a_file() {
    let bench = Bench::new();
    let (cache, entry) = (bench.cache(), entry(&content()));
    assert_eq!(cache.find(&entry), None);
    let path = cache.fetch(&entry, &mut |_| ()).unwrap();
    assert_eq!(fs::read(&path).unwrap(), content());
    assert_eq!(cache.find(&entry), Some(path));
    let asked = bench.server.state().requests[0].0.clone();
    assert_eq!(asked, format!("/owner/name/resolve/{COMMIT}/model.gguf"));
    assert_eq!(
        fs::read_dir(bench.folder.path().join("own/models")).unwrap().count(),
        1,
        "the lock"
    );
}

#[test]
fn what_another_tool_fetched_is_found() {
    let bench = Bench::new();
    let (cache, entry) = (bench.cache(), entry(&content()));
    let repository = bench.folder.path().join("hub/models--owner--name");
    let write = |path: PathBuf, content: &[u8]| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    // As a part of another commit.
    let blob = repository.join("blobs").join(entry.sha256);
    write(blob.clone(), &content());
    assert_eq!(cache.find(&entry), Some(blob));
    let snapshot = repository.join("snapshots").join(COMMIT).join("model.gguf");
    write(snapshot.clone(), &content());
    assert_eq!(cache.find(&entry), Some(snapshot.clone()));
    let address = "owner/name/model.gguf".parse().unwrap();
    assert_eq!(cache.find_address(&address), None);
    write(repository.join("refs/main"), COMMIT.as_bytes());
    assert_eq!(cache.find_address(&address), Some(snapshot.clone()));
    // Cut off, whoever did it.
    write(snapshot, &content()[..100]);
    fs::remove_dir_all(repository.join("blobs")).unwrap();
    assert_eq!(cache.find(&entry), None);
    write(repository.join("refs/main"), b"../../..");
    assert_eq!(cache.find_address(&address), None);
}

#[test]
fn a_download_that_broke_off_is_gone_on_with() {
    let bench = Bench::new();
    bench.server.state().break_offs = vec![100_000, 300_000];
    let path = bench.fetch("owner/name/model.gguf").unwrap();
    assert_eq!(fs::read(path).unwrap(), content());
    assert_eq!(bench.server.ranges(), ["bytes=0-", "bytes=100000-", "bytes=400000-"]);
}

#[test]
fn a_broken_download_never_looks_complete() {
    let bench = Bench::new();
    bench.server.state().break_offs = vec![100_000, 0];
    let message = bench.fetch("owner/name/model.gguf").unwrap_err();
    assert!(message.contains("hf:owner/name/model.gguf broke off"), "{message}");
    let part = format!("blobs/{}.part", checksum(&content()));
    assert_eq!(bench.files(), [part]);
    assert_eq!(bench.cache().find_address(&"owner/name/model.gguf".parse().unwrap()), None);

    let path = bench.fetch("owner/name/model.gguf").unwrap();
    assert_eq!(fs::read(path).unwrap(), content());
    assert_eq!(bench.server.ranges().last().unwrap(), "bytes=100000-");
    assert_eq!(bench.files().len(), 3);
}

#[test]
fn wrong_bytes_are_refused_and_not_kept() {
    let bench = Bench::new();
    let claimed = checksum(b"something else");
    let etags = [("owner/name/model.gguf".to_owned(), claimed.clone())];
    bench.server.state().etags = etags.into();
    let message = bench.fetch("owner/name/model.gguf").unwrap_err();
    assert!(message.contains("is not the known file (SHA-256 "), "{message}");
    assert!(message.contains(&claimed), "{message}");
    assert_eq!(bench.files(), [""; 0]);

    // A server that begins again at the front.
    bench.server.state().etags.clear();
    bench.server.state().break_offs = vec![100_000, 0];
    bench.fetch("owner/name/model.gguf").unwrap_err();
    bench.server.state().ignores_ranges = true;
    let message = bench.fetch("owner/name/model.gguf").unwrap_err();
    assert!(message.contains("900000 bytes instead of 800000"), "{message}");
    assert_eq!(bench.files(), [""; 0]);
}

#[test]
fn a_file_that_is_no_longer_the_known_one_is_not_even_fetched() {
    let bench = Bench::new();
    let entry = entry(b"what it used to be");
    let message = bench.cache().fetch(&entry, &mut |_| ()).unwrap_err().to_string();
    assert!(message.contains("is now another file on the hub"), "{message}");
    assert!(message.contains(entry.sha256), "{message}");
    assert_eq!(bench.server.ranges(), [""; 0]);
}

#[test]
fn what_does_not_exist_is_said() {
    let bench = Bench::new();
    let message = bench.fetch("owner/name/modle.gguf").unwrap_err();
    assert!(message.contains("owner/name") && message.contains("no file modle.gguf"), "{message}");
    let message = bench.fetch("owner/nobody").unwrap_err();
    assert!(message.contains("no public repository owner/nobody"), "{message}");
    for (status, words) in
        [(401, "no public repository owner/name"), (403, "HF_TOKEN"), (500, "status 500")]
    {
        bench.server.state().status = Some(status);
        let message = bench.fetch("owner/name/model.gguf").unwrap_err();
        assert!(message.contains(words), "{message}");
    }
    let etags = [("owner/name/model.gguf".to_owned(), "../../x".to_owned())];
    bench.server.state().etags = etags.into();
    bench.server.state().status = None;
    let message = bench.fetch("owner/name/model.gguf").unwrap_err();
    assert!(message.contains("an answer that is not known"), "{message}");
    assert_eq!(bench.files(), [""; 0]);
}

#[test]
fn offline_means_no_connection() {
    let bench = Bench::new();
    let address = "owner/name/model.gguf".parse().unwrap();
    let entry = entry(&content());
    let refused = |cache: &Cache, switch: &str| {
        let error = cache.fetch_address(&address, &mut |_| ()).unwrap_err().to_string();
        assert!(error.contains(switch) && error.contains("hf:owner/name/model.gguf"), "{error}");
        let error = cache.fetch(&entry, &mut |_| ()).unwrap_err().to_string();
        assert!(error.contains(switch), "{error}");
    };
    refused(&bench.cache().offline(true), "FORETOKEN_OFFLINE");
    refused(&bench.cache().with_hub(bench.hub().offline(true)), "HF_HUB_OFFLINE");
    assert_eq!(bench.server.state().requests, []);
    // What is there needs no connection.
    let path = bench.cache().fetch_address(&address, &mut |_| ()).unwrap();
    assert_eq!(bench.cache().offline(true).fetch_address(&address, &mut |_| ()).unwrap(), path);
}

#[test]
fn a_hub_out_of_reach_is_given_up_in_seconds() {
    let bench = Bench::new();
    bench.server.state().silent = true;
    let start = Instant::now();
    let message = bench.fetch("owner/name/model.gguf").unwrap_err();
    assert!(message.contains("cannot be reached (no answer within"), "{message}");
    assert!(start.elapsed().as_secs() < 8);

    let nobody = Hub::at(bench.folder.path()).with_endpoint("http://127.0.0.1:1/");
    let cache = Cache::at(bench.folder.path()).with_hub(nobody);
    let error = cache.fetch_address(&"owner/name/x".parse().unwrap(), &mut |_| ()).unwrap_err();
    assert!(error.to_string().contains("http://127.0.0.1:1 cannot be reached"), "{error}");
}

#[test]
fn a_repository_comes_with_all_its_files() {
    let bench = Bench::new();
    let index =
        serde_json::json!({ "weight_map": { "a": "one.safetensors", "b": "two.safetensors" } });
    let index = index.to_string();
    for (file, content) in [
        ("config.json", &b"{}"[..]),
        ("tokenizer.json", b"{ }"),
        ("tokenizer_config.json", b"{  }"),
        ("model.safetensors.index.json", index.as_bytes()),
        ("one.safetensors", b"1"),
        ("two.safetensors", b"22"),
        ("README.md", b"not wanted"),
    ] {
        bench.server.put(&format!("owner/whole/{file}"), content);
    }
    let folder = bench.fetch("hf:owner/whole").unwrap();
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "config.json",
            "model.safetensors.index.json",
            "one.safetensors",
            "tokenizer.json",
            "tokenizer_config.json",
            "two.safetensors",
        ]
    );
    let requests = bench.server.state().requests.len();
    assert_eq!(bench.fetch("hf:owner/whole"), Ok(folder.clone()));
    assert_eq!(bench.server.state().requests.len(), requests);

    // What is missing is fetched, and nothing else.
    fs::remove_file(folder.join("two.safetensors")).unwrap();
    assert_eq!(bench.fetch("hf:owner/whole"), Ok(folder));
    let more = bench.server.state().requests[requests..].to_vec();
    assert!(more[1..].iter().all(|(path, _)| path.ends_with("two.safetensors")), "{more:?}");
}

#[test]
fn a_repository_without_safetensors_offers_its_other_files() {
    let bench = Bench::new();
    let message = bench.fetch("hf:owner/name").unwrap_err();
    assert!(message.contains("has no config.json"), "{message}");
    assert!(message.contains("it has hf:owner/name/model.gguf"), "{message}");
}

#[test]
fn variables_mean_what_they_mean_to_other_tools() {
    let home = tempfile::tempdir().unwrap();
    let hub = |variables: &[(&str, &str)]| {
        let variable = |key: &str| {
            let found = variables.iter().find(|(name, _)| *name == key);
            found.map(|(_, value)| OsString::from(value))
        };
        Hub::from_variables(variable, Some(home.path())).unwrap()
    };
    let plain = hub(&[]);
    assert_eq!(plain.folder, home.path().join(".cache/huggingface/hub"));
    assert_eq!((plain.endpoint.as_str(), plain.token, plain.offline), (ENDPOINT, None, false));
    assert_eq!(hub(&[("XDG_CACHE_HOME", "/xdg")]).folder, Path::new("/xdg/huggingface/hub"));
    let (own, whole) = (("HF_HUB_CACHE", "/own"), ("HF_HOME", "/home"));
    assert_eq!(hub(&[whole, ("XDG_CACHE_HOME", "/xdg")]).folder, Path::new("/home/hub"));
    assert_eq!(hub(&[own, whole]).folder, Path::new("/own"));
    assert_eq!(hub(&[("HF_TOKEN", " secret\n")]).token.as_deref(), Some("secret"));
    let folder = home.path().join(".cache/huggingface");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("token"), "written\n").unwrap();
    assert_eq!(hub(&[]).token.as_deref(), Some("written"));
    assert_eq!(hub(&[("HF_ENDPOINT", "http://mirror/")]).endpoint, "http://mirror");
    assert!(hub(&[("HF_HUB_OFFLINE", "1")]).offline && !hub(&[("HF_HUB_OFFLINE", "0")]).offline);
}
