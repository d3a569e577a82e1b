use std::cmp::Ordering;

use foretoken_core::{Score, Token};

/// How likely `token` is by `logits`, of which none is NaN, with the `top` most
/// likely tokens.
pub(crate) fn score(logits: &[f32], token: Token, top: usize) -> Score {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    // Equal infinities are equally likely.
    let above = |logit: f32| if logit == largest { 0.0 } else { f64::from(logit - largest) };
    let whole = logits.iter().map(|&logit| above(logit).exp()).sum::<f64>().ln();
    let likelihood = |token: Token| (above(logits[token as usize]) - whole) as f32;
    let mut order: Vec<Token> = (0..logits.len() as Token).collect();
    let ranked = |&a: &Token, &b: &Token| {
        let (x, y) = (logits[a as usize], logits[b as usize]);
        y.partial_cmp(&x).unwrap_or(Ordering::Equal).then(a.cmp(&b))
    };
    if 0 < top && top < order.len() {
        order.select_nth_unstable_by(top - 1, ranked);
    }
    order.truncate(top);
    order.sort_unstable_by(ranked);
    let top = order.into_iter().map(|token| (token, likelihood(token))).collect();
    Score::new(likelihood(token), top)
}
