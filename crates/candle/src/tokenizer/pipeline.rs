use tokenizers::{AddedVocabulary, Model as _, OffsetType, PreTokenizer as _, Tokenizer};

use super::Failure;
use crate::error::Error;

/// An encoder built of the tokenizers crate's stages.
///
/// Stages that shorten or pad a text, and those that add tokens around it, are left out.
#[derive(Debug)]
pub(super) struct Pipeline {
    stages: Tokenizer,
    /// As in `stages`, except that control tokens in a text are text.
    literal: AddedVocabulary,
}

impl Pipeline {
    pub(super) fn new(stages: Tokenizer) -> Self {
        let mut literal = stages.get_added_vocabulary().clone();
        literal.set_encode_special_tokens(true);
        Self { stages, literal }
    }

    /// Appends the tokens of `text`; control tokens in it are recognised if `parse`.
    pub(super) fn encode(&self, text: &str, parse: bool, ids: &mut Vec<u32>) -> Result<(), Error> {
        let added = if parse { self.stages.get_added_vocabulary() } else { &self.literal };
        let mut pieces = added.extract_and_normalize(self.stages.get_normalizer(), text);
        if let Some(splits) = self.stages.get_pre_tokenizer() {
            splits.pre_tokenize(&mut pieces).map_err(failed)?;
        }
        let model = self.stages.get_model();
        pieces.tokenize(|piece| model.tokenize(piece.get())).map_err(failed)?;
        let encoding = pieces.into_encoding(None, 0, OffsetType::None).map_err(failed)?;
        ids.extend_from_slice(encoding.get_ids());
        Ok(())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what map_err hands over")]
fn failed(error: tokenizers::Error) -> Error {
    Failure::Encode(error.to_string()).into()
}
