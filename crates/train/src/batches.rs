//! Rows of tokens for training: texts one after another, as many as fit.

use candle_core::{Device, Tensor};
use tokenizers::Tokenizer;

use crate::{
    corpus,
    tokenizer::{END_OF_TEXT_ID, encode},
};

/// A batch: what goes in and what should come out.
pub struct Batch {
    /// `[rows, positions]`.
    pub tokens: Tensor,
    /// The token after each.
    pub targets: Tensor,
}

/// Makes rows from texts.
pub struct Rows {
    tokenizer: Tokenizer,
    seed: u64,
    /// The number of the next text.
    pub next: u64,
}

impl Rows {
    /// Rows of a seed's texts, from the one of number `next` on.
    pub fn new(tokenizer: Tokenizer, seed: u64, next: u64) -> Self {
        Self { tokenizer, seed, next }
    }

    /// The next `rows` rows of `positions` tokens. A row begins with the beginning of a text, as prompts do; the last
    /// one of a row is cut.
    ///
    /// # Errors
    /// What encoding says.
    pub fn batch(&mut self, rows: usize, positions: usize) -> anyhow::Result<Batch> {
        let (mut tokens, mut targets) = (Vec::new(), Vec::new());
        for _ in 0..rows {
            let mut row = vec![END_OF_TEXT_ID];
            while row.len() <= positions {
                row.extend(encode(&self.tokenizer, &corpus::document(self.seed, self.next).text)?);
                self.next += 1;
            }
            tokens.extend_from_slice(&row[..positions]);
            targets.extend_from_slice(&row[1..=positions]);
        }
        let shape = (rows, positions);
        Ok(Batch {
            tokens: Tensor::from_vec(tokens, shape, &Device::Cpu)?,
            targets: Tensor::from_vec(targets, shape, &Device::Cpu)?,
        })
    }
}
