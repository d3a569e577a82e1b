//! Where the settings of both mean the same, tokens are drawn as often as candle-transformers draws them.

use candle_core::{Device, Tensor};
use candle_transformers::generation::{LogitsProcessor, Sampling as Theirs};
use foretoken_core::blocking::block_on;
use foretoken_core::{ModelError, ModelInfo, NodeId, Pass, Request, Sampling, async_trait};
use foretoken_decoder::Chooser;

const DRAWS: u32 = 10_000;

struct Row(Vec<f32>);

#[async_trait]
impl Pass for Row {
    fn vocabulary(&self) -> usize {
        self.0.len()
    }

    async fn logits(&mut self, _: usize, _: NodeId, out: &mut [f32]) -> Result<(), ModelError> {
        out.copy_from_slice(&self.0);
        Ok(())
    }
}

fn theirs(sampling: Theirs, row: &[f32]) -> Vec<u32> {
    let row_tensor = Tensor::new(row, &Device::Cpu).unwrap();
    let mut processor = LogitsProcessor::from_sampling(5, sampling);
    let mut counts = vec![0; row.len()];
    for _ in 0..DRAWS {
        counts[processor.sample(&row_tensor).unwrap() as usize] += 1;
    }
    counts
}

/// Draws at one position after another, as a generation does.
fn ours(sampling: Sampling, row: &[f32]) -> Vec<u32> {
    let request = Request::new([0]).with_sampling(sampling.with_seed(5));
    let info = ModelInfo::new("row", row.len(), usize::MAX);
    let mut chooser = Chooser::new(&request, &info).unwrap();
    chooser.start(&[0]);
    let mut pass = Row(row.to_vec());
    let mut counts = vec![0; row.len()];
    for _ in 0..DRAWS {
        counts[block_on(chooser.choose(&mut pass, 0, NodeId::ROOT)).unwrap() as usize] += 1;
    }
    counts
}

/// The chi-square statistic that two samples are of one distribution; at most
/// 11 degrees of freedom, of which it exceeds 35 once in 4,000 times.
fn assert_alike(left: &[u32], right: &[u32]) {
    let statistic: f64 = left
        .iter()
        .zip(right)
        .map(|(&a, &b)| {
            assert_eq!(a == 0, b == 0, "{left:?} and {right:?} keep different tokens");
            let (a, b) = (f64::from(a), f64::from(b));
            if a + b == 0.0 { 0.0 } else { (a - b).powi(2) / (a + b) }
        })
        .sum();
    assert!(statistic < 35.0, "{statistic}: {left:?} and {right:?}");
}

/// The probability of the `k` most likely tokens together.
fn mass_of_best(k: usize, temperature: f64, row: &[f32]) -> f64 {
    let mut weights: Vec<f64> =
        row.iter().map(|&logit| (f64::from(logit) / temperature).exp()).collect();
    weights.sort_by(|a, b| b.total_cmp(a));
    weights[..k].iter().sum::<f64>() / weights.iter().sum::<f64>()
}

#[test]
fn tokens_are_drawn_as_often_as_candle_draws_them() {
    let row = [1.2, -0.3, 0.4, 2.1, 0.0, 1.9, -1.0, 0.7, 1.4, -0.6, 0.2, 1.0f32];
    for temperature in [0.5f32, 0.8, 1.0, 1.5] {
        let ours = |sampling: Sampling| ours(sampling.with_temperature(temperature), &row);
        let theirs = |sampling| theirs(sampling, &row);
        let (plain, temperature) = (Sampling::default, f64::from(temperature));
        assert_alike(&ours(plain()), &theirs(Theirs::All { temperature }));
        assert_alike(&ours(plain().with_top_k(5)), &theirs(Theirs::TopK { k: 5, temperature }));
        assert_alike(
            &ours(plain().with_top_p(0.71)),
            &theirs(Theirs::TopP { p: 0.71, temperature }),
        );
        // Their fraction is of all tokens, ours of the best k.
        let fraction = 0.63 / mass_of_best(7, temperature, &row);
        assert_alike(
            &ours(plain().with_top_k(7).with_top_p(fraction as f32)),
            &theirs(Theirs::TopKThenTopP { k: 7, p: 0.63, temperature }),
        );
    }
    let best = theirs(Theirs::ArgMax, &row);
    assert_eq!(ours(Sampling::default(), &row), best);
}
