//! What a model's files say, without loading its weights.

use std::path::Path;

use crate::{
    architecture::Architecture,
    error::Error,
    load::{Description, chat_template, describe},
    tokenizer::TokenizerKind,
    weights::Weights,
};

/// A model as its files describe it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inspection {
    /// What it is.
    pub description: Description,
    /// Numbers in all tensors together.
    pub parameters: u64,
    /// What types the tensors are of, those with most bytes first.
    pub tensors: Vec<TensorType>,
    /// Decoder blocks.
    pub layers: usize,
    /// The length of a hidden state.
    pub hidden: usize,
    /// Positions that the model was trained for.
    pub context_length: usize,
    /// Tokens that it computes logits for.
    pub vocabulary: usize,
    /// How text becomes tokens; `None` if the files do not say.
    pub tokenizer: Option<TokenizerKind>,
    /// Whether there is a chat template; what is wrong with it if it cannot be used.
    pub chat_template: Result<bool, String>,
}

/// Tensors of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TensorType {
    /// The type as files call it: `Q4_K`, `F32`.
    pub element: &'static str,
    /// How many tensors.
    pub count: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// Reads what a model's files say; `path` is what [`load`](fn@crate::load) takes.
///
/// ```no_run
/// let model = foretoken_candle::inspect("model.gguf")?;
/// println!("{} million weights", model.parameters / 1_000_000);
/// # Ok::<(), foretoken_candle::Error>(())
/// ```
///
/// # Errors
/// Files that are missing or damaged; an architecture that is not supported.
pub fn inspect(path: impl AsRef<Path>) -> Result<Inspection, Error> {
    let path = path.as_ref();
    read(path, &Weights::open(path)?)
}

/// The same of the bytes of a GGUF file; `name` stands for the file's path in errors.
///
/// # Errors
/// As [`inspect`].
pub fn inspect_bytes(name: &str, bytes: &[u8]) -> Result<Inspection, Error> {
    read(Path::new(name), &Weights::of_bytes(name, bytes)?)
}

fn read(path: &Path, weights: &Weights) -> Result<Inspection, Error> {
    let architecture = Architecture::of(weights)?;
    let template = chat_template(&weights.configuration);
    Ok(Inspection {
        description: describe(path, weights, &architecture),
        parameters: weights.parameters(),
        tensors: weights.types(),
        layers: architecture.layers(),
        hidden: architecture.hidden,
        context_length: architecture.context_length,
        vocabulary: architecture.vocabulary,
        tokenizer: TokenizerKind::of(&weights.configuration)?,
        chat_template: template.map(|found| found.is_some()).map_err(|error| error.to_string()),
    })
}
