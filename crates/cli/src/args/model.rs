//! Which model, and how it is computed.

use std::num::NonZeroUsize;

use clap::{Args, ValueEnum};
use foretoken::candle::KvType;

/// Which model, and how it is computed. Nothing of this but the model and --kv changes what is said.
#[derive(Debug, Args)]
#[command(next_help_heading = "Model")]
pub(crate) struct ModelArgs {
    /// A GGUF file, a folder with config.json and safetensors, a name from `foretoken models`, or a model on the Hugging
    /// Face hub: hf:owner/repository/file.gguf, or hf:owner/repository for safetensors.
    ///
    /// Default: the first of these names, a small one in this program.
    #[arg(long, value_name = "PATH|NAME|hf:")]
    pub(crate) model: Option<String>,
    /// Threads that compute. Default: one for each physical core that may be used.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Most tokens of prompt and output together. Default: what the model allows, up to 8192.
    #[arg(long, value_name = "N")]
    pub(crate) context: Option<NonZeroUsize>,
    /// How keys and values are kept; f16 takes half the memory and rounds them.
    #[arg(long, value_name = "TYPE", value_enum, default_value = "f32")]
    pub(crate) kv: Kv,
}

/// The types of cached keys and values.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Kv {
    F32,
    F16,
}

impl From<Kv> for KvType {
    fn from(kv: Kv) -> Self {
        match kv {
            Kv::F32 => Self::F32,
            Kv::F16 => Self::F16,
        }
    }
}
