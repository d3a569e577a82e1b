use std::time::Duration;

use foretoken_core::tree::Pruned;
use foretoken_core::{CostTable, Ledger, NodeId, Notes, Token, TokenTree};

use super::choice::{Price, choose};
use super::rate::Rate;
use super::rest::Rest;
use crate::cost::CostEstimate;
use crate::{Calibration, cost_prior};

/// After so many steps without a guess that was worth verifying, the likeliest
/// is verified all the same: what a second node costs may be less than assumed.
const TRIAL: usize = 24;

/// Each trial that changed nothing doubles the steps to the next one, up to so many.
const RAREST_TRIAL: usize = 32 * TRIAL;

/// Weighs guesses against the time of the pass, and learns from every step.
#[derive(Clone, Debug)]
pub(crate) struct Budgeter {
    pub(crate) calibration: Calibration,
    cost: CostEstimate,
    rate: Rate,
    rest: Rest,
    chances: Vec<f32>,
    /// Steps since a guess was verified.
    idle: usize,
    /// How many of them there are before a trial.
    trial: usize,
}

impl Default for Budgeter {
    fn default() -> Self {
        Self::new(cost_prior())
    }
}

impl Budgeter {
    pub(crate) fn new(table: CostTable) -> Self {
        Self {
            calibration: Calibration::default(),
            cost: CostEstimate::new(table),
            rate: Rate::default(),
            rest: Rest::default(),
            chances: Vec::new(),
            idle: 0,
            trial: TRIAL,
        }
    }

    /// Starts from another t(n).
    pub(crate) fn set_cost(&mut self, table: CostTable) {
        self.cost = CostEstimate::new(table);
    }

    /// Whether the source is left alone in this step, because asking it takes
    /// longer than its guesses save.
    pub(crate) fn rests(&mut self) -> bool {
        self.rest.rests()
    }

    /// Another source will be asked: what this one took says nothing of that.
    pub(crate) fn wake(&mut self) {
        self.rest = Rest::default();
    }

    /// What asking the source took, and how many of its guesses were right.
    pub(crate) fn learn_asking(&mut self, time: Duration, accepted: usize, context: usize) {
        self.rest.learn(time.as_secs_f64(), accepted, self.cost.seconds(1, context));
    }

    /// Replaces the draft's probabilities by calibrated ones, and leaves out
    /// the guesses that are not worth their time; `None` if all are.
    pub(crate) fn select(
        &mut self,
        draft: &mut TokenTree,
        notes: &Notes,
        ledger: &Ledger,
        context: usize,
        most: usize,
    ) -> Option<Pruned> {
        let Self { calibration, cost, rate, chances, .. } = self;
        calibration.expect(ledger, draft, notes, chances);
        let seconds = |nodes| cost.seconds(nodes, context);
        let tokens_per_second = rate.tokens_per_second(seconds(1));
        let price = Price { seconds: &seconds, tokens_per_second, most };
        let mut marked = choose(draft, notes, chances, &price);
        if marked.iter().filter(|&&marked| marked).count() > 1 {
            (self.idle, self.trial) = (0, TRIAL);
        } else {
            self.idle += 1;
            if self.idle >= self.trial && most > 0 {
                (self.idle, self.trial) = (0, (2 * self.trial).min(RAREST_TRIAL));
                // Its parent is the root, or its parent would be as likely.
                let likelier = |&a: &usize, &b: &usize| chances[a].total_cmp(&chances[b]);
                if let Some(best) = (1..marked.len()).rev().max_by(likelier) {
                    marked[best] = true;
                }
            }
        }
        for node in draft.nodes().skip(1) {
            draft.set_probability(node, chances[node.index()]);
        }
        let all = marked.iter().all(|&marked| marked);
        (!all).then(|| draft.prune(|node| marked[node.index()]))
    }

    /// What the draft's claims came to.
    pub(crate) fn learn_outcome(
        &mut self,
        ledger: &Ledger,
        draft: &TokenTree,
        notes: &Notes,
        accepted: &[NodeId],
        emitted: &[Token],
    ) {
        self.calibration.learn(ledger, draft, notes, accepted, emitted);
    }

    /// What the pass cost.
    pub(crate) fn learn_pass(&mut self, nodes: usize, context: usize, time: Duration) {
        self.cost.learn(nodes, context, time);
    }

    /// What the whole step yielded.
    pub(crate) fn learn_step(&mut self, tokens: usize, time: Duration) {
        self.rate.learn(tokens, time);
    }
}
