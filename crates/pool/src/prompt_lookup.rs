use foretoken_core::{
    CandidateSource, Context, Draft, OptionError, Options, SourceError, Strategy, Token,
    async_trait,
};

use crate::occurrences::{Match, Occurrences};
use crate::proposal::Proposal;
use crate::{ConfigError, PromptLookupConfig};

/// Longer matches than this are not more convincing.
const CONVINCING: usize = 32;

/// Guesses what followed the last tokens when they occurred before.
///
/// The longest n-gram that occurred before decides, its most recent occurrence
/// first; however few tokens followed it, they are guessed. Where the text has
/// begun to repeat itself, the guess goes on with the repetition.
///
/// A new sequence forgets the last one, except the beginning that they share.
/// Memory: about 40 bytes per token of the text and n-gram length.
#[derive(Clone, Debug)]
pub struct PromptLookup {
    config: PromptLookupConfig,
    index: Occurrences,
}

impl PromptLookup {
    /// A source with an empty index.
    ///
    /// # Errors
    ///
    /// If a setting is out of range.
    pub fn new(config: PromptLookupConfig) -> Result<Self, ConfigError> {
        config.validate().map(Self::of)
    }

    fn of(config: PromptLookupConfig) -> Self {
        Self { config, index: Occurrences::new(config.min_ngram..=config.max_ngram) }
    }

    /// The settings.
    pub fn config(&self) -> PromptLookupConfig {
        self.config
    }

    /// What followed a match, `most` tokens at most, and how many tokens match in all.
    ///
    /// If all tokens since the match repeat the ones before it, the text is in
    /// a loop, and the continuation goes round once more instead of ending
    /// where the text does.
    fn continuation(&self, found: Match, most: usize) -> (Vec<Token>, usize) {
        let text = self.index.text();
        let mut tokens: Vec<Token> = text[found.next..].iter().copied().take(most).collect();
        let distance = text.len() - found.next;
        let enough = CONVINCING.max(self.config.max_ngram).max(distance.min(most));
        let matched = self.index.common_suffix(found.next, enough);
        if matched >= distance.max(self.config.max_ngram) {
            while tokens.len() < most {
                tokens.push(tokens[tokens.len() - distance]);
            }
        }
        (tokens, matched.min(CONVINCING))
    }
}

impl Default for PromptLookup {
    fn default() -> Self {
        Self::of(PromptLookupConfig::default())
    }
}

#[async_trait]
impl CandidateSource for PromptLookup {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn begin(&mut self, prompt: &[Token], reused: usize) {
        self.index.truncate(reused);
        self.index.follow(prompt);
    }

    async fn propose(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), SourceError> {
        self.index.follow(context.history);
        let mut proposal =
            Proposal::new(context, draft, self.config.candidates, self.config.tokens);
        for found in self.index.matches() {
            if proposal.is_full() {
                break;
            }
            let (tokens, matched) = self.continuation(found, proposal.depth());
            proposal.offer(&tokens, matched);
        }
        Ok(())
    }

    fn truncate(&mut self, len: usize) {
        self.index.truncate(len);
    }

    fn fork(&self) -> Box<dyn CandidateSource> {
        Box::new(self.clone())
    }
}

impl Strategy for PromptLookup {
    const NAME: &'static str = "prompt-lookup";
    const SUMMARY: &'static str = "guesses what followed the last tokens when they occurred before";
    const OPTIONS: &'static [(&'static str, &'static str)] = &[
        ("max_ngram", "longest n-gram looked up, 1 to 64; default 3"),
        ("min_ngram", "shortest n-gram looked up, 1 to max_ngram; default 1"),
        ("tokens", "tokens of a continuation, 1 to 1024; default 8"),
        ("candidates", "continuations guessed at once, 1 to 64; default 1"),
    ];

    fn from_options(options: &mut Options) -> Result<Self, OptionError> {
        let mut config = PromptLookupConfig::default();
        config.max_ngram = options.take("max_ngram")?.unwrap_or(config.max_ngram);
        config.min_ngram = options.take("min_ngram")?.unwrap_or(config.min_ngram);
        config.tokens = options.take("tokens")?.unwrap_or(config.tokens);
        config.candidates = options.take("candidates")?.unwrap_or(config.candidates);
        Ok(Self::new(config)?)
    }

    fn options(&self) -> Vec<(&'static str, String)> {
        vec![
            ("max_ngram", self.config.max_ngram.to_string()),
            ("min_ngram", self.config.min_ngram.to_string()),
            ("tokens", self.config.tokens.to_string()),
            ("candidates", self.config.candidates.to_string()),
        ]
    }
}
