use super::pretokenizer;

/// Why a tokenizer could not be built or used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(
        "the file holds no tokenizer ({0} is missing): use a GGUF file converted together with \
         its vocabulary, or give a tokenizer.json"
    )]
    Missing(&'static str),
    #[error("the tokenizer in the file is damaged: {key} {problem}; fetch or convert it again")]
    Damaged { key: &'static str, problem: String },
    #[error("unknown vocabulary type '{0}': known are {known}", known = super::KNOWN_MODELS.join(", "))]
    UnknownModel(String),
    #[error(
        "unknown pre-tokenizer '{0}': known are {known}",
        known = pretokenizer::known_names().collect::<Vec<_>>().join(", ")
    )]
    UnknownPreTokenizer(String),
    #[error(
        "the file does not say how text is split into words (tokenizer.ggml.pre), as old files of Llama 3 and Qwen do not: convert the model again, or use a newer file"
    )]
    NoPreTokenizer,
    #[error("cannot use {path}: {problem}")]
    TokenizerFile { path: String, problem: String },
    #[error(
        "{path} decodes its tokens in a way that is not known ({found}): known are byte-level \
         and SentencePiece vocabularies"
    )]
    UnknownDecoder { path: String, found: String },
    #[error("cannot split the text into tokens: {0}")]
    Encode(String),
}
