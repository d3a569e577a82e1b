//! The training loop: batches on two threads or more, checkpoints that a killed run goes on from.

use std::{
    fs::{self, File},
    io::BufWriter,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::Context;
use candle_core::{Var, safetensors};
use rayon::ThreadPool;
use serde::{Deserialize, Serialize};
use tokenizers::Tokenizer;

use crate::{
    batches::{Batch, Rows},
    network::{Network, Shape},
    optimizer::{AdamW, Rules},
};

/// The share of the run over which the learning rate falls to nothing, at its end.
const DECAY: f64 = 0.25;
/// Steps over which it rises, at the beginning.
const WARM_UP: f64 = 200.0;
/// From this share of the run on, rows are as long as the context: half as long before.
const LONG_ROWS: f64 = 0.85;
/// The stream of texts that the loss is checked on.
const CHECK_SEED: u64 = 0x00c0_ffee;
/// Rows that it is checked on.
const CHECK_ROWS: usize = 32;

/// What a run does.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Tokens in all.
    pub tokens: u64,
    /// Tokens of a step.
    pub batch: usize,
    /// Tokens that go through the network together, on one thread.
    pub part: usize,
    /// The highest learning rate.
    pub rate: f64,
    /// Threads.
    pub threads: usize,
    /// Tokens between checkpoints.
    pub checkpoint: u64,
    /// Seconds after which the run stops, to be gone on with.
    pub seconds: f64,
}

/// How far a run is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Progress {
    /// The network.
    pub shape: Shape,
    /// The seed of texts and weights.
    pub seed: u64,
    /// Tokens trained on.
    pub tokens: u64,
    /// The number of the next text.
    pub next_text: u64,
    /// Seconds trained, over all sessions.
    pub seconds: f64,
    /// The loss at each checkpoint.
    pub curve: Vec<Point>,
}

/// The loss after so many tokens, in nats a token.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Point {
    /// Tokens trained on.
    pub tokens: u64,
    /// The mean over the steps since the point before.
    pub training: f64,
    /// Over texts of another stream.
    pub checking: f64,
}

/// A network in training.
pub struct Trainer {
    network: Network,
    optimizer: AdamW,
    rows: Rows,
    tokenizer: Tokenizer,
    progress: Progress,
    folder: PathBuf,
}

impl Trainer {
    /// Goes on from the checkpoint in `folder`, or starts there.
    ///
    /// # Errors
    /// A checkpoint that cannot be read or is of another network.
    pub fn open(
        folder: &Path,
        shape: Shape,
        tokenizer: Tokenizer,
        seed: u64,
    ) -> anyhow::Result<Self> {
        let network = Network::new(shape, seed)?;
        let mut optimizer = AdamW::new(Rules::default(), network.variables());
        let state = folder.join("progress.json");
        let progress = if state.exists() {
            let progress: Progress = serde_json::from_reader(File::open(&state)?)
                .with_context(|| format!("{} cannot be read", state.display()))?;
            anyhow::ensure!(
                progress.shape == shape && progress.seed == seed,
                "{} is of another network or seed",
                state.display()
            );
            let weights = folder.join(weights_file(progress.tokens));
            optimizer.restore(&safetensors::load(&weights, &candle_core::Device::Cpu)?)?;
            progress
        } else {
            Progress { shape, seed, ..Progress::default() }
        };
        let rows = Rows::new(tokenizer.clone(), seed, progress.next_text);
        let folder = folder.to_owned();
        Ok(Self { network, optimizer, rows, tokenizer, progress, folder })
    }

    /// How far it is.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The network as it is.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Trains until the plan's tokens or seconds are over, and saves.
    ///
    /// # Errors
    /// What candle and the file system say.
    pub fn run(
        &mut self,
        plan: &Plan,
        report: &mut dyn FnMut(&Progress, f64),
    ) -> anyhow::Result<()> {
        let start = Instant::now();
        let before = self.progress.seconds;
        let pools = (0..plan.threads)
            .map(|_| rayon::ThreadPoolBuilder::new().num_threads(1).build())
            .collect::<Result<Vec<_>, _>>()?;
        let mut losses = Vec::new();
        let mut saved = self.progress.tokens;
        while self.progress.tokens < plan.tokens && start.elapsed().as_secs_f64() < plan.seconds {
            let done = self.progress.tokens as f64 / plan.tokens as f64;
            let context = self.progress.shape.context;
            let positions = if done < LONG_ROWS { context / 2 } else { context };
            let count = (plan.batch / plan.part).next_multiple_of(plan.threads);
            let rows = (plan.part / positions).max(1);
            let batches = (0..count)
                .map(|_| self.rows.batch(rows, positions))
                .collect::<anyhow::Result<Vec<_>>>()?;
            let (loss, gradients) = self.gradients(&pools, &batches)?;
            self.optimizer.step(&gradients, self.rate(plan, done) as f32)?;
            losses.push(loss);
            self.progress.tokens += (count * rows * positions) as u64;
            self.progress.next_text = self.rows.next;
            self.progress.seconds = before + start.elapsed().as_secs_f64();
            report(&self.progress, loss);
            if self.progress.tokens - saved >= plan.checkpoint {
                self.checkpoint(&mut losses)?;
                saved = self.progress.tokens;
            }
        }
        if self.progress.tokens > saved {
            self.checkpoint(&mut losses)?;
        }
        Ok(())
    }

    /// Rises, stays, falls: so a run can be made longer as long as it does not fall yet.
    fn rate(&self, plan: &Plan, done: f64) -> f64 {
        let steps = self.progress.tokens as f64 / plan.batch as f64;
        let rising = ((steps + 1.0) / WARM_UP).min(1.0);
        let falling = ((1.0 - done) / DECAY).min(1.0);
        plan.rate * rising * falling.max(0.02)
    }

    /// The mean loss and gradients of the batches, each on its own thread.
    fn gradients(
        &self,
        pools: &[ThreadPool],
        batches: &[Batch],
    ) -> anyhow::Result<(f64, Vec<Vec<f32>>)> {
        let network = &self.network;
        let variables = network.variables();
        let share = batches.len().div_ceil(pools.len());
        let parts = std::thread::scope(|scope| {
            let running: Vec<_> = pools
                .iter()
                .zip(batches.chunks(share))
                .map(|(pool, batches)| {
                    let variables = &variables;
                    scope.spawn(move || pool.install(|| sum(network, variables, batches)))
                })
                .collect();
            running
                .into_iter()
                .map(|thread| thread.join().expect("a training thread returns its errors"))
                .collect::<candle_core::Result<Vec<_>>>()
        })?;
        let count = batches.len();
        let mut parts = parts.into_iter();
        let (mut loss, mut sums) = parts.next().context("a run has at least one thread")?;
        for (other, gradients) in parts {
            loss += other;
            for (sum, gradient) in sums.iter_mut().zip(&gradients) {
                add(sum, gradient);
            }
        }
        for value in sums.iter_mut().flatten() {
            *value /= count as f32;
        }
        Ok((loss / count as f64, sums))
    }

    /// The loss on texts that training never sees.
    ///
    /// # Errors
    /// What candle says.
    pub fn check(&self) -> anyhow::Result<f64> {
        let seed = CHECK_SEED ^ self.progress.seed;
        let mut rows = Rows::new(self.tokenizer.clone(), seed, 0);
        let mut sum = 0.0;
        for _ in 0..CHECK_ROWS / 8 {
            let batch = rows.batch(8, self.progress.shape.context / 2)?;
            let loss = self.network.loss(&batch.tokens, &batch.targets)?;
            sum += f64::from(loss.to_scalar::<f32>()?);
        }
        Ok(sum / (CHECK_ROWS / 8) as f64)
    }

    /// Writes the checkpoint; the one before goes when this one is whole.
    fn checkpoint(&mut self, losses: &mut Vec<f64>) -> anyhow::Result<()> {
        let training = losses.iter().sum::<f64>() / losses.len().max(1) as f64;
        losses.clear();
        let before = self.progress.curve.last().map(|point| weights_file(point.tokens));
        let tokens = self.progress.tokens;
        self.progress.curve.push(Point { tokens, training, checking: self.check()? });
        fs::create_dir_all(&self.folder)?;
        safetensors::save(&self.optimizer.save()?, self.folder.join(weights_file(tokens)))?;
        let unfinished = self.folder.join("progress.json.unfinished");
        serde_json::to_writer_pretty(BufWriter::new(File::create(&unfinished)?), &self.progress)?;
        fs::rename(&unfinished, self.folder.join("progress.json"))?;
        if let Some(before) = before {
            fs::remove_file(self.folder.join(before)).or_else(missing_is_fine)?;
        }
        Ok(())
    }
}

/// The losses and gradients of some batches, added up.
fn sum(
    network: &Network,
    variables: &[(String, Var)],
    batches: &[Batch],
) -> candle_core::Result<(f64, Vec<Vec<f32>>)> {
    let mut total = 0.0;
    let mut sums: Vec<Vec<f32>> =
        variables.iter().map(|(_, var)| vec![0.0; var.elem_count()]).collect();
    for batch in batches {
        let loss = network.loss(&batch.tokens, &batch.targets)?;
        let gradients = loss.backward()?;
        total += f64::from(loss.to_scalar::<f32>()?);
        for (sum, (_, var)) in sums.iter_mut().zip(variables) {
            if let Some(gradient) = gradients.get(var) {
                add(sum, &gradient.flatten_all()?.to_vec1::<f32>()?);
            }
        }
    }
    Ok((total, sums))
}

fn add(sum: &mut [f32], values: &[f32]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += value;
    }
}

fn missing_is_fine(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

fn weights_file(tokens: u64) -> String {
    format!("weights-{tokens}.safetensors")
}
