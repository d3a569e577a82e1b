//! One choice at a time: what is asked of a pass, and how often each token is drawn.

use foretoken_core::blocking::block_on;
use foretoken_core::{
    DecodeErrorKind, ModelError, ModelInfo, NodeId, Pass, Request, Sampling, Token, Want,
    async_trait,
};
use foretoken_decoder::Chooser;

/// A pass with one node.
struct Fixed {
    logits: Vec<f32>,
    /// The greatest question that it answers.
    answers: Want,
}

#[async_trait]
impl Pass for Fixed {
    fn vocabulary(&self) -> usize {
        self.logits.len()
    }

    async fn logits(&mut self, _: usize, _: NodeId, out: &mut [f32]) -> Result<(), ModelError> {
        assert!(self.answers >= Want::Logits, "logits were read");
        out.copy_from_slice(&self.logits);
        Ok(())
    }

    async fn top_k(
        &mut self,
        _: usize,
        _: NodeId,
        k: usize,
    ) -> Result<Vec<(Token, f32)>, ModelError> {
        assert!(self.answers >= Want::TopK(k as u16), "the best {k} were read");
        let mut all: Vec<(Token, f32)> = (0..).zip(self.logits.iter().copied()).collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        all.truncate(k);
        Ok(all)
    }

    async fn argmax(&mut self, _: usize, _: NodeId) -> Result<Token, ModelError> {
        assert_eq!(self.answers, Want::Argmax, "the arg-max alone was read");
        Ok(2)
    }
}

fn chooser(sampling: &Sampling, vocabulary: usize) -> Chooser {
    let request = Request::new([0]).with_sampling(sampling.clone());
    Chooser::new(&request, &ModelInfo::new("fixed", vocabulary, 100)).unwrap()
}

fn choose(sampling: &Sampling, pass: &mut Fixed) -> Token {
    let mut chooser = chooser(sampling, pass.logits.len());
    chooser.start(&[0]);
    block_on(chooser.choose(pass, 0, NodeId::ROOT)).unwrap()
}

/// How often each token is drawn at temperature 1, over seeds.
fn histogram(sampling: &Sampling, logits: &[f32]) -> Vec<u32> {
    let mut counts = vec![0; logits.len()];
    for seed in 0..DRAWS {
        let mut pass = Fixed { logits: logits.to_vec(), answers: Want::Logits };
        counts[choose(&sampling.clone().with_seed(seed), &mut pass) as usize] += 1;
    }
    counts
}

const DRAWS: u64 = 20_000;

/// Pearson's statistic, and the value that is exceeded once in 10,000 times
/// with up to six degrees of freedom.
fn assert_fits(counts: &[u32], probabilities: &[f64]) {
    const CRITICAL: f64 = 27.9;
    let whole: f64 = probabilities.iter().sum();
    let mut statistic = 0.0;
    for (&count, probability) in counts.iter().zip(probabilities) {
        let expected = DRAWS as f64 * probability / whole;
        if expected == 0.0 {
            assert_eq!(count, 0, "{counts:?} instead of {probabilities:?}");
        } else {
            statistic += (f64::from(count) - expected).powi(2) / expected;
        }
    }
    assert!(statistic < CRITICAL, "{statistic}: {counts:?} instead of {probabilities:?}");
}

/// Logits of these probabilities, shifted, which must not matter.
fn logits(probabilities: &[f32]) -> Vec<f32> {
    probabilities.iter().map(|p| p.ln() + 3.5).collect()
}

#[test]
fn tokens_are_drawn_as_often_as_they_should() {
    let row = [0.05, 0.3, 0.1, 0.2, 0.05, 0.25, 0.05];
    let of = |sampling: Sampling| histogram(&sampling.with_temperature(1.0), &logits(&row));
    let plain = Sampling::default;
    assert_fits(&of(plain()), &[0.05, 0.3, 0.1, 0.2, 0.05, 0.25, 0.05]);
    assert_fits(&of(plain().with_top_k(3)), &[0.0, 0.3, 0.0, 0.2, 0.0, 0.25, 0.0]);
    assert_fits(&of(plain().with_top_k(5)), &[0.05, 0.3, 0.1, 0.2, 0.0, 0.25, 0.0]);
    assert_fits(&of(plain().with_top_p(0.5)), &[0.0, 0.3, 0.0, 0.0, 0.0, 0.25, 0.0]);
    assert_fits(&of(plain().with_top_p(0.6)), &[0.0, 0.3, 0.0, 0.2, 0.0, 0.25, 0.0]);
    assert_fits(&of(plain().with_min_p(0.3)), &[0.0, 0.3, 0.1, 0.2, 0.0, 0.25, 0.0]);
    // The entropy is 1.727: a surprise of -ln(0.2) = 1.609 is closest, then -ln(0.25) = 1.386.
    assert_fits(&of(plain().with_typical_p(0.19)), &[0.0, 0.0, 0.0, 0.2, 0.0, 0.0, 0.0]);
    assert_fits(&of(plain().with_typical_p(0.4)), &[0.0, 0.0, 0.0, 0.2, 0.0, 0.25, 0.0]);
    // Filters see what the ones before them kept: 0.3 of 0.75 is a fraction of 0.4.
    assert_fits(&of(plain().with_top_k(3).with_top_p(0.39)), &[0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    assert_fits(&of(plain().with_banned([1]).with_top_k(2)), &[0.0, 0.0, 0.0, 0.2, 0.0, 0.25, 0.0]);
    assert_fits(
        &of(plain().with_logit_bias(0, 4f32.ln()).with_top_k(3)),
        &[0.2, 0.3, 0.0, 0.0, 0.0, 0.25, 0.0],
    );
}

#[test]
fn temperature_flattens_and_sharpens() {
    let row = [0.6f32, 0.3, 0.1];
    for temperature in [0.5f32, 1.5] {
        let sampling = Sampling::default().with_temperature(temperature);
        let powers: Vec<f64> =
            row.iter().map(|&p| f64::from(p).powf(1.0 / f64::from(temperature))).collect();
        assert_fits(&histogram(&sampling, &logits(&row)), &powers);
    }
}

#[test]
fn penalties_follow_their_definitions() {
    let row = [1.0f32, -1.0, 0.5, 0.0];
    let sampling = Sampling::default()
        .with_temperature(1.0)
        .with_repetition_penalty(2.0)
        .with_presence_penalty(0.3)
        .with_frequency_penalty(0.1)
        .with_penalty_window(4);
    // Of the history only the last four tokens count: 1, 0, 0, 3.
    let expected = [0.5 - 0.5f64, -2.0 - 0.4, 0.5, 0.0 - 0.4].map(f64::exp);
    let mut counts = vec![0; 4];
    for seed in 0..DRAWS {
        let mut pass = Fixed { logits: row.to_vec(), answers: Want::Logits };
        let mut chooser = chooser(&sampling.clone().with_seed(seed), 4);
        chooser.start(&[2, 2, 1, 0, 0, 3]);
        counts[block_on(chooser.choose(&mut pass, 0, NodeId::ROOT)).unwrap() as usize] += 1;
    }
    assert_fits(&counts, &expected);
}

#[test]
fn a_pass_is_asked_for_no_more_than_needed() {
    let row = || vec![0.1, 0.2, 0.9, 0.4];
    let plain = Sampling::default;
    let warm = plain().with_temperature(0.7);
    for (sampling, answers) in [
        (plain(), Want::Argmax),
        (plain().with_top_k(3).with_top_p(0.5).with_seed(4), Want::Argmax),
        (warm.clone().with_top_k(2), Want::TopK(2)),
        (warm.clone().with_top_k(64).with_top_p(0.5), Want::TopK(64)),
        (warm.clone().with_top_k(65), Want::Logits),
        (warm.clone(), Want::Logits),
        (warm.with_top_k(2).with_banned([1]), Want::Logits),
        (plain().with_presence_penalty(0.1), Want::Logits),
    ] {
        assert_eq!(chooser(&sampling, 4).want(), answers, "{sampling:?}");
        choose(&sampling, &mut Fixed { logits: row(), answers });
    }
}

#[test]
fn the_best_tokens_alone_give_the_same_draws() {
    let row: Vec<f32> = (0..40).map(|n| ((n * 7919) % 13) as f32 / 3.0).collect();
    let few = Sampling::default().with_temperature(0.8).with_top_k(6).with_top_p(0.83);
    // A bias of zero changes nothing, but needs all logits.
    let all = few.clone().with_logit_bias(0, 0.0);
    for seed in 0..500 {
        let mut ranked = Fixed { logits: row.clone(), answers: Want::TopK(6) };
        let mut whole = Fixed { logits: row.clone(), answers: Want::Logits };
        let (few, all) = (few.clone().with_seed(seed), all.clone().with_seed(seed));
        assert_eq!(choose(&few, &mut ranked), choose(&all, &mut whole));
    }
}

#[test]
fn extreme_logits_have_an_answer() {
    let warm = Sampling::default().with_temperature(1e-30);
    let of = |row: &[f32], sampling: &Sampling| {
        choose(sampling, &mut Fixed { logits: row.to_vec(), answers: Want::Logits })
    };
    assert_eq!(of(&[1.0, 1.5, 1.0], &warm), 1, "nearly greedy");
    let hot = Sampling::default().with_temperature(1e30);
    let drawn: Vec<Token> =
        (0..50).map(|seed| of(&[-9.0, 9.0, 0.0], &hot.clone().with_seed(seed))).collect();
    assert!((0..3).all(|token| drawn.contains(&token)), "nearly uniform: {drawn:?}");
    assert_eq!(of(&[0.0, f32::INFINITY, 3.0], &hot), 1);
    assert_eq!(of(&[f32::NEG_INFINITY, f32::MAX, f32::MIN], &warm), 1);
    let greedy = Sampling::default().with_logit_bias(0, -1.0);
    assert_eq!(of(&[1.0, 0.0, 0.0], &greedy), 0, "the lowest token on a tie");
    assert_eq!(of(&[f32::NEG_INFINITY, f32::NEG_INFINITY, -1e38], &greedy), 2);
}

#[test]
fn logits_that_are_no_numbers_are_errors() {
    for sampling in
        [Sampling::default().with_temperature(1.0), Sampling::default().with_logit_bias(0, 1.0)]
    {
        let mut pass = Fixed { logits: vec![0.0, f32::NAN], answers: Want::Logits };
        let mut chooser = chooser(&sampling, 2);
        chooser.start(&[0]);
        let error = block_on(chooser.choose(&mut pass, 0, NodeId::ROOT)).unwrap_err();
        assert_eq!(error.kind(), DecodeErrorKind::Model);
        pass.logits.fill(f32::NEG_INFINITY);
        let error = block_on(chooser.choose(&mut pass, 0, NodeId::ROOT)).unwrap_err();
        assert_eq!(error.kind(), DecodeErrorKind::NoTokenLeft);
    }
}
