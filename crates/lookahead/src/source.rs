use foretoken_core::{
    CandidateSource, Context, Draft, NodeId, Outcome, SourceError, Strategy, Token, TokenSet,
    async_trait,
};

use crate::earnings::Earnings;
use crate::grow::{add_columns, add_guesses};
use crate::pool::{NgramPool, SeenBy};
use crate::stream::Stream;
use crate::text::TextGrams;
use crate::window::Window;
use crate::{Advance, Config, ConfigError};

/// Draws before a start value is taken from anywhere in the vocabulary.
const DRAWS: usize = 8;

/// Lookahead decoding: a window of trajectories, and a pool of the n-grams
/// they leave behind.
///
/// See the [crate documentation](crate) for the idea. What it promises:
/// - window cells are argmaxes, never samples: no random number of the
///   sampler's is used, and sampled output does not depend on the window;
/// - an n-gram's key is the token that really stood before it; for column 0
///   that is the last emitted token;
/// - a column that was not observed, because the draft had no room for it or
///   its pass was lost, keeps its values;
/// - end-of-sequence tokens are kept out of window and pool;
/// - the pool is bounded, and lasts for one sequence unless
///   [`Config::keep`] says otherwise: what one sequence said is never guessed
///   in another. The prompt's n-grams are read off again at no cost.
#[derive(Clone, Debug)]
pub struct Lookahead {
    config: Config,
    pub(crate) pool: NgramPool,
    text: TextGrams,
    /// `None` until the first step of a sequence.
    pub(crate) window: Option<Window>,
    /// The length of the history that the window stands at the end of.
    position: usize,
    prompt_len: usize,
    /// The node of each column's last cell in this step's tree; fewer than
    /// there are columns if the others did not fit.
    pub(crate) cells: Vec<NodeId>,
    ends: TokenSet,
    stream: Stream,
    /// Over all sequences: how much a window earns is the model's nature.
    earnings: Earnings,
}

impl Lookahead {
    /// A source with these settings.
    ///
    /// # Errors
    ///
    /// If a setting is out of the range that its documentation gives.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        let config = config.validate()?;
        Ok(Self {
            config,
            pool: NgramPool::new(config.levels(), config.guesses, config.capacity),
            text: TextGrams::default(),
            window: None,
            position: 0,
            prompt_len: 0,
            cells: Vec::new(),
            ends: TokenSet::default(),
            stream: Stream::new(config.seed),
            earnings: Earnings::default(),
        })
    }

    /// The settings.
    pub fn config(&self) -> Config {
        self.config
    }

    /// Brings the state up to what the context says: the text's n-grams into
    /// the pool, the window to the end of the text.
    fn catch_up(&mut self, context: &Context<'_>) {
        let history = context.history;
        if history.len() < self.position {
            self.truncate(history.len());
        }
        if self.ends != *context.end_of_sequence {
            self.ends = context.end_of_sequence.clone();
        }
        let Self { config, pool, text, window, position, ends, stream, .. } = self;
        text.gather(history, context.prompt_len, config, ends, pool);

        let mut fill = || start_value(stream, context);
        let passed = history.len() - *position;
        *position = history.len();
        let window = match window {
            Some(window) => {
                if config.advance == Advance::Accepted {
                    window.advance(passed);
                }
                window
            }
            None => window.insert(Window::start(config.window, config.levels(), &mut fill)),
        };
        window.set_root(context.last());
        window.replace(|token| ends.contains(token), fill);
    }
}

/// A token of the text, drawn at random; one that ends no sequence, unless all do.
fn start_value(stream: &mut Stream, context: &Context<'_>) -> Token {
    let ends = |token: &Token| context.end_of_sequence.contains(*token);
    let mut draws = (0..DRAWS).map(|_| context.history[stream.below(context.history.len())]);
    let drawn = draws.find(|token| !ends(token));
    drawn.or_else(|| (0..context.vocabulary as Token).find(|token| !ends(token))).unwrap_or(0)
}

impl Default for Lookahead {
    fn default() -> Self {
        Self::new(Config::default()).expect("the default settings are valid")
    }
}

#[async_trait]
impl CandidateSource for Lookahead {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn begin(&mut self, prompt: &[Token], _reused: usize) {
        if !self.config.keep {
            self.pool.clear();
        }
        self.text = TextGrams::default();
        self.window = None;
        self.position = 0;
        self.prompt_len = prompt.len();
        self.cells.clear();
        self.stream = Stream::new(self.config.seed);
    }

    async fn propose(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), SourceError> {
        self.cells.clear();
        self.catch_up(context);
        let Self { config, pool, window, cells, earnings, .. } = self;
        let Some(window) = window else { return Ok(()) };
        // A path of d guesses yields d + 1 tokens: deeper ones could not come out.
        let depth = draft.budget().depth.min(context.remaining.saturating_sub(1));
        let grams = pool.ranked(context.last());
        let nodes = draft.remaining();
        let beside_window = nodes.saturating_sub(config.window * config.levels() - 1);
        add_guesses(&grams, depth, beside_window.max(nodes.div_ceil(2)), draft);
        let worth = if config.adaptive {
            earnings.per_cell() * config.levels() as f32
        } else {
            f32::INFINITY
        };
        add_columns(window, depth, worth, cells, draft);
        add_guesses(&grams, depth, usize::MAX, draft);
        Ok(())
    }

    fn observe(&mut self, outcome: &Outcome<'_>) {
        let Self { config, pool, window, position, cells, ends, earnings, .. } = self;
        let Some(window) = window else { return };
        // The last token is the model's own choice whatever is guessed.
        let guessable = outcome.emitted().split_last().map_or(&[][..], |(_, guessable)| guessable);
        let earned = pool.credit(window.root(), outcome.emitted()).min(guessable.len());
        let mut turned = 0;
        for (index, node) in cells.drain(..).enumerate() {
            let Some(newest) = outcome.argmax(node) else { continue };
            let key = window.column(index)[0];
            window.turn(index, newest);
            turned += 1;
            if !ends.contains(newest) {
                pool.insert(key, window.column(index), SeenBy::Window);
            }
        }
        // A column that turned stands one position further on.
        *position += usize::from(turned > 0);
        earnings.count(earned, turned * config.levels());
    }

    fn truncate(&mut self, len: usize) {
        self.text.truncate(len, &self.config);
        self.position = self.position.min(len);
        self.cells.clear();
    }

    fn fork(&self) -> Box<dyn CandidateSource> {
        Box::new(self.clone())
    }

    fn end(&mut self, tokens: &[Token]) {
        if self.config.keep {
            let Self { config, pool, text, prompt_len, ends, .. } = self;
            text.gather(tokens, *prompt_len, config, ends, pool);
        } else {
            self.pool.clear();
        }
    }
}
