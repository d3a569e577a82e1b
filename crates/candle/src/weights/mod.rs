//! Named tensors from files: GGUF, or safetensors with a `config.json`.
//!
//! Files are mapped, their heads are read and checked at once, and no tensor is read before its place in the file is
//! known to exist.

mod failure;
mod gguf;
mod map;
mod name;
mod safetensors;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
    ops::Range,
    path::{Path, PathBuf},
};

use candle_core::quantized::GgmlDType;

use crate::{
    error::{Error, read_json},
    inspect::TensorType,
};

pub(crate) use failure::Failure;
pub(crate) use gguf::Metadata;
use map::MappedFile;
pub(crate) use name::{Name, Naming, Part, ROTARY_FACTORS};
pub(crate) use safetensors::is_complete;
#[cfg(feature = "hub")]
pub(crate) use safetensors::{INDEX, SINGLE, files};

/// The tensors of a model, and what its files say about them.
#[derive(Debug)]
pub(crate) struct Weights {
    files: Vec<MappedFile>,
    tensors: HashMap<String, Stored>,
    pub(crate) configuration: Configuration,
}

/// What describes the network.
#[derive(Debug)]
pub(crate) enum Configuration {
    /// The metadata of a GGUF file.
    Gguf(Metadata),
    /// The `config.json` beside safetensors files.
    HuggingFace { folder: PathBuf, json: serde_json::Value },
}

/// Where a tensor lies, checked against the length of its file.
#[derive(Clone, Debug)]
struct Stored {
    element: GgmlDType,
    shape: Vec<usize>,
    file: usize,
    range: Range<usize>,
}

impl Stored {
    /// Bytes of a tensor; `None` if blocks do not fill its rows or the size overflows.
    fn bytes_of(element: GgmlDType, shape: &[usize]) -> Option<usize> {
        let row = *shape.last()?;
        let elements = shape.iter().try_fold(1usize, |product, &len| product.checked_mul(len))?;
        let whole = row.is_multiple_of(element.block_size());
        whole.then_some(elements / element.block_size())?.checked_mul(element.type_size())
    }
}

/// A tensor in its file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoredTensor<'a> {
    pub(crate) element: GgmlDType,
    /// Outputs first, inputs last.
    pub(crate) shape: &'a [usize],
    /// Little-endian elements or blocks, row by row.
    pub(crate) bytes: &'a [u8],
}

impl Weights {
    /// Opens the model at `path`: a GGUF file, a safetensors file, an index of safetensors files, or a folder of them.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        if !path.exists() {
            let wanted = "give a GGUF file, or a folder with safetensors files and config.json";
            return Err(Failure::NotFound { path: path.to_owned(), wanted }.into());
        }
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_dir() || matches!(extension, Some("safetensors" | "json")) {
            return Self::open_safetensors(path);
        }
        Self::open_gguf(MappedFile::open(path)?)
    }

    /// The model in the bytes of a GGUF file; `name` stands for its path in errors.
    pub(crate) fn of_bytes(name: &str, bytes: &[u8]) -> Result<Self, Error> {
        Self::open_gguf(MappedFile::of_bytes(name, bytes)?)
    }

    fn open_gguf(file: MappedFile) -> Result<Self, Error> {
        let gguf::Head { metadata, tensors } = gguf::read(file.path(), file.bytes())?;
        let configuration = Configuration::Gguf(metadata);
        Ok(Self { files: vec![file], tensors, configuration })
    }

    fn open_safetensors(path: &Path) -> Result<Self, Error> {
        let files = safetensors::files(path)?;
        let files =
            files.iter().map(|file| MappedFile::open(file)).collect::<Result<Vec<_>, _>>()?;
        let mut tensors = HashMap::new();
        for (index, file) in files.iter().enumerate() {
            safetensors::read(file, index, &mut tensors)?;
        }
        let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
        let json = read_json(&folder.join("config.json"))?;
        let folder = folder.to_owned();
        Ok(Self { files, tensors, configuration: Configuration::HuggingFace { folder, json } })
    }

    pub(crate) fn naming(&self) -> Naming {
        match &self.configuration {
            Configuration::Gguf(_) => Naming::Gguf,
            Configuration::HuggingFace { json, .. } => {
                let kind = json["model_type"].as_str().unwrap_or_default();
                if kind.starts_with("gemma") {
                    Naming::HuggingFaceOnBothSides
                } else {
                    Naming::HuggingFace
                }
            }
        }
    }

    pub(crate) fn contains(&self, name: Name) -> bool {
        self.tensors.contains_key(&self.naming().of(name))
    }

    /// The shape of a tensor, if the files have it.
    pub(crate) fn shape(&self, name: Name) -> Option<&[usize]> {
        self.tensors.get(&self.naming().of(name)).map(|stored| stored.shape.as_slice())
    }

    /// The tensor called `name`, which must have this shape.
    pub(crate) fn tensor(
        &self,
        name: Name,
        expected: &[usize],
    ) -> Result<StoredTensor<'_>, Failure> {
        let missing = || self.missing(name);
        let name = self.naming().of(name);
        let stored = self.tensors.get(&name).ok_or_else(missing)?;
        if stored.shape != expected {
            let (found, expected) = (stored.shape.clone(), expected.to_vec());
            return Err(Failure::Shape { name, found, expected });
        }
        Ok(self.view(stored))
    }

    /// A vector, in single precision.
    pub(crate) fn vector(&self, name: Name, len: usize) -> Result<Vec<f32>, Failure> {
        let tensor = self.tensor(name, &[len])?;
        let values =
            tensor.to_f32().map_err(|problem| self.unreadable(name, tensor.element, problem))?;
        if values.iter().all(|value| value.is_finite()) {
            Ok(values)
        } else {
            Err(self.unreadable(name, tensor.element, "it holds a number that is not finite"))
        }
    }

    /// The vector with this name in the file, if it has one.
    pub(crate) fn vector_in_file(&self, name: &str) -> Result<Option<Vec<f32>>, Failure> {
        let Some(stored) = self.tensors.get(name) else { return Ok(None) };
        let values = self.view(stored).to_f32().map_err(|problem| Failure::Unreadable {
            name: name.to_owned(),
            kind: format!("{:?}", stored.element),
            problem,
        })?;
        Ok(Some(values))
    }

    /// The error that there is no such tensor.
    pub(crate) fn missing(&self, name: Name) -> Failure {
        Failure::Missing { name: self.naming().of(name) }
    }

    /// The error that the tensor cannot be used because of `problem`.
    pub(crate) fn unreadable(
        &self,
        name: Name,
        element: GgmlDType,
        problem: impl Into<String>,
    ) -> Failure {
        let (name, kind) = (self.naming().of(name), format!("{element:?}"));
        Failure::Unreadable { name, kind, problem: problem.into() }
    }

    /// Refuses files with tensors beyond those in `known`: a network with more parts than these would be computed
    /// without them.
    pub(crate) fn refuse_others(
        &self,
        known: impl IntoIterator<Item = Name>,
        architecture: &str,
    ) -> Result<(), Failure> {
        let naming = self.naming();
        let known: HashSet<String> = known.into_iter().map(|name| naming.of(name)).collect();
        let other = self
            .tensors
            .keys()
            .filter(|name| !known.contains(*name) && !naming.is_configuration(name))
            .min();
        other.map_or(Ok(()), |name| {
            let architecture = architecture.to_owned();
            Err(Failure::Unknown { name: name.clone(), architecture })
        })
    }

    /// Says that a tensor will hardly be read again.
    pub(crate) fn release(&self, name: Name) {
        if let Some(stored) = self.tensors.get(&self.naming().of(name)) {
            self.files[stored.file].release(stored.range.clone());
        }
    }

    /// Bytes of all files.
    pub(crate) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes().len() as u64).sum()
    }

    /// What types the tensors are of, those with most bytes first.
    pub(crate) fn types(&self) -> Vec<TensorType> {
        let mut types: BTreeMap<&str, TensorType> = BTreeMap::new();
        for stored in self.tensors.values() {
            let element = element_name(stored.element);
            let entry = types.entry(element);
            let of_type = entry.or_insert(TensorType { element, count: 0, bytes: 0 });
            of_type.count += 1;
            of_type.bytes += stored.range.len() as u64;
        }
        let mut types: Vec<TensorType> = types.into_values().collect();
        types.sort_by_key(|of_type| Reverse(of_type.bytes));
        types
    }

    /// Numbers in all tensors, those of the configuration apart.
    pub(crate) fn parameters(&self) -> u64 {
        let naming = self.naming();
        let tensors = self.tensors.iter().filter(|(name, _)| !naming.is_configuration(name));
        let counts = tensors.map(|(_, stored)| {
            let lengths = stored.shape.iter().map(|&len| len as u64);
            lengths.fold(1, u64::saturating_mul)
        });
        counts.fold(0, u64::saturating_add)
    }

    fn view<'a>(&'a self, stored: &'a Stored) -> StoredTensor<'a> {
        StoredTensor {
            element: stored.element,
            shape: &stored.shape,
            bytes: &self.files[stored.file].bytes()[stored.range.clone()],
        }
    }
}

/// What files call an element type.
fn element_name(element: GgmlDType) -> &'static str {
    match element {
        GgmlDType::F32 => "F32",
        GgmlDType::F16 => "F16",
        GgmlDType::BF16 => "BF16",
        GgmlDType::Q4_0 => "Q4_0",
        GgmlDType::Q4_1 => "Q4_1",
        GgmlDType::Q5_0 => "Q5_0",
        GgmlDType::Q5_1 => "Q5_1",
        GgmlDType::Q8_0 => "Q8_0",
        GgmlDType::Q8_1 => "Q8_1",
        GgmlDType::Q2K => "Q2_K",
        GgmlDType::Q3K => "Q3_K",
        GgmlDType::Q4K => "Q4_K",
        GgmlDType::Q5K => "Q5_K",
        GgmlDType::Q6K => "Q6_K",
        GgmlDType::Q8K => "Q8_K",
    }
}

impl StoredTensor<'_> {
    /// The elements in single precision; an error for types of blocks, which only matrices have.
    fn to_f32(self) -> Result<Vec<f32>, String> {
        let bytes = self.bytes;
        let two =
            |convert: fn([u8; 2]) -> f32| bytes.as_chunks().0.iter().map(|&x| convert(x)).collect();
        match self.element {
            GgmlDType::F32 => {
                Ok(bytes.as_chunks().0.iter().map(|&x| f32::from_le_bytes(x)).collect())
            }
            GgmlDType::F16 => Ok(two(|x| half::f16::from_le_bytes(x).to_f32())),
            GgmlDType::BF16 => Ok(two(|x| half::bf16::from_le_bytes(x).to_f32())),
            _ => Err("a vector is expected to be of type F32, F16 or BF16".to_owned()),
        }
    }
}
