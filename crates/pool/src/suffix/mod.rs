//! What followed the end of the text before, by a suffix automaton with counts.

mod automaton;
mod config;
mod edges;
mod predict;
mod window;

use foretoken_core::{
    CandidateSource, Context, Draft, OptionError, Options, SourceError, Strategy, Token,
    async_trait,
};

pub use config::SuffixConfig;

use self::predict::{Prediction, Scratch};
use self::window::Window;
use crate::expansion::expand;
use crate::{ConfigError, SharedPool};

/// Guesses a tree of what followed the end of the text before.
///
/// A suffix automaton of prompt and output knows, for every string of the
/// text, how often it occurred and what followed it. At each node of the tree
/// the longest suffix of the path that occurred before speaks first; what it
/// leaves open goes to shorter suffixes (prediction by partial matching: Cleary
/// and Witten, 1984; Cleary and Teahan, 1997, for contexts of any length). The
/// tree grows where the path is most probable, until the draft is full or
/// every further path is below a floor: a long match yields a long chain, a
/// short one a few branches, none nothing. It does for one sequence what
/// suffix automaton decoding (Hu et al., 2024) and `SuffixDecoding` (Oliaro et
/// al., 2024) do with one chain and with trees of counts.
///
/// A path may be longer than what followed in the text: where the text ends,
/// its last tokens are looked up again, so that a loop goes round.
///
/// A new sequence forgets the last one, except the beginning that they share.
/// What outlives a sequence is in a [`SharedPool`], and only if the source
/// [was given one](Self::with_shared).
#[derive(Clone, Debug)]
pub struct Suffix {
    config: SuffixConfig,
    window: Window,
    scratch: Scratch,
    pool: Option<SharedPool>,
    /// Tokens before this index of the text were published with another sequence.
    published: usize,
}

impl Suffix {
    /// A source that knows no text yet.
    ///
    /// # Errors
    ///
    /// If a setting is out of range.
    pub fn new(config: SuffixConfig) -> Result<Self, ConfigError> {
        config.validate().map(Self::of)
    }

    fn of(config: SuffixConfig) -> Self {
        // A context with a token after it is counted, too.
        let window = Window::new(config.context + 1, config.tokens);
        Self { config, window, scratch: Scratch::default(), pool: None, published: 0 }
    }

    /// The same with a pool: guesses come from it, too, and each sequence is
    /// published there when it ends, prompt and output.
    ///
    /// What a sequence shares with the one before it, or with the one that it
    /// was forked from, is not published again.
    #[must_use]
    pub fn with_shared(mut self, pool: SharedPool) -> Self {
        self.pool = Some(pool);
        self
    }

    /// The settings.
    pub fn config(&self) -> SuffixConfig {
        self.config
    }
}

impl Default for Suffix {
    fn default() -> Self {
        Self::of(SuffixConfig::default())
    }
}

#[async_trait]
impl CandidateSource for Suffix {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn begin(&mut self, prompt: &[Token], reused: usize) {
        self.published = self.published.min(reused);
        self.window.truncate(reused);
        self.window.follow(prompt);
    }

    async fn propose(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), SourceError> {
        self.window.follow(context.history);
        let automaton = self.window.automaton();
        let (pool, context_length) = (self.pool.as_ref(), self.config.context);
        let mut prediction = Prediction::new(automaton, pool, context_length, &mut self.scratch);
        let start = prediction.start();
        expand(&mut prediction, start, self.config.floor, context, draft);
        Ok(())
    }

    fn truncate(&mut self, len: usize) {
        self.published = self.published.min(len);
        self.window.truncate(len);
    }

    fn fork(&self) -> Box<dyn CandidateSource> {
        let published = if self.pool.is_some() { self.window.len() } else { 0 };
        Box::new(Self { published, ..self.clone() })
    }

    fn end(&mut self, tokens: &[Token]) {
        if let Some(pool) = &self.pool {
            pool.publish(tokens, self.published);
            self.published = tokens.len();
        }
    }
}

impl Strategy for Suffix {
    const NAME: &'static str = "suffix";
    const SUMMARY: &'static str = "guesses a tree of what followed the end of the text before";
    const OPTIONS: &'static [(&'static str, &'static str)] = &[
        ("context", "tokens of the longest match that counts, 1 to 64; default 32"),
        (
            "floor",
            "probability below which a path is not guessed, above 0, 1 at most; default 0.01",
        ),
        ("tokens", "tokens of the text that are remembered, 2 to 16777216; default 131072"),
    ];

    fn from_options(options: &mut Options) -> Result<Self, OptionError> {
        let mut config = SuffixConfig::default();
        config.context = options.take("context")?.unwrap_or(config.context);
        config.floor = options.take("floor")?.unwrap_or(config.floor);
        config.tokens = options.take("tokens")?.unwrap_or(config.tokens);
        Ok(Self::new(config)?)
    }

    fn options(&self) -> Vec<(&'static str, String)> {
        vec![
            ("context", self.config.context.to_string()),
            ("floor", self.config.floor.to_string()),
            ("tokens", self.config.tokens.to_string()),
        ]
    }
}
