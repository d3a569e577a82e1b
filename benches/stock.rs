//! candle-transformers' own model of a GGUF file in the loop of its examples, timed, for `peers.py`.
//!
//! ```sh
//! echo '{"prompt": [1, 2, 3], "count": 16}' | cargo run --release -p foretoken-benches --example stock -- model.gguf
//! ```
//!
//! Each line of the input is a [`Question`], each line of the output its [`Answer`]. A pass is timed from its tokens to its
//! logits in a vector. The `RAYON_NUM_THREADS` of the environment are candle's threads.

use std::fs::File;
use std::io::{Write, stdin, stdout};
use std::path::Path;
use std::time::Instant;

use candle_core::quantized::gguf_file;
use candle_core::{Device, IndexOp, Result, Tensor, bail};
use candle_transformers::models::{quantized_llama, quantized_qwen2};
use serde::{Deserialize, Serialize};

/// What to decode, from an empty cache.
#[derive(Deserialize)]
struct Question {
    /// The ids of the prompt, run in one pass.
    prompt: Vec<u32>,
    /// How many tokens to decode greedily, the one after the prompt included.
    count: usize,
    /// Tokens of further passes, one after the other.
    #[serde(default)]
    then: Vec<Vec<u32>>,
}

/// What came out. Times are in seconds.
#[derive(Serialize)]
struct Answer {
    tokens: Vec<u32>,
    /// Of the prompt.
    prefill: f64,
    /// Of each token but the first.
    passes: Vec<f64>,
    /// Of each pass in `then`.
    then: Vec<f64>,
}

enum Stock {
    Llama(quantized_llama::ModelWeights),
    Qwen2(quantized_qwen2::ModelWeights),
}

impl Stock {
    fn load(path: &Path) -> Result<Self> {
        let mut file = File::open(path)?;
        let content = gguf_file::Content::read(&mut file)?;
        let Some(architecture) = content.metadata.get("general.architecture") else {
            bail!("the file does not name its architecture");
        };
        Ok(match architecture.to_string()?.as_str() {
            "llama" => Self::Llama(quantized_llama::ModelWeights::from_gguf(
                content,
                &mut file,
                &Device::Cpu,
            )?),
            "qwen2" => Self::Qwen2(quantized_qwen2::ModelWeights::from_gguf(
                content,
                &mut file,
                &Device::Cpu,
            )?),
            other => bail!("the architecture {other} is not compared: llama and qwen2 are"),
        })
    }

    /// The most likely token after `tokens`, which stand at `position`, and how long the pass took.
    fn pass(&mut self, tokens: &[u32], position: usize) -> Result<(u32, f64)> {
        let started = Instant::now();
        let input = Tensor::new(tokens, &Device::Cpu)?.unsqueeze(0)?;
        let logits = match self {
            Self::Llama(model) => model.forward(&input, position)?,
            Self::Qwen2(model) => model.forward(&input, position)?,
        };
        let logits: Vec<f32> = logits.i(0)?.to_vec1()?;
        let seconds = started.elapsed().as_secs_f64();
        let largest = (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b]));
        Ok((largest.unwrap_or(0) as u32, seconds))
    }

    fn answer(&mut self, question: &Question) -> Result<Answer> {
        let Question { prompt, count, then } = question;
        // A pass at position 0 starts a new cache.
        let (first, prefill) = self.pass(prompt, 0)?;
        let (mut tokens, mut passes) = (vec![first], Vec::new());
        while tokens.len() < *count {
            let position = prompt.len() + passes.len();
            let (token, seconds) = self.pass(&tokens[passes.len()..], position)?;
            tokens.push(token);
            passes.push(seconds);
        }
        let mut position = prompt.len() + passes.len();
        let mut times = Vec::new();
        for more in then {
            times.push(self.pass(more, position)?.1);
            position += more.len();
        }
        Ok(Answer { tokens, prefill, passes, then: times })
    }
}

fn main() -> Result<()> {
    let Some(path) = std::env::args_os().nth(1) else { bail!("the first argument is a GGUF file") };
    let mut model = Stock::load(path.as_ref())?;
    for line in stdin().lines() {
        let question = serde_json::from_str(&line?).map_err(candle_core::Error::wrap)?;
        let answer = model.answer(&question)?;
        let answer = serde_json::to_string(&answer).map_err(candle_core::Error::wrap)?;
        writeln!(stdout(), "{answer}")?;
    }
    Ok(())
}
