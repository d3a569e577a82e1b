//! The head of a GGUF file: metadata, and where each tensor lies.

mod element;
mod reader;

use std::{
    collections::{HashMap, hash_map::Entry},
    path::Path,
};

use candle_core::quantized::gguf_file::Value;

use super::{Failure, Stored};
use element::element;
use reader::{Problem, Reader};

/// The metadata of a GGUF file, by key.
pub(crate) type Metadata = HashMap<String, Value>;

const MAGIC: &[u8; 4] = b"GGUF";
const ALIGNMENT_KEY: &str = "general.alignment";
const ALIGNMENT: usize = 32;
/// Tensors are read in place, as numbers of up to this many bytes.
const LEAST_ALIGNMENT: usize = 8;
const MOST_DIMENSIONS: u32 = 4;
/// Beyond these, a number is damage: known models have some dozens of the one and some thousands of the other.
const MOST_METADATA: usize = 1 << 16;
const MOST_TENSORS: usize = 1 << 17;

pub(super) struct Head {
    pub(super) metadata: Metadata,
    pub(super) tensors: HashMap<String, Stored>,
}

/// Whether the bytes begin as a GGUF file does.
pub(super) fn is_gguf(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// Reads and checks the head; `bytes` is the whole file.
pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<Head, Failure> {
    if !is_gguf(bytes) {
        return Err(Failure::damaged(path, "it does not begin as a GGUF file does"));
    }
    let mut reader = Reader::new(&bytes[MAGIC.len()..]);
    let damaged = |problem: Problem| Failure::damaged(path, problem);
    let version = reader.u32().map_err(damaged)?;
    match version {
        1 => reader.use_short_lengths(),
        2 | 3 => {}
        _ if matches!(version.swap_bytes(), 1..=3) => {
            return Err(Failure::unsupported(path, "it is a big-endian GGUF file"));
        }
        _ => {
            let problem = format!("it is of GGUF version {version}; 1 to 3 are known");
            return Err(Failure::unsupported(path, problem));
        }
    }
    let tensor_count = reader.count("tensors", 20).map_err(damaged)?;
    let value_count = reader.count("metadata entries", 9).map_err(damaged)?;
    if tensor_count > MOST_TENSORS || value_count > MOST_METADATA {
        let problem =
            format!("it claims {tensor_count} tensors and {value_count} metadata entries");
        return Err(Failure::damaged(path, problem));
    }
    let metadata = metadata(&mut reader, value_count).map_err(damaged)?;
    refuse_parts(path, &metadata)?;
    let alignment = alignment(&metadata).map_err(damaged)?;
    let infos = (0..tensor_count)
        .map(|_| Info::read(&mut reader, version))
        .collect::<Result<Vec<_>, _>>()
        .map_err(damaged)?;
    let data = (MAGIC.len() + reader.position()).next_multiple_of(alignment);
    let mut tensors = HashMap::with_capacity(infos.len());
    // Tensors that share bytes would take more memory than the file.
    let mut unclaimed = bytes.len().saturating_sub(data);
    for info in infos {
        let name = info.name.clone();
        let stored = info.locate(path, data, alignment, bytes.len())?;
        unclaimed = unclaimed.checked_sub(stored.range.len()).ok_or_else(|| {
            Failure::damaged(path, format!("the tensor {name} lies where others do"))
        })?;
        match tensors.entry(name) {
            Entry::Vacant(entry) => entry.insert(stored),
            Entry::Occupied(entry) => {
                return Err(Failure::damaged(path, format!("it has two tensors {}", entry.key())));
            }
        };
    }
    Ok(Head { metadata, tensors })
}

fn metadata(reader: &mut Reader<'_>, count: usize) -> Result<Metadata, Problem> {
    let mut metadata = Metadata::new();
    for _ in 0..count {
        let key = reader.name()?;
        let value = reader.value().map_err(|problem| format!("in {key}: {problem}"))?;
        metadata.insert(key, value);
    }
    Ok(metadata)
}

/// A model in several GGUF files would come up short of tensors; say why.
fn refuse_parts(path: &Path, metadata: &Metadata) -> Result<(), Failure> {
    match metadata.get("split.count").and_then(|value| value.to_u64().ok()) {
        Some(parts @ 2..) => {
            let problem = format!("it is one of {parts} parts; join them into one file first");
            Err(Failure::unsupported(path, problem))
        }
        _ => Ok(()),
    }
}

fn alignment(metadata: &Metadata) -> Result<usize, Problem> {
    let Some(value) = metadata.get(ALIGNMENT_KEY) else { return Ok(ALIGNMENT) };
    value
        .to_u64()
        .ok()
        .and_then(|alignment| usize::try_from(alignment).ok())
        .filter(|&alignment| alignment.is_multiple_of(LEAST_ALIGNMENT))
        .filter(|alignment| (LEAST_ALIGNMENT..=1 << 30).contains(alignment))
        .ok_or_else(|| format!("{ALIGNMENT_KEY} is {value:?}, no multiple of {LEAST_ALIGNMENT}"))
}

/// A tensor as the head describes it.
struct Info {
    name: String,
    shape: Vec<u64>,
    element: u32,
    offset: u64,
}

impl Info {
    fn read(reader: &mut Reader<'_>, version: u32) -> Result<Self, Problem> {
        let name = reader.name()?;
        let dimensions = reader.u32()?;
        if dimensions == 0 || dimensions > MOST_DIMENSIONS {
            return Err(format!("the tensor {name} has {dimensions} dimensions"));
        }
        let mut shape = Vec::with_capacity(dimensions as usize);
        for _ in 0..dimensions {
            shape.push(if version == 1 { reader.u32()?.into() } else { reader.u64()? });
        }
        // The file has the dimension that lies together first.
        shape.reverse();
        Ok(Self { name, shape, element: reader.u32()?, offset: reader.u64()? })
    }

    /// Where the tensor lies in a file of `len` bytes whose data begin at `data`.
    fn locate(
        self,
        path: &Path,
        data: usize,
        alignment: usize,
        len: usize,
    ) -> Result<Stored, Failure> {
        let Self { name, shape, .. } = &self;
        let element = element(self.element)
            .map_err(|problem| Failure::unsupported(path, format!("tensor {name}: {problem}")))?;
        let damaged = |problem: String| Failure::damaged(path, format!("tensor {name}: {problem}"));
        let shape: Vec<usize> = shape
            .iter()
            .map(|&dimension| usize::try_from(dimension))
            .collect::<Result<_, _>>()
            .map_err(|_| damaged(format!("its shape {shape:?} is beyond this machine")))?;
        let bytes = Stored::bytes_of(element, &shape)
            .ok_or_else(|| damaged(format!("{shape:?} is no shape of {element:?}")))?;
        let range = usize::try_from(self.offset)
            .ok()
            .filter(|offset| offset.is_multiple_of(alignment))
            .and_then(|offset| data.checked_add(offset))
            .and_then(|start| Some(start..start.checked_add(bytes)?));
        match range {
            Some(range) if range.end <= len => Ok(Stored { element, shape, file: 0, range }),
            Some(range) => {
                Err(damaged(format!("it should end at byte {}, and the file has {len}", range.end)))
            }
            None => Err(damaged(format!("it lies at the impossible offset {}", self.offset))),
        }
    }
}
