//! How byte-level vocabularies cut text into words before merging, by the name in the file.

use tokenizers::{
    PreTokenizerWrapper, SplitDelimiterBehavior,
    pre_tokenizers::{
        byte_level::ByteLevel,
        sequence::Sequence,
        split::{Split, SplitPattern},
    },
};

use super::Failure;
use crate::error::Error;

/// One family of vocabularies that split alike.
pub(super) struct PreTokenizer {
    /// What files call it.
    names: &'static [&'static str],
    /// Applied one after another, each to what the one before it left in one piece.
    patterns: &'static [&'static str],
    /// A word that is a token is taken as it is, even where the merges do not lead to it.
    pub(super) whole_words: bool,
    /// Whether a sequence starts with the beginning-of-sequence token, where the file is silent.
    pub(super) add_bos: bool,
}

const GPT2: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
const LLAMA3: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const QWEN2: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const TEKKEN: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const GPT4O: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

const KNOWN: &[PreTokenizer] = &[
    PreTokenizer {
        names: &["gpt-2", "gpt2", "default", "phi-2", "mpt", "olmo", "exaone4", "mellum"],
        patterns: &[GPT2],
        whole_words: false,
        add_bos: false,
    },
    // Digits one by one, then as GPT-2.
    PreTokenizer {
        names: &["smollm", "starcoder", "refact", "command-r", "codeshell", "exaone"],
        patterns: &[r"\p{N}", GPT2],
        whole_words: false,
        add_bos: false,
    },
    PreTokenizer {
        names: &["qwen2", "deepseek-r1-qwen", "stablelm2", "hunyuan", "megrez"],
        patterns: &[QWEN2],
        whole_words: false,
        add_bos: false,
    },
    PreTokenizer {
        names: &["llama-bpe", "llama3", "llama-v3", "falcon3", "pixtral", "lfm2"],
        patterns: &[LLAMA3],
        whole_words: true,
        add_bos: true,
    },
    PreTokenizer {
        names: &["smaug-bpe", "dbrx", "glm4", "chatglm-bpe"],
        patterns: &[LLAMA3],
        whole_words: false,
        add_bos: false,
    },
    PreTokenizer { names: &["tekken"], patterns: &[TEKKEN], whole_words: true, add_bos: true },
    PreTokenizer {
        names: &["gpt-4o", "llama4"],
        patterns: &[GPT4O],
        whole_words: false,
        add_bos: false,
    },
    PreTokenizer {
        names: &["deepseek-coder"],
        patterns: &[r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[一-龥ࠀ-一가-퟿]+", r"\p{N}"],
        whole_words: false,
        add_bos: false,
    },
];

/// Every name that a file may use, family by family.
pub(super) fn known_names() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().flat_map(|family| family.names).copied()
}

impl PreTokenizer {
    /// The family that calls itself `name`.
    ///
    /// # Errors
    /// No name, or one that no family has: guessing would give the model tokens it was not trained on.
    pub(super) fn by_name(name: Option<&str>) -> Result<&'static Self, Error> {
        let name = name.ok_or(Failure::NoPreTokenizer)?;
        KNOWN
            .iter()
            .find(|family| family.names.contains(&name))
            .ok_or_else(|| Failure::UnknownPreTokenizer(name.to_owned()).into())
    }

    /// The splits, and then bytes spelled as characters.
    pub(super) fn build(&self) -> Result<Sequence, Error> {
        let mut stages: Vec<PreTokenizerWrapper> = Vec::with_capacity(self.patterns.len() + 1);
        for &pattern in self.patterns {
            let pattern = SplitPattern::Regex(pattern.to_owned());
            let split = Split::new(pattern, SplitDelimiterBehavior::Isolated, false)
                .map_err(|error| Failure::Encode(error.to_string()))?;
            stages.push(split.into());
        }
        stages.push(ByteLevel::new(false, false, false).into());
        Ok(Sequence::new(stages))
    }
}

#[cfg(test)]
mod tests {
    use tokenizers::{OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer as _};

    use super::*;

    fn words(name: &str, text: &str) -> Vec<String> {
        let splitter = PreTokenizer::by_name(Some(name)).unwrap().build().unwrap();
        let mut pieces = PreTokenizedString::from(text);
        splitter.pre_tokenize(&mut pieces).unwrap();
        pieces
            .get_splits(OffsetReferential::Original, OffsetType::Byte)
            .iter()
            .map(|(_, (start, end), _)| text[*start..*end].to_owned())
            .collect()
    }

    const TEXT: &str = "It's 2024:  fooBar()\n\n x";

    #[test]
    fn families_differ_where_they_should() {
        let split = |name| words(name, TEXT);
        assert_eq!(split("gpt-2"), ["It", "'s", " 2024", ":", " ", " fooBar", "()", "\n\n", " x"]);
        assert_eq!(
            split("smollm"),
            ["It", "'s", " ", "2", "0", "2", "4", ":", " ", " fooBar", "()", "\n\n", " x"]
        );
        assert_eq!(
            split("qwen2"),
            ["It", "'s", " ", "2", "0", "2", "4", ":", " ", " fooBar", "()\n\n", " x"]
        );
        assert_eq!(
            split("llama-bpe"),
            ["It", "'s", " ", "202", "4", ":", " ", " fooBar", "()\n\n", " x"]
        );
        assert_eq!(
            split("tekken"),
            ["It", "'s", " ", "2", "0", "2", "4", ":", " ", " foo", "Bar", "()\n\n", " x"]
        );
        assert_eq!(
            split("gpt-4o"),
            ["It's", " ", "202", "4", ":", " ", " foo", "Bar", "()\n\n", " x"]
        );
        assert_eq!(
            split("deepseek-coder"),
            ["It", "'", "s", " ", "2", "0", "2", "4", ":", " ", " fooBar", "()", "\n", "\n", " x"]
        );
    }

    #[test]
    fn every_family_builds_and_loses_nothing() {
        for name in known_names() {
            assert_eq!(words(name, TEXT).concat(), TEXT, "{name}");
        }
    }

    #[test]
    fn unknown_names_are_refused_with_the_known_ones() {
        let message = PreTokenizer::by_name(Some("whatever")).err().unwrap().to_string();
        assert!(message.starts_with("unknown pre-tokenizer 'whatever': known are gpt-2, "));
        assert!(message.contains("smollm") && !message.contains('\n'), "{message}");
    }
}
