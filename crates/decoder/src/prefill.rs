use std::time::Instant;

use foretoken_core::{
    CandidateSource, DecodeError, Generation, Model, NodeId, Outcome, SeqId, Step, StopReason,
    Token, TokenSink, TokenTree, Want,
};

use crate::GuessAndVerify;
use crate::rules::Rules;

/// Runs all prompt tokens that are not in the cache but the last, chunk by
/// chunk, each a chain through the same pass as any tree. The last one is the
/// root of the first step. Says why the output ends before it begins, if so.
pub(crate) async fn run<M: Model, S: CandidateSource>(
    decoder: &mut GuessAndVerify<M, S>,
    seq: SeqId,
    prompt: &[Token],
    rules: &mut Rules,
    sink: &mut dyn TokenSink,
    output: &mut Generation,
) -> Result<Option<StopReason>, DecodeError> {
    let GuessAndVerify { model, source, config, scratch, sequence, .. } = decoder;
    let want = source.wants().prompt;
    let reused = output.statistics.reused_tokens;
    let tokens = &prompt[reused..prompt.len() - 1];
    let mut done = 0;
    for chunk in tokens.chunks(config.prefill_chunk) {
        if let Some(reason) = rules.stop_before_pass() {
            return Ok(Some(reason));
        }
        let started = Instant::now();
        let tree = TokenTree::chain(chunk[0], &chunk[1..]);
        let path: Vec<NodeId> = tree.nodes().collect();
        let wants = vec![want; tree.len()];
        let mut pass = model.forward(&[Step::new(seq, &tree, &wants)]).await?;
        if want > Want::Nothing {
            scratch.predictions.reset(tree.len());
            for &node in &path {
                scratch.read(&mut *pass, node, node, want).await?;
            }
        }
        drop(pass);
        model.commit(seq, &path)?;
        done += chunk.len();
        sequence.committed(prompt, reused + done);
        if want > Want::Nothing {
            source.prefilled(&Outcome::new(&tree, &scratch.predictions, &path, &[]));
        }
        output.statistics.prefill_time += started.elapsed();
        if sink.prefilled(done, tokens.len()).is_break() {
            return Ok(Some(sink.reason()));
        }
        crate::yield_now::yield_now().await;
    }
    Ok(None)
}
