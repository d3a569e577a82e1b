use super::vocabulary::Vocabulary;

/// Special tokens that end a turn or a text, whatever the file says: models are often published
/// with only one of theirs recorded.
const ENDS: &[&str] = &[
    "<|im_end|>",
    "<|endoftext|>",
    "<end_of_turn>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|end_of_text|>",
    "<|end|>",
    "<|end_of_turn|>",
    "<end_of_utterance>",
    "<|eot|>",
    "<|return|>",
    "<|EOT|>",
];

/// The tokens of the vocabulary that are known to end a sequence.
pub(super) fn known_ends(vocabulary: &Vocabulary) -> impl Iterator<Item = u32> {
    let specials = vocabulary.specials();
    specials.filter(|(_, text)| ENDS.iter().any(|end| end.as_bytes() == *text)).map(|(id, _)| id)
}
