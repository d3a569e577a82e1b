use foretoken_core::{
    CandidateSource, Context, Draft, OptionError, Options, SourceError, Strategy, Token,
    async_trait,
};

use crate::ngrams::Ngrams;
use crate::proposal::Proposal;
use crate::{ConfigError, NgramPoolConfig};

/// Guesses the continuations that were seen most often after the last tokens.
///
/// All n-grams of prompt and output are in the pool, those that cross from one
/// into the other or from step to step too. The longest key with continuations
/// comes first; shorter keys fill up what is missing. Where the last tokens
/// occurred so shortly before that no whole continuation followed yet, what
/// did follow is guessed.
///
/// A new sequence forgets the last one. When a sequence is cut back, n-grams
/// of the part that was cut off stay: they are guesses like any other.
#[derive(Clone, Debug)]
pub struct NgramPool {
    config: NgramPoolConfig,
    ngrams: Ngrams,
    /// Continuations that begin at smaller indices of the text are in the pool.
    learnt: usize,
}

impl NgramPool {
    /// A source with an empty pool.
    ///
    /// # Errors
    ///
    /// If a setting is out of range.
    pub fn new(config: NgramPoolConfig) -> Result<Self, ConfigError> {
        config.validate().map(Self::of)
    }

    fn of(config: NgramPoolConfig) -> Self {
        Self { config, ngrams: Ngrams::new(config.candidates, config.capacity), learnt: 0 }
    }

    /// The settings.
    pub fn config(&self) -> NgramPoolConfig {
        self.config
    }

    /// Continuations that begin at smaller indices are whole in a text of `len` tokens.
    fn whole(&self, len: usize) -> usize {
        (len + 1).saturating_sub(self.config.tokens)
    }

    /// Puts the n-grams of `text` into the pool that are not yet there.
    fn learn(&mut self, text: &[Token]) {
        let whole = self.whole(text.len());
        for start in self.learnt..whole {
            let continuation = &text[start..start + self.config.tokens];
            for key in 1..=self.config.key.min(start) {
                self.ngrams.insert(&text[start - key..start], continuation);
            }
        }
        self.learnt = whole;
    }
}

impl Default for NgramPool {
    fn default() -> Self {
        Self::of(NgramPoolConfig::default())
    }
}

#[async_trait]
impl CandidateSource for NgramPool {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn begin(&mut self, prompt: &[Token], _reused: usize) {
        self.ngrams.clear();
        self.learnt = 0;
        self.learn(prompt);
    }

    async fn propose(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), SourceError> {
        let text = context.history;
        self.learn(text);
        let mut proposal =
            Proposal::new(context, draft, self.config.candidates, self.config.tokens);
        for length in (1..=self.config.key.min(text.len())).rev() {
            let key = &text[text.len() - length..];
            for continuation in self.ngrams.ranked(key) {
                proposal.offer(continuation, length);
            }
            // Continuations that the text has not completed yet.
            for start in (self.learnt.max(length)..text.len()).rev() {
                if text[start - length..start] == *key {
                    proposal.offer(&text[start..], length);
                }
            }
            if proposal.is_full() {
                break;
            }
        }
        Ok(())
    }

    fn truncate(&mut self, len: usize) {
        self.learnt = self.learnt.min(self.whole(len));
    }

    fn fork(&self) -> Box<dyn CandidateSource> {
        Box::new(self.clone())
    }
}

impl Strategy for NgramPool {
    const NAME: &'static str = "ngram-pool";
    const SUMMARY: &'static str = "guesses the continuations seen most often after the last tokens";
    const OPTIONS: &'static [(&'static str, &'static str)] = &[
        ("key", "tokens of the longest key, 1 to 16; default 2"),
        ("tokens", "tokens of a continuation, 1 to 64; default 4"),
        ("candidates", "continuations of a key, kept and guessed, 1 to 64; default 3"),
        ("capacity", "n-grams kept in all, 1 to 16777216; default 65536"),
    ];

    fn from_options(options: &mut Options) -> Result<Self, OptionError> {
        let mut config = NgramPoolConfig::default();
        config.key = options.take("key")?.unwrap_or(config.key);
        config.tokens = options.take("tokens")?.unwrap_or(config.tokens);
        config.candidates = options.take("candidates")?.unwrap_or(config.candidates);
        config.capacity = options.take("capacity")?.unwrap_or(config.capacity);
        Ok(Self::new(config)?)
    }

    fn options(&self) -> Vec<(&'static str, String)> {
        vec![
            ("key", self.config.key.to_string()),
            ("tokens", self.config.tokens.to_string()),
            ("candidates", self.config.candidates.to_string()),
            ("capacity", self.config.capacity.to_string()),
        ]
    }
}
