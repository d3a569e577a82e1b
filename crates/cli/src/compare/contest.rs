//! Measured runs of several strategies, one beside the other.

use std::{
    num::NonZeroUsize,
    time::{Duration, Instant},
};

use foretoken::{
    Constraint, Generation, GuessAndVerify, Request,
    blocking::BlockingDecoder,
    decoder::{Config, Experience},
};
use indicatif::ProgressBar;

use super::watch::Watch;
use crate::{interrupt, progress, session::Session, strategy_list::Named, structure};

/// Tokens of the run before the measured ones, which only warms the machine up.
const WARM_UP: usize = 16;
/// A contest that is to last takes no more rounds than this.
const MOST_ROUNDS: usize = 32;

/// Strategies and what they did.
pub(crate) struct Contest<'a> {
    pub(super) contestants: Vec<Contestant<'a>>,
    /// The index of plain decoding.
    pub(super) baseline: usize,
    /// What outputs must look like.
    constraint: Option<&'a dyn Constraint>,
    /// How often each is to run.
    pub(super) rounds: usize,
    /// Further rounds are run until this has passed.
    least: Duration,
    /// Whether Ctrl-C ended it.
    pub(crate) interrupted: bool,
}

/// A strategy with its whole runs.
pub(super) struct Contestant<'a> {
    pub(super) strategy: &'a Named,
    pub(super) runs: Vec<Run>,
    /// What it has learned about its guesses and the machine, in all runs; none before the first.
    experience: Option<Experience>,
}

impl<'a> Contestant<'a> {
    pub(super) fn new(strategy: &'a Named, runs: Vec<Run>) -> Self {
        Self { strategy, runs, experience: None }
    }
}

/// One whole run.
pub(super) struct Run {
    pub(super) generation: Generation,
    /// All of it but the passes over the prompt.
    pub(super) decoding: Duration,
}

impl<'a> Contest<'a> {
    pub(crate) fn new(
        strategies: &'a [Named],
        baseline: usize,
        rounds: NonZeroUsize,
        constraint: Option<&'a dyn Constraint>,
    ) -> Self {
        let contestants =
            strategies.iter().map(|strategy| Contestant::new(strategy, Vec::new())).collect();
        let rounds = rounds.get();
        let least = Duration::ZERO;
        Self { contestants, baseline, constraint, rounds, least, interrupted: false }
    }

    /// The same, but with as many rounds more as begin before `least` has passed: a small model's runs are so short that
    /// chance decides a few of them.
    pub(crate) fn lasting(mut self, least: Duration) -> Self {
        self.least = least;
        self
    }

    /// Runs every strategy once a round. The first to run moves on by one from round to round, so that none always
    /// follows the same one; plain decoding begins, so that even an interrupted contest has it. Runs of an earlier call
    /// are forgotten; what strategies have learned is not.
    pub(crate) fn run(
        &mut self,
        session: &mut Session,
        request: &Request,
        config: Config,
    ) -> anyhow::Result<()> {
        for contestant in &mut self.contestants {
            contestant.runs.clear();
        }
        let bar = progress::tokens("Warming up");
        let result = self.rounds(session, request, config, &bar);
        bar.finish_and_clear();
        result
    }

    fn rounds(
        &mut self,
        session: &mut Session,
        request: &Request,
        config: Config,
        bar: &ProgressBar,
    ) -> anyhow::Result<()> {
        let short = request.clone().with_max_new_tokens(WARM_UP.min(request.max_new_tokens));
        let plain = &mut self.contestants[self.baseline];
        if plain.measure(session, self.constraint, &short, config, bar)?.is_none() {
            self.interrupted = true;
            return Ok(());
        }
        let count = self.contestants.len();
        let (started, mut round) = (Instant::now(), 0);
        while round < self.rounds || (round < MOST_ROUNDS && started.elapsed() < self.least) {
            for turn in 0..count {
                let contestant = &mut self.contestants[(self.baseline + round + turn) % count];
                bar.set_message(format!(
                    "{}, run {} of {}",
                    contestant.strategy.text,
                    round + 1,
                    self.rounds.max(round + 1)
                ));
                let constraint = self.constraint;
                let Some(run) = contestant.measure(session, constraint, request, config, bar)?
                else {
                    self.interrupted = true;
                    return Ok(());
                };
                contestant.runs.push(run);
            }
            round += 1;
        }
        Ok(())
    }
}

impl Contestant<'_> {
    /// One run with a fresh source; `None` if Ctrl-C cut it short.
    fn measure(
        &mut self,
        session: &mut Session,
        constraint: Option<&dyn Constraint>,
        request: &Request,
        config: Config,
        bar: &ProgressBar,
    ) -> anyhow::Result<Option<Run>> {
        let strategy = self.strategy;
        let mut watch = Watch { bar, max_new_tokens: request.max_new_tokens };
        let forced = constraint.filter(|_| strategy.forced);
        let source = structure::with_forced(&strategy.spec, strategy.spec.build(), forced);
        let experience = self.experience.take().unwrap_or_else(|| session.experience.clone());
        let mut decoder = GuessAndVerify::new(&mut session.model, source)
            .with_config(config)
            .with_experience(experience);
        decoder.set_constraint(constraint.map(Constraint::fork));
        let started = Instant::now();
        let generation = decoder.decode_blocking(request, &mut watch)?;
        let decoding = started.elapsed().saturating_sub(generation.statistics.prefill_time);
        self.experience = Some(decoder.experience());
        Ok((!interrupt::asked()).then_some(Run { generation, decoding }))
    }
}
