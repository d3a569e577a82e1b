use foretoken_core::{Sampling, Token};

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
        let mut ranked = std::mem::take(&mut self.ranked);
        ranked.clear();
        let all = (0..).zip(logits.iter().copied());
        ranked.extend(all.filter(|&(_, logit)| logit > f32::NEG_INFINITY));
        keep_top_k(&mut ranked, sampling.top_k);
        let token = self.draw_ranked(&ranked, sampling, uniform);
        self.ranked = ranked;
        token
    }

    /// The same from what top-k keeps, in token order or not.
    pub(crate) fn draw_ranked(
        &mut self,
        kept: &[(Token, f32)],
        sampling: &Sampling,
        uniform: f64,
    ) -> Option<Token> {
        self.weigh(kept, f64::from(sampling.temperature));
        self.keep_top_p(f64::from(sampling.top_p));
        self.keep_min_p(f64::from(sampling.min_p));
        self.keep_typical(f64::from(sampling.typical_p));
        let target = uniform * self.total();
        let mut sum = 0.0;
        let reached = self.candidates.iter().find(|candidate| {
            sum += candidate.weight;
            sum > target
        });
        reached.or(self.candidates.last()).map(|candidate| candidate.token)
    }

    /// Weights of 1 for the largest logit and less for the others, in token
    /// order; tokens whose weight is too small for a number are out.
    fn weigh(&mut self, kept: &[(Token, f32)], temperature: f64) {
        let largest = kept.iter().fold(f32::NEG_INFINITY, |most, &(_, logit)| most.max(logit));
        self.candidates.clear();
        self.candidates.extend(kept.iter().filter_map(|&(token, logit)| {
            let weight = if logit == largest {
                1.0
            } else {
                ((f64::from(logit) - f64::from(largest)) / temperature).exp()
            };
            (weight > 0.0).then_some(Candidate { token, weight })
        }));
        self.in_token_order();
    }

    /// The most likely tokens, as few as have the fraction `mass` of all weight.
    fn keep_top_p(&mut self, mass: f64) {
        if mass >= 1.0 {
            return;
        }
        let total = self.total();
        // All candidates below this together have less weight than may be left
        // out: none of them is needed. This spares sorting them.
        let negligible = 0.5 * (1.0 - mass) * total / self.candidates.len().max(1) as f64;
        self.candidates.retain(|candidate| candidate.weight >= negligible);
        self.candidates
            .sort_unstable_by(|a, b| b.weight.total_cmp(&a.weight).then(a.token.cmp(&b.token)));
        self.keep_prefix(mass * total);
        self.in_token_order();
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
    fn keep_typical(&mut self, mass: f64) {
        if mass >= 1.0 {
            return;
        }
        let total = self.total();
        let surprise = |weight: f64| -(weight / total).ln();
        let entropy: f64 = self
            .candidates
            .iter()
            .map(|candidate| candidate.weight / total * surprise(candidate.weight))
            .sum();
        let distance = |candidate: &Candidate| (surprise(candidate.weight) - entropy).abs();
        let mut ranked: Vec<(f64, Candidate)> =
            self.candidates.iter().map(|candidate| (distance(candidate), *candidate)).collect();
        ranked.sort_unstable_by(|(near, a), (far, b)| {
            near.total_cmp(far).then(b.weight.total_cmp(&a.weight)).then(a.token.cmp(&b.token))
        });
        self.candidates.clear();
        self.candidates.extend(ranked.into_iter().map(|(_, candidate)| candidate));
        self.keep_prefix(mass * total);
        self.in_token_order();
    }

    /// The first candidates, as few as weigh `enough` together.
    fn keep_prefix(&mut self, enough: f64) {
        let mut sum = 0.0;
        let last = self.candidates.iter().position(|candidate| {
            sum += candidate.weight;
            sum >= enough
        });
        if let Some(last) = last {
            self.candidates.truncate(last + 1);
        }
    }

    fn total(&self) -> f64 {
        self.candidates.iter().map(|candidate| candidate.weight).sum()
    }

    fn in_token_order(&mut self) {
        if !self.candidates.is_sorted_by_key(|candidate| candidate.token) {
            self.candidates.sort_unstable_by_key(|candidate| candidate.token);
        }
    }
}

/// The `k` largest logits, the lower token first on a tie; all if `k` is 0.
fn keep_top_k(ranked: &mut Vec<(Token, f32)>, k: usize) {
    if k == 0 || k >= ranked.len() {
        return;
    }
    ranked.select_nth_unstable_by(k - 1, |(token, logit), (other, than)| {
        // No logit is NaN, and zeros of either sign are a tie.
        than.partial_cmp(logit).unwrap_or(std::cmp::Ordering::Equal).then(token.cmp(other))
    });
    ranked.truncate(k);
}
