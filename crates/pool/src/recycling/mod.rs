//! What the model predicted before where it saw the same last tokens.

mod config;
mod predict;
mod successors;

use foretoken_core::{
    CandidateSource, Context, Draft, NodeId, OptionError, Options, Outcome, SourceError, Strategy,
    Token, Want, Wants, async_trait,
};

pub use config::RecyclingConfig;

use self::predict::{Place, Prediction};
use self::successors::Successors;
use crate::ConfigError;
use crate::expansion::expand;
use crate::mixture::Mixture;

/// Guesses a tree of what the model predicted after the same tokens before.
///
/// Token recycling (Luo et al., 2024, "Turning trash into treasure:
/// accelerating inference of large language models with token recycling"): a
/// pass predicts the tokens after every node of the tree, after rejected
/// guesses, too. The `k` best of each are kept by the node's token, and guesses
/// are a walk in that table. So there are candidates that the text never had.
///
/// The published method fills a fixed tree of 80 nodes by rank. Here the
/// predictions keep their weights, and the tree grows where the path is most
/// probable; and they are also kept by the last two tokens, which count first.
/// The predictions after the prompt's tokens are learnt where
/// [`RecyclingConfig::prompt`] asks for them.
///
/// Nothing of a sequence is left when the next one begins, unless
/// [`RecyclingConfig::keep`] says so. When a sequence is cut back, predictions
/// from the part that was cut off stay: they are guesses like any other.
#[derive(Clone, Debug)]
pub struct Recycling {
    config: RecyclingConfig,
    successors: Successors,
    mixture: Mixture,
    /// The token before the root of the step, or before the next chunk of the prompt.
    before: Option<Token>,
}

impl Recycling {
    /// A source that knows no predictions yet.
    ///
    /// # Errors
    ///
    /// If a setting is out of range.
    pub fn new(config: RecyclingConfig) -> Result<Self, ConfigError> {
        config.validate().map(Self::of)
    }

    fn of(config: RecyclingConfig) -> Self {
        let successors = Successors::new(config.k, config.key > 1, config.capacity);
        Self { config, successors, mixture: Mixture::default(), before: None }
    }

    /// The settings.
    pub fn config(&self) -> RecyclingConfig {
        self.config
    }

    fn forget(&mut self) {
        self.before = None;
        if !self.config.keep {
            self.successors.clear();
        }
    }

    /// Learns what was predicted after `node`.
    fn learn(&mut self, outcome: &Outcome<'_>, node: NodeId) {
        let tree = outcome.tree();
        let before = tree.parent(node).map_or(self.before, |parent| Some(tree.token(parent)));
        self.successors.learn(before, tree.token(node), outcome.top_k(node));
    }
}

impl Default for Recycling {
    fn default() -> Self {
        Self::of(RecyclingConfig::default())
    }
}

#[async_trait]
impl CandidateSource for Recycling {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn wants(&self) -> Wants {
        let ranked = Want::TopK(self.config.k as u16);
        let prompt = if self.config.prompt { ranked } else { Want::Nothing };
        Wants::default().every_node(ranked).prompt(prompt)
    }

    fn begin(&mut self, _prompt: &[Token], _reused: usize) {
        self.forget();
    }

    async fn propose(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), SourceError> {
        self.before = context.history.iter().rev().nth(1).copied();
        let start = Place { before: self.before, last: context.last() };
        let mut prediction =
            Prediction { successors: &self.successors, mixture: &mut self.mixture };
        expand(&mut prediction, start, self.config.floor, context, draft);
        Ok(())
    }

    fn observe(&mut self, outcome: &Outcome<'_>) {
        // What was predicted on the accepted path is the last word on its keys.
        for node in outcome.tree().nodes().filter(|node| !outcome.accepted().contains(node)) {
            self.learn(outcome, node);
        }
        for &node in outcome.accepted() {
            self.learn(outcome, node);
        }
    }

    fn prefilled(&mut self, chunk: &Outcome<'_>) {
        let tree = chunk.tree();
        // There is nothing to learn unless this source, or one beside it, wanted predictions.
        for node in tree.nodes() {
            self.learn(chunk, node);
        }
        self.before = tree.tokens().last().copied();
    }

    fn fork(&self) -> Box<dyn CandidateSource> {
        Box::new(self.clone())
    }

    fn end(&mut self, _tokens: &[Token]) {
        self.forget();
    }
}

impl Strategy for Recycling {
    const NAME: &'static str = "recycling";
    const SUMMARY: &'static str =
        "guesses a tree of what the model predicted after the same tokens";
    const OPTIONS: &'static [(&'static str, &'static str)] = &[
        ("k", "predictions kept of each place, 1 to 64; default 8"),
        ("key", "tokens of the longest key, 1 or 2; default 2"),
        (
            "floor",
            "probability below which a path is not guessed, above 0, 1 at most; default 0.02",
        ),
        ("capacity", "keys kept in all, 1 to 16777216; default 65536"),
        ("keep", "keep the predictions for the next sequence: on or off; default off"),
        (
            "prompt",
            "predict after the prompt's tokens, too, which slows its pass: on or off; default off",
        ),
    ];

    fn from_options(options: &mut Options) -> Result<Self, OptionError> {
        let mut config = RecyclingConfig::default();
        config.k = options.take("k")?.unwrap_or(config.k);
        config.key = options.take("key")?.unwrap_or(config.key);
        config.floor = options.take("floor")?.unwrap_or(config.floor);
        config.capacity = options.take("capacity")?.unwrap_or(config.capacity);
        config.keep = options.take_switch("keep")?.unwrap_or(config.keep);
        config.prompt = options.take_switch("prompt")?.unwrap_or(config.prompt);
        Ok(Self::new(config)?)
    }

    fn options(&self) -> Vec<(&'static str, String)> {
        vec![
            ("k", self.config.k.to_string()),
            ("key", self.config.key.to_string()),
            ("floor", self.config.floor.to_string()),
            ("capacity", self.config.capacity.to_string()),
            ("keep", Options::switch(self.config.keep)),
            ("prompt", Options::switch(self.config.prompt)),
        ]
    }
}
