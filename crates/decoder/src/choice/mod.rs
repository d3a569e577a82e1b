//! What a model's logits at a node mean: the token that comes out.

mod bans;
mod bias;
mod distribution;
mod exp;
mod penalties;
mod random;
mod score;

use std::fmt;

use foretoken_core::{
    Constraint, Context, DecodeError, LogitsProcessor, ModelError, ModelInfo, NodeId, Pass,
    Request, Sampling, Score, Token, TokenMask, TokenSet, Want,
};

use bans::Bans;
use bias::Bias;
use distribution::Distribution;
use penalties::Penalties;
use score::score;

/// A pass ranks so many tokens without moving all logits.
const MOST_RANKED: usize = 64;

/// Chooses the token after a node as [`Sampling`] says, from the node's logits
/// and its path alone.
///
/// A path is told with [`start`](Self::start); each [`choose`](Self::choose)
/// then appends the token it returns. Greedy choices without anything that
/// changes logits ask the pass for its arg-max; sampling among few tokens
/// without such changes asks for these; everything else needs all logits.
///
/// ```
/// use foretoken_core::{NodeId, Request, Sampling, Step, TokenTree, Model};
/// use foretoken_core::blocking::{BlockingModel, block_on};
/// use foretoken_decoder::Chooser;
///
/// let mut model = foretoken_testkit::toy::ToyModel::default();
/// let request = Request::new([1, 2]).with_sampling(Sampling::default().with_temperature(0.8));
/// let mut chooser = Chooser::new(&request, model.info())?;
/// let (seq, tree) = (model.open()?, TokenTree::chain(1, &[2]));
/// let mut pass = model.forward_blocking(&[Step::new(seq, &tree, &[])])?;
/// chooser.start(&[1, 2]);
/// let token = block_on(chooser.choose(&mut *pass, 0, NodeId::new(1)))?;
/// assert_eq!(chooser.path(), [1, 2, token]);
/// # Ok::<(), foretoken_core::DecodeError>(())
/// ```
pub struct Chooser {
    sampling: Sampling,
    vocabulary: usize,
    prompt_len: usize,
    /// The most tokens that a sequence may have.
    most: usize,
    end_of_sequence: TokenSet,
    /// Those before the bans.
    processors: Vec<Box<dyn LogitsProcessor>>,
    custom: bool,
    bans: Option<Bans>,
    constraint: Option<Box<dyn Constraint>>,
    allowed: TokenMask,
    want: Want,
    /// How many of the most likely tokens a score tells.
    top: Option<usize>,
    path: Vec<Token>,
    /// Of the tokens chosen since the start.
    scores: Vec<Score>,
    logits: Vec<f32>,
    /// The same before anything changed them, if scores are wanted.
    original: Vec<f32>,
    distribution: Distribution,
}

impl Chooser {
    /// The choices that `request` asks of a model.
    ///
    /// # Errors
    ///
    /// If its sampling settings are not valid for the model.
    pub fn new(request: &Request, info: &ModelInfo) -> Result<Self, DecodeError> {
        let sampling = &request.sampling;
        sampling.validate_for(info.vocabulary)?;
        let mut processors: Vec<Box<dyn LogitsProcessor>> = Vec::new();
        if let Some(penalties) = Penalties::new(sampling) {
            processors.push(Box::new(penalties));
        }
        if let Some(bias) = Bias::new(sampling) {
            processors.push(Box::new(bias));
        }
        let ends = request.end_of_sequence.as_ref().unwrap_or(&info.end_of_sequence);
        let prompt_len = request.prompt.len();
        let mut chooser = Self {
            vocabulary: info.vocabulary,
            prompt_len,
            most: prompt_len.saturating_add(request.max_new_tokens).min(info.context_length),
            end_of_sequence: ends.clone(),
            processors,
            custom: false,
            bans: Bans::new(sampling),
            constraint: None,
            allowed: TokenMask::none(info.vocabulary),
            want: Want::Argmax,
            top: request.scores,
            path: Vec::new(),
            scores: Vec::new(),
            logits: Vec::new(),
            original: Vec::new(),
            distribution: Distribution::default(),
            sampling: sampling.clone(),
        };
        chooser.want = chooser.needed();
        Ok(chooser)
    }

    /// The same with one more processor, after the penalties, the bias and
    /// those added before, and before the bans.
    #[must_use]
    pub fn with_processor(mut self, processor: Box<dyn LogitsProcessor>) -> Self {
        self.processors.push(processor);
        self.custom = true;
        self.want = self.needed();
        self
    }

    /// The same, choosing only what `constraint` allows.
    #[must_use]
    pub fn with_constraint(mut self, constraint: Box<dyn Constraint>) -> Self {
        self.constraint = Some(constraint);
        self.want = self.needed();
        self
    }

    /// Whether `token` may come out after `history`, prompt included, and the
    /// tokens `below` it: a guess that may not need not be verified.
    pub fn permits(&mut self, history: &[Token], below: &[Token], token: Token) -> bool {
        if self.sampling.banned.contains(token) {
            return false;
        }
        let Some(constraint) = &mut self.constraint else { return true };
        self.path.clear();
        self.path.extend_from_slice(history);
        self.path.extend_from_slice(below);
        let context =
            Context::new(&self.path, self.prompt_len, self.vocabulary, &self.end_of_sequence)
                .with_remaining(self.most.saturating_sub(self.path.len()));
        constraint.permits(&context, token)
    }

    /// Whether [`permits`](Self::permits) ever says no.
    pub fn forbids_tokens(&self) -> bool {
        self.constraint.is_some() || !self.sampling.banned.is_empty()
    }

    /// What a pass should compute for the nodes that are asked about.
    pub fn want(&self) -> Want {
        self.want
    }

    /// Whether each choice is the most likely token, whatever the path.
    pub fn is_plain_greedy(&self) -> bool {
        self.sampling.temperature == 0.0 && !self.changes_logits()
    }

    /// The tokens that end the sequence.
    pub fn end_of_sequence(&self) -> &TokenSet {
        &self.end_of_sequence
    }

    /// The path of the next choice is `history`, prompt included.
    pub fn start(&mut self, history: &[Token]) {
        self.path.clear();
        self.path.extend_from_slice(history);
        self.scores.clear();
    }

    /// The path so far, the chosen tokens included.
    pub fn path(&self) -> &[Token] {
        &self.path
    }

    /// How likely the model found the token with this number, the first after
    /// the start being 0, if the request wants to know.
    pub fn score(&self, index: usize) -> Option<&Score> {
        self.scores.get(index)
    }

    /// Chooses the token after the path so far, which `node` of a pass ends,
    /// and appends it to the path.
    ///
    /// # Errors
    ///
    /// If the pass cannot tell, a logit is not a number, or no token is left.
    pub async fn choose(
        &mut self,
        pass: &mut dyn Pass,
        step: usize,
        node: NodeId,
    ) -> Result<Token, DecodeError> {
        let token = match self.want {
            Want::Nothing | Want::Argmax => pass.argmax(step, node).await?,
            Want::TopK(k) => {
                let mut ranked = pass.top_k(step, node, usize::from(k)).await?;
                ranked.retain(|&(_, logit)| logit > f32::NEG_INFINITY);
                let uniform = self.uniform();
                let token = self.distribution.draw_ranked(&ranked, &self.sampling, uniform);
                token.ok_or_else(|| self.stuck())?
            }
            Want::Logits => {
                self.logits.resize(self.vocabulary, 0.0);
                pass.logits(step, node, &mut self.logits).await?;
                if self.logits.iter().any(|logit| logit.is_nan()) {
                    return Err(ModelError::not_a_number().into());
                }
                if self.top.is_some() {
                    self.original.clone_from(&self.logits);
                }
                self.process()?;
                let token = self.pick()?;
                self.scores.extend(self.top.map(|top| score(&self.original, token, top)));
                token
            }
        };
        self.path.push(token);
        Ok(token)
    }

    fn changes_logits(&self) -> bool {
        !self.processors.is_empty() || self.bans.is_some() || self.constraint.is_some()
    }

    /// The least that choices can be made from.
    fn needed(&self) -> Want {
        let k = self.sampling.top_k;
        match self.sampling.temperature {
            _ if self.changes_logits() || self.top.is_some() => Want::Logits,
            0.0 => Want::Argmax,
            _ if (1..=MOST_RANKED).contains(&k) => Want::TopK(k as u16),
            _ => Want::Logits,
        }
    }

    /// Runs everything that changes logits.
    fn process(&mut self) -> Result<(), DecodeError> {
        let remaining = self.most.saturating_sub(self.path.len());
        let context =
            Context::new(&self.path, self.prompt_len, self.vocabulary, &self.end_of_sequence)
                .with_remaining(remaining);
        for processor in &mut self.processors {
            processor.process(&context, &mut self.logits);
        }
        if let Some(bans) = &mut self.bans {
            bans.process(&context, &mut self.logits);
        }
        if let Some(constraint) = &mut self.constraint {
            self.allowed.fill();
            constraint.allow(&context, &mut self.allowed);
            for (token, logit) in (0..).zip(&mut self.logits) {
                if !self.allowed.contains(token) {
                    *logit = f32::NEG_INFINITY;
                }
            }
        }
        if self.custom && self.logits.iter().any(|logit| logit.is_nan()) {
            return Err(DecodeError::config("a logits processor turned a logit into NaN"));
        }
        Ok(())
    }

    /// The token that the processed logits mean.
    fn pick(&mut self) -> Result<Token, DecodeError> {
        let token = if self.sampling.temperature == 0.0 {
            largest(&self.logits)
        } else {
            let uniform = self.uniform();
            self.distribution.draw(&self.logits, &self.sampling, uniform)
        };
        token.ok_or_else(|| self.stuck())
    }

    /// The random number of the position that is chosen for.
    fn uniform(&self) -> f64 {
        random::uniform(self.sampling.seed, self.path.len() as u64)
    }

    fn stuck(&self) -> DecodeError {
        DecodeError::no_token_left(self.path.len())
    }
}

impl fmt::Debug for Chooser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chooser")
            .field("sampling", &self.sampling)
            .field("want", &self.want)
            .finish_non_exhaustive()
    }
}

/// The token with the largest logit, the lowest such token on a tie; `None` if
/// all are negative infinity.
fn largest(logits: &[f32]) -> Option<Token> {
    let mut best = (None, f32::NEG_INFINITY);
    for (token, &logit) in (0..).zip(logits) {
        if logit > best.1 {
            best = (Some(token), logit);
        }
    }
    best.0
}
