//! Models from files.

use std::{num::NonZeroUsize, path::Path};

use candle_core::quantized::gguf_file::Value;
use foretoken_core::ModelInfo;

use crate::{
    ChatTemplate, Tokenizer,
    architecture::Architecture,
    cpu::{CpuEngine, CpuOptions},
    error::Error,
    model::{CandleModel, Engine},
    tensor::{TensorEngine, TensorOptions},
    weights::{Configuration, Weights},
};

/// How a model is loaded.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct LoadOptions {
    /// What computes it. Default: the CPU engine.
    pub engine: EngineOptions,
    /// The most tokens that a sequence may have. Default: what the model was trained for, at most 8192. More than the
    /// model was trained for is no more. Memory for keys and values is reserved for so many tokens and taken as they come.
    pub context: Option<NonZeroUsize>,
    /// The most sequences that may be open at a time. Default: 8. Each reserves a cache when it is opened.
    pub sequences: Option<NonZeroUsize>,
}

/// What computes a model.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EngineOptions {
    /// The CPU, with the same bits for a node whatever runs beside it.
    Cpu(CpuOptions),
    /// candle's tensors, for other devices, up to rounding.
    Tensor(TensorOptions),
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self::Cpu(CpuOptions::default())
    }
}

impl From<CpuOptions> for EngineOptions {
    fn from(options: CpuOptions) -> Self {
        Self::Cpu(options)
    }
}

impl From<TensorOptions> for EngineOptions {
    fn from(options: TensorOptions) -> Self {
        Self::Tensor(options)
    }
}

const DEFAULT_CONTEXT: usize = 8192;
const DEFAULT_SEQUENCES: usize = 8;

impl LoadOptions {
    /// Computes with this engine.
    #[must_use]
    pub fn with_engine(mut self, engine: impl Into<EngineOptions>) -> Self {
        self.engine = engine.into();
        self
    }

    /// Reserves room for sequences of so many tokens.
    #[must_use]
    pub fn with_context(mut self, context: NonZeroUsize) -> Self {
        self.context = Some(context);
        self
    }

    /// Allows so many open sequences.
    #[must_use]
    pub fn with_sequences(mut self, sequences: NonZeroUsize) -> Self {
        self.sequences = Some(sequences);
        self
    }
}

/// A model with everything that its files hold.
#[derive(Debug)]
#[non_exhaustive]
pub struct Loaded {
    /// The network; the tokenizer's end tokens end its sequences.
    pub model: CandleModel,
    /// Its tokenizer.
    pub tokenizer: Tokenizer,
    /// Its chat template, if it has one. A template that cannot be read is an error here and not one of loading, since
    /// the model can be used without it.
    pub chat_template: Result<Option<ChatTemplate>, Error>,
    /// What it is.
    pub description: Description,
}

/// What a model's files say about themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Description {
    /// The name in the file, or the name of the file or folder.
    pub name: String,
    /// The family of networks: `llama`, `qwen2`.
    pub architecture: String,
    /// How the weights are stored: `Q4_K_M`, `BF16`.
    pub file_type: String,
    /// Bytes of all files with weights.
    pub bytes: u64,
}

/// How far loading is, in bytes of weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes laid out.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
}

/// Loads a model with its tokenizer and chat template.
///
/// `path` is a GGUF file; or a folder with `config.json`, `tokenizer.json` and `model.safetensors` or
/// `model.safetensors.index.json`; or one of the latter two.
///
/// ```no_run
/// use foretoken_candle::{LoadOptions, Special, load};
///
/// let loaded = load("model.gguf", &LoadOptions::default())?;
/// let prompt = loaded.tokenizer.encode("Once upon a time", Special::ADD)?;
/// # Ok::<(), foretoken_candle::Error>(())
/// ```
///
/// # Errors
/// Files that are missing, damaged or contradict each other; an architecture, a tokenizer or a type of weights that is
/// not supported; an instruction set that the machine lacks.
pub fn load(path: impl AsRef<Path>, options: &LoadOptions) -> Result<Loaded, Error> {
    load_with_progress(path, options, &mut |_| {})
}

/// The same; `progress` hears how far it is.
///
/// # Errors
/// As [`load`].
pub fn load_with_progress(
    path: impl AsRef<Path>,
    options: &LoadOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<Loaded, Error> {
    let path = path.as_ref();
    all(path, &Weights::open(path)?, options, progress)
}

/// Loads a model from the bytes of a GGUF file, such as a program holds in itself. `name` stands for the file's path in
/// errors.
///
/// # Errors
/// As [`load`].
pub fn load_bytes(name: &str, bytes: &[u8], options: &LoadOptions) -> Result<Loaded, Error> {
    all(Path::new(name), &Weights::of_bytes(name, bytes)?, options, &mut |_| {})
}

fn all(
    path: &Path,
    weights: &Weights,
    options: &LoadOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<Loaded, Error> {
    let tokenizer = match &weights.configuration {
        Configuration::Gguf(metadata) => Tokenizer::from_gguf(metadata)?,
        Configuration::HuggingFace { folder, .. } => {
            Tokenizer::from_file(folder.join("tokenizer.json"))?
        }
    };
    let chat_template = chat_template(&weights.configuration);
    let (model, description) = network(path, weights, options, progress)?;
    let model = model.with_end_of_sequence(tokenizer.eos_ids().iter().copied());
    Ok(Loaded { model, tokenizer, chat_template, description })
}

pub(crate) fn chat_template(configuration: &Configuration) -> Result<Option<ChatTemplate>, Error> {
    match configuration {
        Configuration::Gguf(metadata) => ChatTemplate::from_gguf(metadata),
        Configuration::HuggingFace { folder, .. } => {
            let path = folder.join("tokenizer_config.json");
            if path.is_file() { ChatTemplate::from_file(path) } else { Ok(None) }
        }
    }
}

impl CandleModel {
    /// Loads the network alone, from the files that [`load`] takes: no tokenizer is needed, and no token ends a sequence
    /// until [`with_end_of_sequence`](Self::with_end_of_sequence) says so.
    ///
    /// # Errors
    /// As [`load`].
    pub fn load(path: impl AsRef<Path>, options: &LoadOptions) -> Result<Self, Error> {
        let path = path.as_ref();
        let (model, _) = network(path, &Weights::open(path)?, options, &mut |_| {})?;
        Ok(model)
    }
}

fn network(
    path: &Path,
    weights: &Weights,
    options: &LoadOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<(CandleModel, Description), Error> {
    let architecture = Architecture::of(weights)?;
    let description = describe(path, weights, &architecture);
    let context = options.context.map_or(DEFAULT_CONTEXT, NonZeroUsize::get);
    let context = context.min(architecture.context_length);
    let mut info = ModelInfo::new(&description.name, architecture.vocabulary, context);
    info.hidden_size = architecture.hidden;
    let engine: Box<dyn Engine> = match &options.engine {
        EngineOptions::Cpu(cpu) => {
            Box::new(CpuEngine::load(weights, architecture, *cpu, context, progress)?)
        }
        EngineOptions::Tensor(tensor) => {
            Box::new(TensorEngine::load(weights, architecture, tensor, context)?)
        }
    };
    let sequences = options.sequences.map_or(DEFAULT_SEQUENCES, NonZeroUsize::get);
    Ok((CandleModel::new(info, engine, sequences), description))
}

pub(crate) fn describe(path: &Path, weights: &Weights, architecture: &Architecture) -> Description {
    let metadata = match &weights.configuration {
        Configuration::Gguf(metadata) => Some(metadata),
        Configuration::HuggingFace { .. } => None,
    };
    let get = |key: &str| metadata.and_then(|metadata| metadata.get(key));
    let own_name = match get("general.name") {
        Some(Value::String(name)) => {
            let name: String = name.chars().filter(|c| !c.is_control()).collect();
            Some(name.trim().to_owned()).filter(|name| !name.is_empty())
        }
        _ => None,
    };
    let file_type = get("general.file_type").and_then(|value| value.to_u64().ok());
    let prevailing = || weights.types().first().map_or("?", |first| first.element).to_owned();
    Description {
        name: own_name.unwrap_or_else(|| name_of(path)),
        architecture: architecture.family.to_owned(),
        file_type: file_type.and_then(file_type_name).map_or_else(prevailing, str::to_owned),
        bytes: weights.bytes(),
    }
}

/// The name of a GGUF file, or of the folder of other files.
fn name_of(path: &Path) -> String {
    let is_gguf = path.extension().is_some_and(|extension| extension == "gguf");
    let named = if path.is_dir() {
        path.file_name()
    } else if is_gguf {
        path.file_stem()
    } else {
        path.parent().and_then(Path::file_name).or(path.file_stem())
    };
    named.map_or_else(|| "model".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// What the numbers of `general.file_type` mean.
fn file_type_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "F32",
        1 => "F16",
        2 => "Q4_0",
        3 => "Q4_1",
        7 => "Q8_0",
        8 => "Q5_0",
        9 => "Q5_1",
        10 => "Q2_K",
        11 => "Q3_K_S",
        12 => "Q3_K_M",
        13 => "Q3_K_L",
        14 => "Q4_K_S",
        15 => "Q4_K_M",
        16 => "Q5_K_S",
        17 => "Q5_K_M",
        18 => "Q6_K",
        32 => "BF16",
        _ => return None,
    })
}
