//! How well a model predicts a text.

use std::ops::ControlFlow;

use foretoken_core::{
    Model, ModelError, SeqId, Step, Token, TokenTree, Want,
    blocking::{BlockingModel, BlockingPass},
};

use crate::{
    Progress,
    error::{Error, Kind},
};

/// Rows of a pass: all logits of each are kept until they are read.
const ROWS: usize = 32;

/// A text to predict, in chunks that know nothing of each other.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    prefix: &'a [Token],
    tokens: &'a [Token],
    chunk: usize,
}

impl<'a> Text<'a> {
    /// Tokens of a chunk if nothing else is said.
    pub const CHUNK: usize = 512;

    /// A text in chunks of `chunk` tokens.
    ///
    /// Each chunk begins with `prefix`, which counts as part of it and is not predicted: the tokens that begin every
    /// sequence of the model, if there are any. What is left of the text after the last whole chunk is left out, unless
    /// it is all there is.
    ///
    /// # Errors
    /// Fewer than two tokens, prefix and text together, or chunks that leave none to predict.
    pub fn new(prefix: &'a [Token], tokens: &'a [Token], chunk: usize) -> Result<Self, Error> {
        let needed = prefix.len().max(1) + 1;
        if tokens.is_empty() || prefix.len() + tokens.len() < 2 || chunk < needed {
            return Err(Kind::Text { found: tokens.len(), needed }.into());
        }
        Ok(Self { prefix, tokens, chunk })
    }

    /// The text's tokens in each chunk, prefix apart.
    fn chunks(&self) -> impl Iterator<Item = &'a [Token]> {
        let each = self.chunk - self.prefix.len();
        let whole = if self.tokens.len() < each { self.tokens.len() } else { each };
        self.tokens.chunks_exact(whole)
    }
}

/// How well a model predicted a text.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Perplexity {
    /// The mean negative log-likelihood of a predicted token, in nats.
    pub nats: f64,
    /// Tokens that were predicted: all of a chunk but those that begin it.
    pub predicted: usize,
    /// Chunks.
    pub chunks: usize,
}

impl Perplexity {
    /// The exponential of [`nats`](Self::nats): between so many tokens, all as likely, the model was undecided.
    pub fn perplexity(&self) -> f64 {
        self.nats.exp()
    }
}

/// Predicts every token of a text from those before it in its chunk; `None` if `watch` breaks it off.
///
/// The model needs a free sequence.
///
/// # Errors
/// Chunks that the model's context does not hold; a token that has no probability at all; what the model says.
pub fn perplexity<M: Model + ?Sized>(
    model: &mut M,
    text: &Text<'_>,
    watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Option<Perplexity>, Error> {
    let length = model.info().context_length;
    let longest = text.prefix.len() + text.chunks().next().map_or(0, <[Token]>::len);
    if longest > length {
        return Err(Kind::Chunk { chunk: longest, length }.into());
    }
    let seq = model.open()?;
    let result = in_chunks(model, seq, text, watch);
    model.close(seq);
    result
}

fn in_chunks<M: Model + ?Sized>(
    model: &mut M,
    seq: SeqId,
    text: &Text<'_>,
    watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Option<Perplexity>, Error> {
    let given = text.prefix.len().max(1);
    let total = text.chunks().map(|chunk| text.prefix.len() + chunk.len() - 1).sum::<usize>();
    let mut progress = Progress { done: 0, total: total as u64 };
    let (mut sum, mut predicted, mut chunks) = (0.0, 0, 0);
    let mut logits = vec![0.0; model.info().vocabulary];
    for chunk in text.chunks() {
        model.truncate(seq, 0)?;
        let tokens = [text.prefix, chunk].concat();
        // The last token is predicted and predicts nothing.
        for start in (0..tokens.len() - 1).step_by(ROWS) {
            let end = (tokens.len() - 1).min(start + ROWS);
            let tree = TokenTree::chain(tokens[start], &tokens[start + 1..end]);
            let want = |row| if row + 1 < given { Want::Nothing } else { Want::Logits };
            let wants: Vec<Want> = (start..end).map(want).collect();
            let mut pass = model.forward_blocking(&[Step::new(seq, &tree, &wants)])?;
            for (node, row) in tree.nodes().zip(start..end).filter(|(_, row)| row + 1 >= given) {
                pass.logits_blocking(0, node, &mut logits)?;
                sum += surprise(&logits, tokens[row + 1])?;
                predicted += 1;
            }
            drop(pass);
            model.commit(seq, &tree.nodes().collect::<Vec<_>>())?;
            progress.done += tree.len() as u64;
            if watch(progress).is_break() {
                return Ok(None);
            }
        }
        chunks += 1;
    }
    Ok(Some(Perplexity { nats: sum / predicted as f64, predicted, chunks }))
}

/// The negative log-likelihood of a token, in nats.
fn surprise(logits: &[f32], token: Token) -> Result<f64, Error> {
    let Some(&own) = logits.get(token as usize) else {
        return Err(ModelError::token_out_of_range(token, logits.len()).into());
    };
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits.iter().map(|&logit| f64::from(logit - largest).exp()).sum();
    let surprise = sum.ln() - f64::from(own - largest);
    if surprise.is_finite() { Ok(surprise) } else { Err(Kind::Impossible.into()) }
}

#[cfg(test)]
mod tests {
    use foretoken_testkit::transformer::TinyTransformer;
    use proptest::prelude::*;

    use super::*;

    fn go_on(_: Progress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// Token by token, each from a sequence of its own.
    fn slowly(model: &mut dyn Model, prefix: &[Token], chunks: &[&[Token]]) -> f64 {
        let (mut sum, mut count) = (0.0, 0);
        for chunk in chunks {
            let tokens = [prefix, chunk].concat();
            for end in prefix.len().max(1)..tokens.len() {
                let seq = model.open().unwrap();
                let tree = TokenTree::chain(tokens[0], &tokens[1..end]);
                let mut pass = model.forward_blocking(&[Step::new(seq, &tree, &[])]).unwrap();
                let mut logits = vec![0.0; pass.vocabulary()];
                let last = tree.nodes().last().unwrap();
                pass.logits_blocking(0, last, &mut logits).unwrap();
                drop(pass);
                model.close(seq);
                let exponentials: Vec<f64> = logits.iter().map(|&x| f64::from(x).exp()).collect();
                let own = exponentials[tokens[end] as usize];
                sum -= (own / exponentials.iter().sum::<f64>()).ln();
                count += 1;
            }
        }
        sum / f64::from(count)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn chunked_passes_are_token_by_token(
            tokens in prop::collection::vec(0u32..16, 2..90),
            prefix in prop::collection::vec(0u32..16, 0..3),
            chunk in 4usize..60,
        ) {
            let mut model = TinyTransformer::default();
            let text = Text::new(&prefix, &tokens, chunk).unwrap();
            let found = perplexity(&mut model, &text, &mut go_on).unwrap().unwrap();
            let each = (chunk - prefix.len()).min(tokens.len());
            let chunks: Vec<&[Token]> = tokens.chunks_exact(each).collect();
            let expected = slowly(&mut model, &prefix, &chunks);
            prop_assert!((found.nats - expected).abs() < 1e-4, "{} and {expected}", found.nats);
            prop_assert_eq!(found.chunks, chunks.len());
            let counted = if prefix.is_empty() { each - 1 } else { each };
            prop_assert_eq!(found.predicted, counted * chunks.len());
        }
    }

    #[test]
    fn equal_logits_are_as_undecided_as_can_be() {
        let nats = surprise(&[3.0; 100], 7).unwrap();
        assert!((nats - 100f64.ln()).abs() < 1e-12);
        assert!(surprise(&[1000.0, -1000.0], 1).unwrap() == 2000.0);
        assert!(surprise(&[0.0, f32::NEG_INFINITY], 1).is_err());
        assert!(surprise(&[0.0, f32::NAN], 0).is_err());
        assert!(surprise(&[0.0], 1).is_err());
    }

    #[test]
    fn texts_that_predict_nothing_are_refused() {
        assert!(Text::new(&[], &[1], 512).is_err());
        assert!(Text::new(&[1], &[], 512).is_err());
        assert!(Text::new(&[1, 2, 3], &[4, 5], 3).is_err());
        assert!(Text::new(&[], &[4, 5], 1).is_err());
        let mut model = TinyTransformer::default();
        let length = model.info().context_length;
        let tokens = vec![1; length + 1];
        let text = Text::new(&[], &tokens, length + 1).unwrap();
        let error = perplexity(&mut model, &text, &mut go_on).unwrap_err();
        assert!(error.to_string().contains("do not fit"), "{error}");
        let broken_off =
            perplexity(&mut model, &Text::new(&[], &[1, 2, 3], 3).unwrap(), &mut |_| {
                ControlFlow::Break(())
            });
        assert_eq!(broken_off.unwrap(), None);
    }
}
