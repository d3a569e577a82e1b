//! A damaged file takes no more memory than a small multiple of its size, whatever numbers it holds.
//!
//! Without the test harness, whose own threads would allocate beside it.

// An allocator that counts is the only way to see this, and cannot be written otherwise.
#![allow(unsafe_code)]

mod corruption;

use std::{
    alloc::{GlobalAlloc, Layout, System},
    fs,
    sync::atomic::{AtomicUsize, Ordering},
};

use corruption::fields::{Head, What};
use foretoken_candle::{LoadOptions, Tokenizer, load_bytes};

/// The system's allocator, with the bytes that are taken and their maximum.
struct Counting;

static TAKEN: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: all calls go to the system's allocator as they are.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let taken = TAKEN.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(taken, Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        TAKEN.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most bytes that are taken at a time meanwhile, those before apart.
fn peak<T>(action: impl FnOnce() -> T) -> (T, usize) {
    let before = TAKEN.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let result = action();
    (result, MOST.load(Ordering::Relaxed) - before)
}

const MEGABYTE: usize = 1 << 20;

/// Memory for a file of so many bytes: numbers of a list take up to eight times what they take in the file, and short
/// ones 32 times, of which there may be a megabyte.
fn bound(len: usize) -> usize {
    10 * len + 40 * MEGABYTE
}

/// Loads bytes that cannot be a model.
fn refused(what: &str, bytes: &[u8]) {
    let (result, peak) = peak(|| load_bytes("m.gguf", bytes, &LoadOptions::default()).err());
    let message = result.unwrap_or_else(|| panic!("{what} loads")).to_string();
    assert!(!message.contains('\n'), "{message}");
    assert!(peak <= bound(bytes.len()), "{what}: {peak} bytes for {}: {message}", bytes.len());
    println!("{what}: {:.1} MB for {:.1} MB", peak as f64 / 1e6, bytes.len() as f64 / 1e6);
}

/// A file of nothing but a head, up to its metadata.
fn head(tensors: u64, entries: u64) -> Vec<u8> {
    [b"GGUF\x03\0\0\0".as_slice(), &tensors.to_le_bytes(), &entries.to_le_bytes()].concat()
}

/// The beginning of a list.
fn list(key: &str, kind: u32, count: u64) -> Vec<u8> {
    let (len, is_list) = (key.len() as u64, 9u32);
    [
        &len.to_le_bytes()[..],
        key.as_bytes(),
        &is_list.to_le_bytes(),
        &kind.to_le_bytes(),
        &count.to_le_bytes(),
    ]
    .concat()
}

fn numbers_beyond_the_file() {
    let tiny = foretoken_embedded::TINY;
    let head = Head::of(tiny);
    for what in [What::Count, What::Length, What::Dimension, What::Offset] {
        for (index, field) in head.of_kind(what).enumerate().step_by(7) {
            for number in [1u64 << 31, 1 << 33, 1 << 47, 1 << 63, u64::MAX] {
                let mut bytes = tiny.to_vec();
                bytes[field.at.clone()].copy_from_slice(&number.to_le_bytes());
                refused(&format!("{what:?} {index} is {number}"), &bytes);
            }
        }
    }
}

fn lists_that_fill_the_file() {
    let filler = vec![0; 24 * MEGABYTE];
    for (kind, least) in [(0, 1), (1, 1), (2, 2), (4, 4), (6, 4), (7, 1), (8, 8), (9, 12), (10, 8)]
    {
        for part in [1, 3, 16] {
            let count = (filler.len() / least / part) as u64;
            let bytes = [head(0, 1), list("x", kind, count), filler.clone()].concat();
            refused(&format!("a list of {count} values of type {kind}"), &bytes);
        }
    }
}

fn many_small_things() {
    let filler = vec![0; 24 * MEGABYTE];
    refused("metadata without end", &[head(0, 1 << 20), filler.clone()].concat());
    refused("tensors without end", &[head(1 << 20, 0), filler.clone()].concat());
    let mut entries = head(0, 60_000);
    for index in 0..60_000u64 {
        entries.extend(8u64.to_le_bytes());
        entries.extend(format!("{index:08}").bytes());
        entries.extend([0, 0, 0, 0, 7]);
    }
    refused("thousands of metadata entries", &entries);
}

/// Tensors that all lie in one place.
fn tensors_on_top_of_each_other() {
    let tiny = foretoken_embedded::TINY;
    let head = Head::of(tiny);
    let mut bytes = tiny.to_vec();
    for field in head.of_kind(What::Offset) {
        bytes[field.at.clone()].fill(0);
    }
    refused("tensors that overlap", &bytes);
}

fn tokens_without_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokenizer.json");
    let text = r#"{"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,
        "pre_tokenizer":null,"post_processor":null,"decoder":{"type":"ByteFallback"},
        "model":{"type":"BPE","vocab":{"a":0,"b":ID},"merges":[]}}"#;
    for id in ["16777214", "4294967295", "1000000"] {
        fs::write(&path, text.replace("ID", id)).unwrap();
        let (result, peak) = peak(|| Tokenizer::from_file(&path).map(|_| ()));
        assert!(result.unwrap_err().to_string().contains("compact"), "{id}");
        assert!(peak < 4 * MEGABYTE, "{peak} bytes for a token with the id {id}");
    }
}

fn main() {
    let ((), counted) = peak(|| drop(std::hint::black_box(vec![0u8; 5 * MEGABYTE])));
    assert!(counted >= 5 * MEGABYTE, "the count counts: {counted}");
    let whole = || load_bytes("m.gguf", foretoken_embedded::TINY, &LoadOptions::default()).is_ok();
    assert!(whole());
    numbers_beyond_the_file();
    lists_that_fill_the_file();
    many_small_things();
    tensors_on_top_of_each_other();
    tokens_without_end();
    println!("1 passed, 0 failed");
}
