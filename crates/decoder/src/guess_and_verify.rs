use std::fmt;
use std::time::Instant;

use foretoken_core::{
    CandidateSource, Constraint, CostTable, DecodeError, Decoder, Generation, Ledger,
    LogitsProcessor, Model, Request, SeqId, StopReason, TokenSink, WhenContextFull, async_trait,
};

use crate::budget::Budgeter;
use crate::rules::Rules;
use crate::sequence::Sequence;
use crate::step::Scratch;
use crate::yield_now::yield_now;
use crate::{Config, Experience, prefill};

/// A [`Decoder`] that verifies a source's guesses with its model.
///
/// Swapping the strategy is swapping the second argument:
///
/// ```
/// # use foretoken_testkit::toy::ToyModel;
/// # type Plain = Vec<Box<dyn foretoken_core::CandidateSource>>;
/// # let (mut model, source) = (ToyModel::default(), Plain::new());
/// use foretoken_core::{Request, blocking::BlockingDecoder};
/// use foretoken_decoder::GuessAndVerify;
///
/// let mut decoder = GuessAndVerify::new(&mut model, source);
/// let output = decoder.decode_blocking(&Request::new([1, 2, 3]).with_max_new_tokens(8), &mut ())?;
/// assert!(output.tokens.len() <= 8);
/// # Ok::<(), foretoken_core::DecodeError>(())
/// ```
///
/// Requests are decoded one after another, each as a sequence of its own,
/// unless [`Config::reuse_prefix`] keeps what the next one shares. The
/// future of [`decode`](Decoder::decode) yields once a step; dropping it
/// cancels the generation within one step and leaves the decoder usable.
pub struct GuessAndVerify<M: Model, S: CandidateSource> {
    pub(crate) model: M,
    pub(crate) source: S,
    pub(crate) config: Config,
    pub(crate) scratch: Scratch,
    pub(crate) budgeter: Budgeter,
    processors: Vec<Box<dyn LogitsProcessor>>,
    constraint: Option<Box<dyn Constraint>>,
    /// Whether the source has seen the sequence that is kept.
    acquainted: bool,
    pub(crate) sequence: Sequence,
}

impl<M: Model, S: CandidateSource> GuessAndVerify<M, S> {
    /// A decoder of `model` with the guesses of `source`.
    pub fn new(model: M, source: S) -> Self {
        Self {
            model,
            source,
            config: Config::default(),
            scratch: Scratch::default(),
            budgeter: Budgeter::default(),
            processors: Vec::new(),
            constraint: None,
            acquainted: false,
            sequence: Sequence::default(),
        }
    }

    /// The same with other settings. They are validated when a request is decoded.
    #[must_use]
    pub fn with_config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// The same with a measured t(n) to start from, instead of
    /// [`cost_prior`](crate::cost_prior). Timings of passes go on correcting it.
    #[must_use]
    pub fn with_cost(mut self, table: CostTable) -> Self {
        self.budgeter.set_cost(table);
        self
    }

    /// The same with what another decoder of the same model and sources has
    /// learned.
    #[must_use]
    pub fn with_experience(mut self, experience: Experience) -> Self {
        self.budgeter = experience.budgeter;
        self
    }

    /// What it has learned over all requests so far.
    pub fn experience(&self) -> Experience {
        Experience { budgeter: self.budgeter.clone() }
    }

    /// The same with one more processor of logits, for every request: after the
    /// penalties and biases of [`Sampling`](foretoken_core::Sampling) and the
    /// processors added before, and before its bans.
    #[must_use]
    pub fn with_processor(mut self, processor: impl LogitsProcessor + 'static) -> Self {
        self.processors.push(Box::new(processor));
        self
    }

    /// The same with outputs that obey `constraint`, from their first token on.
    #[must_use]
    pub fn with_constraint(mut self, constraint: impl Constraint + 'static) -> Self {
        self.set_constraint(Some(Box::new(constraint)));
        self
    }

    /// Outputs obey `constraint` from the next request on, or none.
    pub fn set_constraint(&mut self, constraint: Option<Box<dyn Constraint>>) {
        self.constraint = constraint;
        // Asking takes longer under some constraints than under others.
        self.budgeter.wake();
    }

    /// Lets another source guess from the next request on. What the model's
    /// cache holds stays.
    pub fn set_source(&mut self, source: S) {
        self.source = source;
        self.acquainted = false;
        self.budgeter.wake();
    }

    /// The model.
    pub fn model(&self) -> &M {
        &self.model
    }

    /// The source.
    pub fn source(&self) -> &S {
        &self.source
    }

    /// Checks the request, and makes its rules.
    fn check(&self, request: &Request) -> Result<Rules, DecodeError> {
        self.config.validate()?;
        let info = self.model.info();
        if request.prompt.is_empty() {
            return Err(DecodeError::empty_prompt());
        }
        if let Some(&token) =
            request.prompt.iter().find(|&&token| token as usize >= info.vocabulary)
        {
            return Err(DecodeError::token_out_of_range(token, info.vocabulary));
        }
        if request.prompt.len() >= info.context_length {
            return Err(DecodeError::prompt_too_long(request.prompt.len(), info.context_length));
        }
        Rules::new(request, info, &self.processors, self.constraint.as_deref())
    }

    /// Prefill, then steps until something ends the output. `output` holds what
    /// has come out at every moment.
    async fn run(
        &mut self,
        seq: SeqId,
        request: &Request,
        rules: &mut Rules,
        sink: &mut dyn TokenSink,
        ledger: &mut Ledger,
        output: &mut Generation,
    ) -> Result<StopReason, DecodeError> {
        if let Some(reason) = prefill::run(self, seq, &request.prompt, rules, sink, output).await? {
            return Ok(reason);
        }
        let context_length = self.model.info().context_length;
        let mut history = request.prompt.clone();
        loop {
            let room = context_length - history.len();
            let wanted = request.max_new_tokens - output.tokens.len();
            if wanted == 0 {
                return Ok(StopReason::MaxNewTokens);
            }
            if room == 0 {
                return match request.when_context_full {
                    WhenContextFull::Fail => Err(DecodeError::context_full(context_length)),
                    _ => Ok(StopReason::ContextFull),
                };
            }
            if let Some(reason) = rules.stop_before_pass() {
                return Ok(reason);
            }
            let limit = wanted.min(room);
            let stopped = self.step(seq, &mut history, rules, limit, sink, ledger, output).await?;
            self.sequence.committed(&history, history.len() - 1);
            if let Some(reason) = stopped {
                return Ok(reason);
            }
            yield_now().await;
        }
    }
}

#[async_trait]
impl<M: Model, S: CandidateSource> Decoder for GuessAndVerify<M, S> {
    async fn decode(
        &mut self,
        request: &Request,
        sink: &mut dyn TokenSink,
    ) -> Result<Generation, DecodeError> {
        let mut rules = self.check(request)?;
        let (seq, reused) = self.begin_sequence(&request.prompt)?;
        let known = if self.acquainted { reused } else { 0 };
        self.acquainted = true;
        let started = Instant::now();
        if known > 0 {
            self.source.truncate(known);
        }
        self.source.begin(&request.prompt, known);

        let mut ledger = Ledger::new();
        let mut output = Generation::default();
        output.statistics.prefill_time = started.elapsed();
        output.statistics.reused_tokens = reused;
        let result = self.run(seq, request, &mut rules, sink, &mut ledger, &mut output).await;

        let all = [request.prompt.as_slice(), output.tokens.as_slice()].concat();
        self.source.end(&all);
        if result.is_err() || !self.config.reuse_prefix {
            self.release();
        }
        output.statistics.prompt_tokens = request.prompt.len();
        output.statistics.generated_tokens = output.tokens.len();
        output.statistics.sources = ledger.active().cloned().collect();
        match result {
            Ok(reason) => {
                output.stop = reason;
                Ok(output)
            }
            Err(error) => Err(error.after(output)),
        }
    }
}

impl<M: Model, S: CandidateSource> Drop for GuessAndVerify<M, S> {
    fn drop(&mut self) {
        self.release();
    }
}

impl<M: Model + fmt::Debug, S: CandidateSource + fmt::Debug> fmt::Debug for GuessAndVerify<M, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuessAndVerify")
            .field("model", &self.model)
            .field("source", &self.source)
            .field("config", &self.config)
            .field("processors", &self.processors.len())
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}
