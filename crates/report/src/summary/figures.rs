//! What some records come to for one strategy.

use std::collections::BTreeMap;

use foretoken_core::{DepthCount, SourceStatistics};
use serde::{Deserialize, Serialize};

use super::bootstrap::{self, Seconds, quantile, ratio};
use crate::record::{Record, Run};

/// Totals: all tokens over all time, so that slow prompts count as much as they take. Ratios to nothing are 0.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Figures {
    /// Prompts counted; the turns of a conversation are one.
    pub prompts: usize,
    /// Outputs counted, one a turn.
    pub turns: usize,
    /// Tokens of all outputs.
    pub tokens: usize,
    /// Time of decoding, prefill apart.
    pub seconds: f64,
    /// Of the passes over prompts.
    pub prefill_seconds: f64,
    /// The time of plain decoding over the strategy's.
    pub speedup: f64,
    /// What holds 95% of the speedups of resampled prompts (bootstrap, 1000 draws): how far other prompts of the kind
    /// might move it.
    pub speedup_interval: [f64; 2],
    /// The same, up to where outputs begin to repeat themselves for good.
    pub speedup_loops_cut: f64,
    /// Its interval.
    pub speedup_loops_cut_interval: [f64; 2],
    /// The speedup that 5% of the prompts fall below.
    pub speedup_p5: f64,
    /// The speedup that half of the prompts fall below.
    pub speedup_median: f64,
    /// The speedup that 95% of the prompts fall below.
    pub speedup_p95: f64,
    /// The time of plain decoding over the strategy's, the passes over prompts included in both: what a user waits for.
    pub speedup_with_prefill: f64,
    /// Tokens a verifying pass.
    pub tokens_per_step: f64,
    /// The same, up to where outputs begin to repeat themselves for good.
    pub tokens_per_step_loops_cut: f64,
    /// Nodes a verifying pass, the root included.
    pub nodes_per_step: f64,
    /// The same, up to where outputs begin to repeat themselves for good.
    pub nodes_per_step_loops_cut: f64,
    /// Whether every output is that of plain decoding.
    pub identical: bool,
    /// The share of the time that goes into proposing and observing.
    pub overhead: f64,
    /// Where the time goes.
    pub phases: Phases,
    /// What each source proposed and what was accepted of it, by depth, too.
    pub sources: Vec<SourceStatistics>,
}

/// Seconds by what they were spent on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Phases {
    /// Sources proposing.
    pub propose: f64,
    /// Passes.
    pub forward: f64,
    /// Walks, and reading what sources wanted to know.
    pub walk: f64,
    /// Moving cache rows.
    pub commit: f64,
    /// Sources observing.
    pub observe: f64,
}

impl Figures {
    /// The figures of `strategy`, with speedups over `plain`; records that lack either do not count.
    pub(super) fn of(records: &[&Record], strategy: &str, plain: &str) -> Self {
        let mut figures = Self { identical: true, ..Self::default() };
        let mut counts = Counts::default();
        let mut plain_prefill = 0.0;
        let mut prompts: BTreeMap<&str, Seconds> = BTreeMap::new();
        for record in records {
            let run = |name: &str| record.runs.iter().find(|run| run.strategy == name);
            let (Some(own), Some(plain)) = (run(strategy), run(plain)) else { continue };
            figures.add(record, own);
            counts.add(record, own);
            plain_prefill += plain.prefill_seconds;
            prompts.entry(&record.id).or_default().add(Seconds {
                plain: plain.seconds,
                own: own.seconds,
                plain_cut: plain.seconds_loops_cut,
                own_cut: own.seconds_loops_cut,
            });
        }
        let prompts: Vec<Seconds> = prompts.into_values().collect();
        figures.prompts = prompts.len();
        figures.compare(&prompts, plain_prefill);
        counts.divide(&mut figures);
        let around = figures.phases.propose + figures.phases.observe;
        figures.overhead = ratio(around, figures.seconds);
        figures
    }

    fn add(&mut self, record: &Record, run: &Run) {
        self.turns += 1;
        self.tokens += record.tokens.len();
        self.seconds += run.seconds;
        self.prefill_seconds += run.prefill_seconds;
        self.identical &= run.identical;
        self.phases.propose += run.propose_seconds;
        self.phases.forward += run.forward_seconds;
        self.phases.walk += run.walk_seconds;
        self.phases.commit += run.commit_seconds;
        self.phases.observe += run.observe_seconds;
        for source in &run.sources {
            add_source(&mut self.sources, source);
        }
    }

    /// Speedups, over all and by prompt; `plain_prefill` is what plain decoding's passes over the prompts took.
    fn compare(&mut self, prompts: &[Seconds], plain_prefill: f64) {
        let mut total = Seconds::default();
        for &prompt in prompts {
            total.add(prompt);
        }
        self.speedup = total.speedup();
        self.speedup_loops_cut = total.speedup_loops_cut();
        self.speedup_with_prefill =
            ratio(total.plain + plain_prefill, total.own + self.prefill_seconds);
        (self.speedup_interval, self.speedup_loops_cut_interval) = bootstrap::intervals(prompts);
        let mut speedups: Vec<f64> = prompts.iter().map(|prompt| prompt.speedup()).collect();
        speedups.sort_by(f64::total_cmp);
        self.speedup_p5 = quantile(&speedups, 0.05);
        self.speedup_median = quantile(&speedups, 0.5);
        self.speedup_p95 = quantile(&speedups, 0.95);
    }
}

/// Sums that only their ratios are shown of.
#[derive(Default)]
struct Counts {
    steps: usize,
    nodes: usize,
    tokens_cut: usize,
    steps_cut: usize,
    nodes_cut: usize,
}

impl Counts {
    fn add(&mut self, record: &Record, run: &Run) {
        self.steps += run.steps;
        self.nodes += run.nodes;
        let tokens = record.tokens.len();
        self.tokens_cut += record.loop_start.unwrap_or(tokens).min(tokens);
        self.steps_cut += run.steps_loops_cut;
        self.nodes_cut += run.nodes_loops_cut;
    }

    fn divide(&self, figures: &mut Figures) {
        let per = |part: usize, steps: usize| ratio(part as f64, steps as f64);
        figures.tokens_per_step = per(figures.tokens, self.steps);
        figures.nodes_per_step = per(self.nodes, self.steps);
        figures.tokens_per_step_loops_cut = per(self.tokens_cut, self.steps_cut);
        figures.nodes_per_step_loops_cut = per(self.nodes_cut, self.steps_cut);
    }
}

/// Adds what a source did in one run to what it did in others.
fn add_source(sources: &mut Vec<SourceStatistics>, one: &SourceStatistics) {
    let Some(sum) = sources.iter_mut().find(|sum| sum.name == one.name) else {
        return sources.push(one.clone());
    };
    sum.proposed += one.proposed;
    sum.accepted += one.accepted;
    sum.refused += one.refused;
    sum.failures += one.failures;
    if one.last_failure.is_some() {
        sum.last_failure.clone_from(&one.last_failure);
    }
    if sum.by_depth.len() < one.by_depth.len() {
        sum.by_depth.resize(one.by_depth.len(), DepthCount::default());
    }
    for (sum, one) in sum.by_depth.iter_mut().zip(&one.by_depth) {
        sum.proposed += one.proposed;
        sum.accepted += one.accepted;
    }
}
