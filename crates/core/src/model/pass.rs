use std::time::Duration;

use crate::{ModelError, NodeId, Token, async_trait};

/// What a forward pass computed.
///
/// It stays where it was computed (in a GPU's memory, say) until asked for.
/// Steps are numbered as they were given to [`Model::forward`](crate::Model::forward).
///
/// Only [`logits`](Self::logits) and [`vocabulary`](Self::vocabulary) are
/// required; a backend that can answer the others without moving all logits
/// overrides them. The answers must agree: `argmax` is the token with the
/// largest logit, the lowest such token on a tie, and `top_k` starts with it.
#[async_trait]
pub trait Pass: Send {
    /// The number of logits of a node.
    fn vocabulary(&self) -> usize;

    /// What the pass cost so far, if that is not the time that its caller
    /// sees go by: of a simulation, say, or of a pass that waited for others in
    /// a batch. Decoders weigh guesses by it. Default: `None`.
    fn cost(&self) -> Option<Duration> {
        None
    }

    /// The logits of the token after `node`, into `out` of length `vocabulary()`.
    ///
    /// # Errors
    ///
    /// If the backend fails, or there is no such step or node.
    async fn logits(
        &mut self,
        step: usize,
        node: NodeId,
        out: &mut [f32],
    ) -> Result<(), ModelError>;

    /// The most likely token after `node`; the lowest token on a tie.
    ///
    /// # Errors
    ///
    /// As [`logits`](Self::logits), and if a logit is not a number.
    async fn argmax(&mut self, step: usize, node: NodeId) -> Result<Token, ModelError> {
        Ok(self.top_k(step, node, 1).await?[0].0)
    }

    /// The `k` most likely tokens after `node` with their logits, the most
    /// likely first, the lower token first on a tie; the whole vocabulary if it
    /// is smaller than `k`.
    ///
    /// # Errors
    ///
    /// As [`argmax`](Self::argmax).
    async fn top_k(
        &mut self,
        step: usize,
        node: NodeId,
        k: usize,
    ) -> Result<Vec<(Token, f32)>, ModelError> {
        let mut logits = vec![0.0; self.vocabulary()];
        self.logits(step, node, &mut logits).await?;
        if logits.iter().any(|logit| logit.is_nan()) || logits.is_empty() {
            return Err(ModelError::not_a_number());
        }
        let mut order: Vec<(Token, f32)> =
            logits.into_iter().enumerate().map(|(token, logit)| (token as Token, logit)).collect();
        let ranked = |a: &(Token, f32), b: &(Token, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        // `-0.0` and `0.0` tie as numbers but not in the total order.
        for (_, logit) in &mut order {
            *logit += 0.0;
        }
        let k = k.clamp(1, order.len());
        if k < order.len() {
            order.select_nth_unstable_by(k - 1, ranked);
            order.truncate(k);
        }
        order.sort_unstable_by(ranked);
        Ok(order)
    }

    /// The hidden state that the logits of `node` are computed from, into `out`
    /// of length [`ModelInfo::hidden_size`](crate::ModelInfo::hidden_size).
    ///
    /// # Errors
    ///
    /// If the backend does not expose it, which is what the provided method says.
    async fn hidden(
        &mut self,
        step: usize,
        node: NodeId,
        out: &mut [f32],
    ) -> Result<(), ModelError> {
        let _ = (step, node, out);
        Err(ModelError::unsupported("reading hidden states"))
    }
}
