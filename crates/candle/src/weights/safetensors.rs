//! Checkpoints in safetensors files, whole or in shards.

use std::{
    collections::{BTreeSet, HashMap, hash_map::Entry},
    path::{Component, Path, PathBuf},
};

use candle_core::quantized::GgmlDType;
use safetensors::{Dtype, SafeTensors};

use super::{Failure, Stored, map::MappedFile};
use crate::error::{Error, read_json};

/// The file that lists the shards of a checkpoint.
pub(crate) const INDEX: &str = "model.safetensors.index.json";
/// The file of a checkpoint that has no shards.
pub(crate) const SINGLE: &str = "model.safetensors";

/// The files of the checkpoint at `path`: a folder, an index or a single file.
pub(crate) fn files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    if !path.is_dir() {
        let is_index = path.extension().is_some_and(|extension| extension == "json");
        return if is_index { shards(path) } else { Ok(vec![path.to_owned()]) };
    }
    let (index, single) = (path.join(INDEX), path.join(SINGLE));
    if index.is_file() {
        shards(&index)
    } else if single.is_file() {
        Ok(vec![single])
    } else {
        let wanted = "the folder has neither model.safetensors nor model.safetensors.index.json";
        Err(Failure::NotFound { path: path.to_owned(), wanted }.into())
    }
}

/// Whether a folder has the files that loading asks for; what is in them is not looked at.
pub(crate) fn is_complete(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).is_file();
    let has_weights = || files(folder).is_ok_and(|files| files.iter().all(|file| file.is_file()));
    has("config.json") && has("tokenizer.json") && has_weights()
}

/// The shards that an index lists, in order of their names.
fn shards(index: &Path) -> Result<Vec<PathBuf>, Error> {
    let json = read_json(index)?;
    let damaged = |problem: &str| Failure::damaged(index, problem);
    let map = json["weight_map"]
        .as_object()
        .ok_or_else(|| damaged("it has no weight_map, so it is no index of shards"))?;
    let names: BTreeSet<&str> = map
        .values()
        .map(|name| {
            name.as_str().ok_or_else(|| damaged("weight_map names something else than files"))
        })
        .collect::<Result<_, _>>()?;
    let shards = names.into_iter().map(|name| {
        let mut components = Path::new(name).components();
        match (components.next(), components.next()) {
            (Some(Component::Normal(_)), None) => Ok(index.with_file_name(name)),
            _ => Err(damaged("weight_map names files outside of its folder").into()),
        }
    });
    shards.collect()
}

/// Adds the tensors of a file, which is to be the one with this index, to those of the others.
pub(super) fn read(
    file: &MappedFile,
    index: usize,
    tensors: &mut HashMap<String, Stored>,
) -> Result<(), Failure> {
    let (path, bytes) = (file.path(), file.bytes());
    let (head, metadata) = SafeTensors::read_metadata(bytes)
        .map_err(|error| Failure::damaged(path, format!("it is no safetensors file ({error})")))?;
    // The length of the head, then the head, then the data.
    let data = size_of::<u64>() + head;
    for (name, info) in metadata.tensors() {
        if name.contains(char::is_control) {
            return Err(Failure::damaged(path, format!("a tensor is called {name:?}")));
        }
        let (start, end) = info.data_offsets;
        let Some(element) = element(info.dtype) else {
            let problem =
                format!("tensor {name} is of type {}; known are F32, F16 and BF16", info.dtype);
            return Err(Failure::unsupported(path, problem));
        };
        let shape = info.shape.clone();
        let range = data + start..data + end;
        match tensors.entry(name) {
            Entry::Vacant(entry) => {
                entry.insert(Stored { element, shape, file: index, range });
            }
            Entry::Occupied(entry) => {
                let problem = format!("the tensor {} is in another file too", entry.key());
                return Err(Failure::damaged(path, problem));
            }
        }
    }
    Ok(())
}

fn element(kind: Dtype) -> Option<GgmlDType> {
    match kind {
        Dtype::F32 => Some(GgmlDType::F32),
        Dtype::F16 => Some(GgmlDType::F16),
        Dtype::BF16 => Some(GgmlDType::BF16),
        _ => None,
    }
}
