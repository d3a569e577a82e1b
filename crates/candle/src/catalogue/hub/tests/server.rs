//! A hub of a few files on this machine, which can be told to misbehave.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard},
    thread,
};

use sha2::{Digest, Sha256};

use crate::catalogue::unpack::hexadecimal;

pub(in super::super) const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// What the server has and does.
#[derive(Default)]
pub(in super::super) struct State {
    /// Contents by repository and file, `owner/name/file`.
    pub(in super::super) files: HashMap<String, Vec<u8>>,
    /// What it calls a file, if not by its checksum.
    pub(in super::super) etags: HashMap<String, String>,
    /// How many bytes of a content it sends before it hangs up, request by request; afterwards all.
    pub(in super::super) break_offs: Vec<usize>,
    /// What it answers instead of anything else.
    pub(in super::super) status: Option<u16>,
    /// Whether it accepts and then says nothing.
    pub(in super::super) silent: bool,
    /// Whether it sends all of a file whatever part is asked for.
    pub(in super::super) ignores_ranges: bool,
    /// Requests so far: path, and range if there was one.
    pub(in super::super) requests: Vec<(String, Option<String>)>,
}

pub(in super::super) struct Server {
    state: Arc<Mutex<State>>,
    port: u16,
}

impl Server {
    pub(in super::super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, state) = (stream.unwrap(), Arc::clone(&shared));
                thread::spawn(move || serve(stream, &state, port));
            }
        });
        Self { state, port }
    }

    pub(in super::super) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(in super::super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(in super::super) fn put(&self, file: &str, content: &[u8]) {
        self.state().files.insert(file.to_owned(), content.to_vec());
    }

    /// The ranges of contents that were asked for, those of one byte apart, which ask for the size.
    pub(in super::super) fn ranges(&self) -> Vec<String> {
        let state = self.state();
        let contents = state.requests.iter().filter(|(path, _)| path.starts_with("/content/"));
        let ranges = contents.filter_map(|(_, range)| range.clone());
        ranges.filter(|range| range != "bytes=0-0").collect()
    }
}

/// One request for each connection.
fn serve(stream: TcpStream, state: &Mutex<State>, port: u16) {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let path = lines[0].split(' ').nth(1).unwrap().to_owned();
    let header = |name: &str| {
        let mut fields = lines[1..].iter().filter_map(|line| line.split_once(':'));
        let found = fields.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim().to_owned())
    };
    let range = header("range");
    let answer = {
        let mut state = state.lock().unwrap();
        state.requests.push((path.clone(), range.clone()));
        answer(&mut state, &path, range.as_deref(), port)
    };
    let mut stream = reader.into_inner();
    match answer {
        Some((head, body)) => {
            let _ = stream
                .write_all(format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").as_bytes());
            let _ = stream.write_all(&body);
        }
        // Until the client gives up.
        None => drop(stream.read(&mut [0])),
    }
}

/// The lines of the head after the version, and the body.
fn answer(
    state: &mut State,
    path: &str,
    range: Option<&str>,
    port: u16,
) -> Option<(String, Vec<u8>)> {
    if state.silent {
        return None;
    }
    if let Some(status) = state.status {
        return Some((format!("{status} No\r\nContent-Length: 0"), Vec::new()));
    }
    let nothing = Some(("404 Not Found\r\nContent-Length: 0".to_owned(), Vec::new()));
    if let Some(repository) = path.strip_prefix("/api/models/") {
        let repository = repository.strip_suffix("/revision/main").unwrap();
        let prefix = format!("{repository}/");
        let files: Vec<_> = state
            .files
            .keys()
            .filter_map(|file| file.strip_prefix(&prefix))
            .map(|file| serde_json::json!({ "rfilename": file }))
            .collect();
        if files.is_empty() {
            return nothing;
        }
        let body = serde_json::json!({ "siblings": files, "sha": COMMIT }).to_string();
        return Some((format!("200 OK\r\nContent-Length: {}", body.len()), body.into_bytes()));
    }
    if let Some(file) = path.strip_prefix("/content/") {
        let content = state.files.get(file)?;
        let range = range.filter(|_| !state.ignores_ranges).unwrap_or("bytes=0-");
        let (start, end) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
        let start: usize = start.parse().unwrap();
        if start >= content.len() {
            return Some(("416 Range\r\nContent-Length: 0".to_owned(), Vec::new()));
        }
        let end = end.parse().map_or(content.len(), |end: usize| end + 1);
        let part = &content[start..end];
        let head = format!(
            "206 Partial Content\r\nContent-Length: {}\r\nContent-Range: bytes {start}-{}/{}",
            part.len(),
            end - 1,
            content.len()
        );
        let sent = if part.len() > 1 && !state.break_offs.is_empty() {
            state.break_offs.remove(0).min(part.len())
        } else {
            part.len()
        };
        return Some((head, part[..sent].to_vec()));
    }
    let (repository, rest) = path[1..].split_once("/resolve/").unwrap();
    let file = format!("{repository}/{}", rest.split_once('/').unwrap().1);
    let Some(content) = state.files.get(&file) else { return nothing };
    let checksum = || hexadecimal(&Sha256::digest(content));
    let etag = state.etags.get(&file).cloned().unwrap_or_else(checksum);
    let head = format!(
        "302 Found\r\nContent-Length: 0\r\nX-Repo-Commit: {COMMIT}\r\nX-Linked-Etag: \"{etag}\"\r\n\
         Location: http://127.0.0.1:{port}/content/{file}"
    );
    Some((head, Vec::new()))
}
