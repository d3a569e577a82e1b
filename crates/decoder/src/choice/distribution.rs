use std::cmp::Ordering;

use foretoken_core::{Sampling, Token};

use super::exp::exp_all;

/// A token that may be drawn. Weights are proportional to probabilities.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Candidate {
    token: Token,
    weight: f64,
}

/// The tokens that may be drawn at one position, filtered step by step. Kept
/// between positions for its memory.
///
/// Weights and their sums are 64-bit; sums that decide run in token order or,
/// for the filters that keep a prefix, in the order of their ranking, so that
/// equal logits always give the same answer.
#[derive(Debug, Default)]
pub(crate) struct Distribution {
    ranked: Vec<(Token, f32)>,
    weights: Vec<f64>,
    candidates: Vec<Candidate>,
}

impl Distribution {
    /// Draws a token from `logits`, of which none is NaN, at the point `uniform`
    /// of `0..1`; `None` if all of them are negative infinity.
    pub(crate) fn draw(
        &mut self,
        logits: &[f32],
        sampling: &Sampling,
        uniform: f64,
    ) -> Option<Token> {
        if sampling.top_k > 0 {
            let mut ranked = std::mem::take(&mut self.ranked);
            ranked.clear();
            let all = (0..).zip(logits.iter().copied());
            ranked.extend(all.filter(|&(_, logit)| logit > f32::NEG_INFINITY));
            keep_top_k(&mut ranked, sampling.top_k);
            let token = self.draw_ranked(&ranked, sampling, uniform);
            self.ranked = ranked;
            return token;
        }
        self.weigh(logits.iter().copied(), sampling.temperature)?;
        let total: f64 = self.weights.iter().sum();
        let filters = sampling.top_p < 1.0 || sampling.min_p > 0.0 || sampling.typical_p < 1.0;
        if !filters {
            let reached = reach(&self.weights, |weight| *weight, uniform * total);
            return reached.map(|token| token as Token);
        }
        // Most of a vocabulary is too unlikely to be kept: it need not be ranked.
        let least = if sampling.top_p < 1.0 {
            // All lighter ones together have less weight than may be left out.
            0.5 * (1.0 - f64::from(sampling.top_p)) * total / self.weights.len() as f64
        } else {
            f64::from(sampling.min_p)
        };
        self.candidates.clear();
        let all = (0..).zip(&self.weights).map(|(token, &weight)| Candidate { token, weight });
        self.candidates.extend(all.filter(|c| c.weight > 0.0 && c.weight >= least));
        self.filter_and_draw(total, sampling, uniform)
    }

    /// The same from what top-k kept, in any order.
    pub(crate) fn draw_ranked(
        &mut self,
        kept: &[(Token, f32)],
        sampling: &Sampling,
        uniform: f64,
    ) -> Option<Token> {
        self.weigh(kept.iter().map(|&(_, logit)| logit), sampling.temperature)?;
        self.candidates.clear();
        let all = kept.iter().zip(&self.weights);
        let all = all.map(|(&(token, _), &weight)| Candidate { token, weight });
        self.candidates.extend(all.filter(|candidate| candidate.weight > 0.0));
        self.candidates.sort_unstable_by_key(|candidate| candidate.token);
        let total = self.total();
        self.filter_and_draw(total, sampling, uniform)
    }

    /// Weights of 1 for the largest logit and less for the others; `None` if
    /// all logits are negative infinity.
    fn weigh(&mut self, logits: impl Iterator<Item = f32> + Clone, temperature: f32) -> Option<()> {
        let largest = logits.clone().fold(f32::NEG_INFINITY, f32::max);
        self.weights.clear();
        if largest.is_infinite() {
            // Positive infinities are equally likely, and nothing else is likely at all.
            self.weights.extend(logits.map(|logit| f64::from(u8::from(logit == largest))));
            return (largest > 0.0).then_some(());
        }
        let (largest, temperature) = (f64::from(largest), f64::from(temperature));
        self.weights.extend(logits.map(|logit| (f64::from(logit) - largest) / temperature));
        exp_all(&mut self.weights);
        Some(())
    }

    /// Draws from the candidates, which are in token order and lack nothing of
    /// `total` that the filters would keep.
    fn filter_and_draw(&mut self, total: f64, sampling: &Sampling, uniform: f64) -> Option<Token> {
        self.keep_top_p(f64::from(sampling.top_p), total);
        self.keep_min_p(f64::from(sampling.min_p));
        self.keep_typical(f64::from(sampling.typical_p));
        let target = uniform * self.total();
        let reached = reach(&self.candidates, |candidate| candidate.weight, target);
        reached.map(|index| self.candidates[index].token)
    }

    /// The most likely tokens, as few as have the fraction `mass` of `total`.
    fn keep_top_p(&mut self, mass: f64, total: f64) {
        if mass < 1.0 {
            let order = |a: &Candidate, b: &Candidate| {
                b.weight.total_cmp(&a.weight).then(a.token.cmp(&b.token))
            };
            keep_prefix(&mut self.candidates, mass * total, order, |candidate| candidate.weight);
            self.candidates.sort_unstable_by_key(|candidate| candidate.token);
        }
    }

    /// Those at least `fraction` times as likely as the most likely one.
    fn keep_min_p(&mut self, fraction: f64) {
        // The most likely token has the weight 1, and nothing before removes it.
        if fraction > 0.0 {
            self.candidates.retain(|candidate| candidate.weight >= fraction);
        }
    }

    /// Those whose surprise is closest to the entropy, as few as have the
    /// fraction `mass` of all weight.
    ///
    /// Distances are compared in single precision: two tokens on either side of
    /// the entropy are often equally far from it, and then the last bits of a
    /// logarithm must not decide.
    fn keep_typical(&mut self, mass: f64) {
        if mass >= 1.0 {
            return;
        }
        let total = self.total();
        let surprises: Vec<f64> =
            self.candidates.iter().map(|c| -(c.weight / total).ln()).collect();
        let with_surprise = || self.candidates.iter().zip(&surprises);
        let entropy: f64 = with_surprise().map(|(c, surprise)| c.weight / total * surprise).sum();
        let distance = |surprise: f64| (surprise - entropy).abs() as f32;
        let mut ranked: Vec<(f32, Candidate)> =
            with_surprise().map(|(c, &surprise)| (distance(surprise), *c)).collect();
        let order = |(near, a): &(f32, Candidate), (far, b): &(f32, Candidate)| {
            near.total_cmp(far).then(b.weight.total_cmp(&a.weight)).then(a.token.cmp(&b.token))
        };
        keep_prefix(&mut ranked, mass * total, order, |(_, candidate)| candidate.weight);
        self.candidates.clear();
        self.candidates.extend(ranked.into_iter().map(|(_, candidate)| candidate));
        self.candidates.sort_unstable_by_key(|candidate| candidate.token);
    }

    fn total(&self) -> f64 {
        self.candidates.iter().map(|candidate| candidate.weight).sum()
    }
}

/// The index at which the sum of the weights exceeds `target`; that of the
/// last weight above 0 if rounding leaves it short.
fn reach<T>(items: &[T], weight: impl Fn(&T) -> f64, target: f64) -> Option<usize> {
    let mut sum = 0.0;
    let reached = items.iter().position(|item| {
        sum += weight(item);
        sum > target
    });
    reached.or_else(|| items.iter().rposition(|item| weight(item) > 0.0))
}

/// The `k` largest logits, the lower token first on a tie.
fn keep_top_k(ranked: &mut Vec<(Token, f32)>, k: usize) {
    if k < ranked.len() {
        ranked.select_nth_unstable_by(k - 1, |(token, logit), (other, than)| {
            // No logit is NaN, and zeros of either sign are a tie.
            than.partial_cmp(logit).unwrap_or(Ordering::Equal).then(token.cmp(other))
        });
        ranked.truncate(k);
    }
}

/// The first items in the order, as few as weigh `enough` together; sorts no
/// more of them than it takes.
fn keep_prefix<T>(
    items: &mut Vec<T>,
    enough: f64,
    order: impl Fn(&T, &T) -> Ordering,
    weight: impl Fn(&T) -> f64,
) {
    let (mut sorted, mut sum) = (0, 0.0);
    while sorted < items.len() {
        let end = (16 * sorted).max(256).min(items.len());
        let rest = &mut items[sorted..];
        if end - sorted < rest.len() {
            rest.select_nth_unstable_by(end - sorted, &order);
        }
        let next = &mut items[sorted..end];
        next.sort_unstable_by(&order);
        let last = next.iter().position(|item| {
            sum += weight(item);
            sum >= enough
        });
        if let Some(last) = last {
            items.truncate(sorted + last + 1);
            return;
        }
        sorted = end;
    }
}
