//! The choice at one position, step by step over whole rows.
//!
//! Written from the documentation of [`Sampling`](foretoken_core::Sampling), not from the decoder: every
//! filter turns probabilities of all tokens into probabilities of all tokens.

use foretoken_core::{Request, Token, TokenSet};

/// The token that `request` chooses after `history` where the model says
/// `logits`; `None` if everything is forbidden.
pub(super) fn choose(
    request: &Request,
    end_of_sequence: &TokenSet,
    history: &[Token],
    mut logits: Vec<f32>,
) -> Option<Token> {
    penalize(request, history, &mut logits);
    for (&token, bias) in &request.sampling.logit_bias {
        logits[token as usize] += bias;
    }
    forbid(request, end_of_sequence, history, &mut logits);
    let best = (0..logits.len()).rev().max_by(|&a, &b| order(logits[a], logits[b]))?;
    if logits[best] == f32::NEG_INFINITY {
        return None;
    }
    if request.sampling.temperature == 0.0 {
        return Some(best as Token);
    }
    let probabilities = filtered(request, &logits, best);
    let point = point(request.sampling.seed, history.len() as u64);
    let whole: f64 = probabilities.iter().sum();
    let mut below = 0.0;
    for (token, probability) in probabilities.iter().enumerate() {
        below += probability;
        if below > point * whole {
            return Some(token as Token);
        }
    }
    probabilities.iter().rposition(|&probability| probability > 0.0).map(|token| token as Token)
}

fn order(a: f32, b: f32) -> std::cmp::Ordering {
    a.partial_cmp(&b).expect("no logit is NaN")
}

fn penalize(request: &Request, history: &[Token], logits: &mut [f32]) {
    let sampling = &request.sampling;
    let window = sampling.penalty_window.unwrap_or(history.len()).min(history.len());
    let recent = &history[history.len() - window..];
    for (token, logit) in logits.iter_mut().enumerate() {
        let count = recent.iter().filter(|&&other| other as usize == token).count();
        if count > 0 {
            let factor = sampling.repetition_penalty;
            *logit = if *logit <= 0.0 { *logit * factor } else { *logit / factor };
            *logit -= sampling.presence_penalty + sampling.frequency_penalty * count as f32;
        }
    }
}

fn forbid(request: &Request, end_of_sequence: &TokenSet, history: &[Token], logits: &mut [f32]) {
    let emitted = history.len() - request.prompt.len();
    for token in 0..logits.len() as Token {
        let early = emitted < request.sampling.min_new_tokens && end_of_sequence.contains(token);
        if early || request.sampling.banned.contains(token) {
            logits[token as usize] = f32::NEG_INFINITY;
        }
    }
}

/// What temperature and filters leave of the probabilities; 0 for what is out.
fn filtered(request: &Request, logits: &[f32], best: usize) -> Vec<f64> {
    let sampling = &request.sampling;
    let top = f64::from(logits[best]);
    let temperature = f64::from(sampling.temperature);
    let weight = |logit: f32| {
        if logit == logits[best] { 1.0 } else { ((f64::from(logit) - top) / temperature).exp() }
    };
    let mut kept: Vec<f64> = logits.iter().map(|&logit| weight(logit)).collect();

    if sampling.top_k > 0 {
        let mut ranking: Vec<usize> = (0..logits.len()).collect();
        ranking.sort_by(|&a, &b| order(logits[b], logits[a]));
        for &token in ranking.iter().skip(sampling.top_k) {
            kept[token] = 0.0;
        }
    }
    if sampling.top_p < 1.0 {
        let mut ranking: Vec<usize> = (0..kept.len()).collect();
        ranking.sort_by(|&a, &b| kept[b].total_cmp(&kept[a]));
        keep_mass(&mut kept, &ranking, f64::from(sampling.top_p));
    }
    let most = kept.iter().copied().fold(0.0, f64::max);
    for weight in &mut kept {
        if *weight < f64::from(sampling.min_p) * most {
            *weight = 0.0;
        }
    }
    if sampling.typical_p < 1.0 {
        let whole: f64 = kept.iter().sum();
        let surprise: Vec<f64> = kept.iter().map(|weight| -(weight / whole).ln()).collect();
        // A weight may be so small that its share of the whole rounds to nothing, which has no surprise.
        let inside = |token: &usize| kept[*token] / whole > 0.0;
        let mut ranking: Vec<usize> = (0..kept.len()).filter(inside).collect();
        let entropy: f64 = ranking.iter().map(|&token| kept[token] / whole * surprise[token]).sum();
        ranking.sort_by(|&a, &b| kept[b].total_cmp(&kept[a]));
        let distance = |token: usize| (surprise[token] - entropy).abs() as f32;
        ranking.sort_by(|&a, &b| distance(a).total_cmp(&distance(b)));
        keep_mass(&mut kept, &ranking, f64::from(sampling.typical_p));
    }
    kept
}

/// Sets to 0 what comes in the ranking after the fraction `mass` is reached.
fn keep_mass(kept: &mut [f64], ranking: &[usize], mass: f64) {
    let whole: f64 = kept.iter().sum();
    let mut sum = 0.0;
    for &token in ranking {
        if sum >= mass * whole {
            kept[token] = 0.0;
        } else {
            sum += kept[token];
        }
    }
}

/// Philox4x32-10, keyed by the seed, at the position.
fn point(seed: u64, position: u64) -> f64 {
    let (mut c0, mut c1, mut c2, mut c3) = (position & 0xffff_ffff, position >> 32, 0, 0);
    let (mut k0, mut k1) = (seed & 0xffff_ffff, seed >> 32);
    for _ in 0..10 {
        let (left, right) = (c0 * 0xD251_1F53, c2 * 0xCD9E_8D57);
        (c0, c1, c2, c3) = (
            (right >> 32) ^ c1 ^ k0,
            right & 0xffff_ffff,
            (left >> 32) ^ c3 ^ k1,
            left & 0xffff_ffff,
        );
        (k0, k1) = ((k0 + 0x9E37_79B9) & 0xffff_ffff, (k1 + 0xBB67_AE85) & 0xffff_ffff);
    }
    ((c1 << 32 | c0) >> 11) as f64 * 2f64.powi(-53)
}
