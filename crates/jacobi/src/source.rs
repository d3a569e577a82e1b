use foretoken_core::{
    CandidateSource, Context, Draft, NodeId, OptionError, Options, Outcome, SourceError, Strategy,
    Token, Want, async_trait,
};

use crate::stream::Stream;
use crate::trajectory::Trajectory;
use crate::{Config, ConfigError, Init};

/// The chance, to a source that knows nothing better, that a guess is right
/// after one that was. Untrained models rarely converge in one iteration.
const GUESS: f32 = 0.3;

/// Draws before a rule gives up avoiding the end-of-sequence tokens.
const DRAWS: usize = 8;

/// Jacobi decoding: one chain of guesses, refined by every pass.
///
/// See the [crate documentation](crate) for the idea. What it promises:
/// - the guesses of a step are what the last pass predicted along the chain,
///   from the accepted position on; where nothing was predicted (the draft
///   refused the node, or it was not verified) the guess of before stays, and
///   the tail follows the [initial-guess rule](Init);
/// - a predicted end-of-sequence token is replaced by that rule too: nothing
///   can follow one, and as the step's own choice it comes out just the same;
/// - it keeps nothing from one sequence to the next.
#[derive(Clone, Debug)]
pub struct Jacobi {
    config: Config,
    trajectory: Trajectory,
    stream: Stream,
    /// Where the guesses of this step stand in its tree; shorter than the
    /// trajectory if some were refused.
    nodes: Vec<NodeId>,
}

impl Jacobi {
    /// A source with these settings.
    ///
    /// # Errors
    ///
    /// If the window is not 1 to [`Config::MAX_WINDOW`].
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        let config = config.validate()?;
        Ok(Self {
            config,
            trajectory: Trajectory::default(),
            stream: Stream::new(config.seed),
            nodes: Vec::new(),
        })
    }

    /// The settings.
    pub fn config(&self) -> Config {
        self.config
    }

    fn refill(&mut self, context: &Context<'_>) {
        let Self { config, trajectory, stream, .. } = self;
        let ends = |token| context.end_of_sequence.contains(token);
        let prompt = &context.history[..context.prompt_len.clamp(1, context.history.len())];
        trajectory.follow(context.history.len());
        trajectory.fill(config.window, context.last(), ends, |before| {
            let mut draw = || match config.init {
                Init::Repeat => before,
                Init::Prompt => prompt[stream.below(prompt.len())],
                Init::Random => stream.below(context.vocabulary.max(1)) as Token,
            };
            (0..DRAWS).map(|_| draw()).find(|&token| !ends(token)).unwrap_or(before)
        });
    }
}

impl Default for Jacobi {
    fn default() -> Self {
        Self::new(Config::default()).expect("the default settings are valid")
    }
}

#[async_trait]
impl CandidateSource for Jacobi {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn begin(&mut self, _prompt: &[Token], _reused: usize) {
        self.trajectory.clear();
        self.stream = Stream::new(self.config.seed);
    }

    async fn propose(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), SourceError> {
        self.nodes.clear();
        self.refill(context);
        // A path of d guesses yields d + 1 tokens: deeper ones could not come out.
        let depth = draft.budget().depth.min(context.remaining.saturating_sub(1));
        let mut node = NodeId::ROOT;
        let mut path = 1.0;
        for &guess in self.trajectory.guesses().iter().take(depth) {
            path *= GUESS;
            let Some(child) = draft.add(node, guess, path) else { break };
            draft.want(child, Want::Argmax);
            self.nodes.push(child);
            node = child;
        }
        Ok(())
    }

    fn observe(&mut self, outcome: &Outcome<'_>) {
        let nodes = &self.nodes;
        self.trajectory.iterate(|at| nodes.get(at).and_then(|&node| outcome.argmax(node)));
        // The guesses that came out, or were overtaken, drop out when the next
        // step says how long the text has become.
        self.nodes.clear();
    }

    fn truncate(&mut self, _len: usize) {
        self.trajectory.clear();
    }

    fn fork(&self) -> Box<dyn CandidateSource> {
        Box::new(self.clone())
    }
}

impl Strategy for Jacobi {
    const NAME: &'static str = "jacobi";
    const SUMMARY: &'static str = "one chain of guesses, refined by every pass";
    const OPTIONS: &'static [(&'static str, &'static str)] = &[
        ("window", "guesses in the chain, 1 to 1024; default 8"),
        ("init", "the first guess at a place: repeat, prompt or random; default repeat"),
        ("seed", "seeds the draws of init=prompt and init=random; default 0"),
    ];

    fn from_options(options: &mut Options) -> Result<Self, OptionError> {
        let mut config = Config::default();
        if let Some(window) = options.take("window")? {
            config.window = window;
        }
        if let Some(init) = options.take::<String>("init")? {
            config.init = init.parse()?;
        }
        if let Some(seed) = options.take("seed")? {
            config.seed = seed;
        }
        Ok(Self::new(config)?)
    }

    fn options(&self) -> Vec<(&'static str, String)> {
        let Config { window, init, seed } = self.config;
        vec![("window", window.to_string()), ("init", init.to_string()), ("seed", seed.to_string())]
    }
}
