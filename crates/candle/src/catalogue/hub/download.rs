//! Downloads through the hub's own client, which keeps what has arrived of a file and goes on with it.
//!
//! The client cannot be interrupted and waits as long as the system does, so it works in a thread that is watched: one
//! that gives no sign of life is left behind. What it fetched appears in the cache by a rename, and only after its size
//! and checksum were found right.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use hf_hub::{
    Cache, Repo, RepoType,
    api::{
        RepoInfo,
        sync::{Api, ApiBuilder, ApiError, ApiRepo},
    },
};
use sha2::{Digest, Sha256};

use super::{Address, Hub};
use crate::{
    catalogue::{Entry, Failure, HubFailure, Progress, unpack::hexadecimal},
    error::Error,
};

/// How long the hub may take to say what a file is: beyond it, it counts as out of reach.
const PATIENCE: Duration = Duration::from_secs(if cfg!(test) { 2 } else { 6 });
/// How long a download may stand still.
const STANDSTILL: Duration = Duration::from_mins(1);
/// How often a download is looked at.
const GLANCE: Duration = Duration::from_millis(100);
/// How often a download that broke off is taken up again at once.
const ATTEMPTS: usize = 3;
/// Bytes moved at a time.
const CHUNK: usize = 1 << 20;

/// What the hub says about a file.
struct Announced {
    /// What it is called among the bytes of the cache; of large files, their SHA-256.
    etag: String,
    size: u64,
}

impl Hub {
    fn api(&self, address: &Address) -> Result<Api, Error> {
        let builder = ApiBuilder::from_cache(Cache::new(self.folder.clone()))
            .with_endpoint(self.endpoint.clone())
            .with_token(self.token.clone())
            .with_progress(false)
            .with_user_agent("foretoken", env!("CARGO_PKG_VERSION"));
        builder.build().map_err(|error| self.explain(address, &error).into())
    }

    /// Fetches one file, of this checksum and size if they are known.
    pub(in super::super) fn fetch_file(
        &self,
        address: &Address,
        known: Option<&Entry>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<PathBuf, Error> {
        let api = self.api(address)?;
        let announced = self.announced(&api, address)?;
        if let Some(entry) = known
            && (announced.etag != entry.sha256 || announced.size != entry.size)
        {
            let (what, found) = (address.to_string(), announced.etag);
            return Err(HubFailure::OtherFile { what, found, expected: entry.sha256 }.into());
        }
        let mut attempt = 1;
        loop {
            let before = self.arrived(address, &announced);
            match self.download(&api, address, &announced, progress) {
                Err(Broken::Other(_))
                    if attempt < ATTEMPTS && self.arrived(address, &announced) > before =>
                {
                    attempt += 1;
                }
                Err(Broken::Other(error)) => return Err(self.explain(address, &error).into()),
                Err(Broken::Final(error)) => return Err(error),
                Ok(path) => return Ok(path),
            }
        }
    }

    /// The files of a repository.
    pub(super) fn listing(&self, address: &Address) -> Result<RepoInfo, Error> {
        let repo = self.api(address)?.repo(repo(address));
        match within(PATIENCE, move || repo.info()) {
            Some(Ok(info)) => Ok(info),
            Some(Err(error)) => Err(self.explain(address, &error).into()),
            None => Err(self.silent().into()),
        }
    }

    fn announced(&self, api: &Api, address: &Address) -> Result<Announced, Error> {
        let (asking, url) = (api.clone(), url(api, address));
        let metadata = match within(PATIENCE, move || asking.metadata(&url)) {
            Some(Ok(metadata)) => metadata,
            Some(Err(error)) => return Err(self.explain(address, &error).into()),
            None => return Err(self.silent().into()),
        };
        // Both become names of files.
        let is_name = |text: &str| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        let (etag, commit) = (metadata.etag(), metadata.commit_hash());
        if !is_name(etag) || !is_name(commit) {
            let problem = "its answer names no checksum or no commit".to_owned();
            return Err(self.odd(address, problem).into());
        }
        Ok(Announced { etag: etag.to_owned(), size: metadata.size() as u64 })
    }

    /// Where bytes are kept until all of them have arrived: the client's own name for it.
    fn part(&self, address: &Address, announced: &Announced) -> PathBuf {
        let cache = Cache::new(self.folder.clone()).repo(repo(address));
        cache.blob_path(&announced.etag).with_extension("part")
    }

    fn arrived(&self, address: &Address, announced: &Announced) -> u64 {
        fs::metadata(self.part(address, announced)).map_or(0, |part| part.len())
    }

    fn download(
        &self,
        api: &Api,
        address: &Address,
        announced: &Announced,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<PathBuf, Broken> {
        let part = self.part(address, announced);
        // One that was complete would have been renamed, so this one is wrong.
        if self.arrived(address, announced) >= announced.size {
            let _ = fs::remove_file(&part);
        }
        let watched = Arc::new(Watched {
            part,
            etag: announced.etag.clone(),
            size: announced.size,
            done: AtomicU64::new(0),
            checked: AtomicU64::new(0),
            wrong: Mutex::new(None),
        });
        let (sender, receiver) = mpsc::channel();
        let repo: ApiRepo = api.repo(repo(address));
        let (reporter, file) = (Reporter(Arc::clone(&watched)), address.file().unwrap_or_default());
        let file = file.to_owned();
        thread::spawn(move || sender.send(repo.download_with_progress(&file, reporter)));
        let mut last = (0, Instant::now());
        let result = loop {
            match receiver.recv_timeout(GLANCE) {
                Ok(result) => break result,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Broken::Final(
                        self.odd(address, "the client failed".to_owned()).into(),
                    ));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            let (done, checked) = watched.say(progress);
            if done + checked > last.0 {
                last = (done + checked, Instant::now());
            } else if last.1.elapsed() > STANDSTILL {
                let (what, total) = (address.to_string(), announced.size);
                return Err(Broken::Final(HubFailure::Standstill { what, done, total }.into()));
            }
        };
        if let Some(problem) = watched.wrong.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let failure = Failure::Checksum { what: address.to_string(), problem };
            return Err(Broken::Final(failure.into()));
        }
        let path = result.map_err(Broken::Other)?;
        watched.say(progress);
        Ok(path)
    }

    fn silent(&self) -> HubFailure {
        let reason = format!("no answer within {} seconds", PATIENCE.as_secs());
        HubFailure::Unreachable { endpoint: self.endpoint.clone(), reason }
    }

    fn odd(&self, address: &Address, problem: String) -> HubFailure {
        HubFailure::Answer { what: address.to_string(), endpoint: self.endpoint.clone(), problem }
    }

    /// What an error of the client comes to.
    fn explain(&self, address: &Address, error: &ApiError) -> HubFailure {
        let what = address.to_string();
        let repository = address.repository().to_owned();
        match error {
            ApiError::RequestError(error) => match &**error {
                ureq::Error::StatusCode(404) => match address.file() {
                    Some(file) => HubFailure::Missing { repository, file: file.to_owned() },
                    None => HubFailure::Denied { repository, has_token: self.token.is_some() },
                },
                ureq::Error::StatusCode(401 | 403) => {
                    HubFailure::Denied { repository, has_token: self.token.is_some() }
                }
                ureq::Error::StatusCode(code) => self.odd(address, format!("status {code}")),
                error => {
                    let reason = error.to_string().replace('\n', " ");
                    HubFailure::Unreachable { endpoint: self.endpoint.clone(), reason }
                }
            },
            ApiError::IoError(error) => match error.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                    HubFailure::DiskFull { what, folder: self.folder.clone() }
                }
                // The client's own files and the connection are told apart by nothing else.
                _ if error.raw_os_error().is_some() && !self.is_writable() => HubFailure::Folder {
                    what,
                    folder: self.folder.clone(),
                    problem: error.to_string(),
                },
                _ => HubFailure::Broken { what, problem: error.to_string() },
            },
            ApiError::LockAcquisition(_) => HubFailure::Busy { what },
            error => self.odd(address, error.to_string().replace('\n', " ")),
        }
    }

    fn is_writable(&self) -> bool {
        fs::create_dir_all(&self.folder).is_ok() && tempfile::tempfile_in(&self.folder).is_ok()
    }
}

/// How a download ended.
enum Broken {
    /// It may be taken up again.
    Other(ApiError),
    /// It would end so again.
    Final(Error),
}

/// What the thread of a download shows of it.
struct Watched {
    part: PathBuf,
    etag: String,
    size: u64,
    done: AtomicU64,
    checked: AtomicU64,
    /// What is wrong with the file that has arrived.
    wrong: Mutex<Option<String>>,
}

impl Watched {
    /// Passes on how far it is: bytes that have arrived, and bytes that were checked.
    fn say(&self, progress: &mut dyn FnMut(Progress)) -> (u64, u64) {
        let total = self.size;
        let (done, checked) =
            (self.done.load(Ordering::Relaxed), self.checked.load(Ordering::Relaxed));
        if checked > 0 {
            progress(Progress::Checking { done: checked.min(total), total });
        } else {
            progress(Progress::Downloading { done: done.min(total), total });
        }
        (done, checked)
    }

    /// What is wrong with all bytes together, if anything is.
    fn fault(&self) -> Option<String> {
        let size = fs::metadata(&self.part).map_or(0, |part| part.len());
        if size != self.size {
            return Some(format!("{size} bytes instead of {}", self.size));
        }
        // Files that the hub keeps with their source text are not called by a checksum of their bytes alone.
        if self.etag.len() != 64 {
            return None;
        }
        let found = self.checksum(&self.part).unwrap_or_else(|error| error.to_string());
        (found != self.etag).then(|| format!("SHA-256 {found} instead of {}", self.etag))
    }

    fn checksum(&self, path: &Path) -> std::io::Result<String> {
        let mut file = File::open(path)?;
        let (mut hash, mut chunk) = (Sha256::new(), vec![0; CHUNK]);
        loop {
            let length = file.read(&mut chunk)?;
            if length == 0 {
                return Ok(hexadecimal(&hash.finalize()));
            }
            hash.update(&chunk[..length]);
            self.checked.fetch_add(length as u64, Ordering::Relaxed);
        }
    }
}

/// The client's view of the same.
struct Reporter(Arc<Watched>);

impl hf_hub::api::Progress for Reporter {
    fn init(&mut self, _size: usize, _file: &str) {
        self.0.done.store(0, Ordering::Relaxed);
    }

    fn update(&mut self, more: usize) {
        self.0.done.fetch_add(more as u64, Ordering::Relaxed);
    }

    /// All bytes have arrived, and the client is about to rename the file. Without one there is nothing to rename.
    fn finish(&mut self) {
        if let Some(found) = self.0.fault() {
            let _ = fs::remove_file(&self.0.part);
            *self.0.wrong.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
        }
    }
}

fn repo(address: &Address) -> Repo {
    let (repository, revision) = (address.repository().to_owned(), address.revision().to_owned());
    Repo::with_revision(repository, RepoType::Model, revision)
}

fn url(api: &Api, address: &Address) -> String {
    api.repo(repo(address)).url(address.file().unwrap_or_default())
}

/// The result of `work`, if it takes no longer; otherwise its thread is left to end by itself.
fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    receiver.recv_timeout(limit).ok()
}
