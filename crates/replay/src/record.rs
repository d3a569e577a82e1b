use foretoken_core::blocking::{BlockingModel, BlockingPass};
use foretoken_core::{Model, ModelError, NodeId, SeqId, Step, Token, TokenTree, Want};

use crate::{Ranked, Trace};

/// Prompt tokens of one pass.
const CHUNK: usize = 64;

/// Decodes plainly and notes the `top` most likely tokens at every position.
/// The output ends after an end-of-sequence token, `max_new_tokens` tokens, or
/// where the context is full.
///
/// # Errors
///
/// If the model fails, or the prompt is empty or fills the context.
pub fn record(
    model: &mut dyn Model,
    prompt: &[Token],
    max_new_tokens: usize,
    top: u16,
) -> Result<Trace, ModelError> {
    let info = model.info();
    let room = info.context_length.saturating_sub(prompt.len());
    let mut trace = Trace {
        prompt: prompt.to_vec(),
        vocabulary: info.vocabulary,
        end_of_sequence: info.end_of_sequence.as_slice().to_vec(),
        ..Trace::default()
    };
    if prompt.is_empty() || room == 0 {
        return Err(ModelError::misuse("the prompt must not be empty, nor fill the context"));
    }
    let seq = model.open()?;
    let result = decode(model, seq, max_new_tokens.min(room), top.max(1), &mut trace);
    model.close(seq);
    result.map(|()| trace)
}

fn decode(
    model: &mut dyn Model,
    seq: SeqId,
    most: usize,
    top: u16,
    trace: &mut Trace,
) -> Result<(), ModelError> {
    let prompt = trace.prompt.clone();
    for chunk in prompt.chunks(CHUNK) {
        run(model, seq, chunk, top, &mut trace.predictions)?;
    }
    while trace.tokens.len() < most {
        let Some(&(token, _)) = trace.predictions.last().and_then(|ranked| ranked.first()) else {
            return Err(ModelError::misuse("the model ranks no token"));
        };
        trace.tokens.push(token);
        if trace.end_of_sequence.contains(&token) || trace.tokens.len() == most {
            break;
        }
        run(model, seq, &[token], top, &mut trace.predictions)?;
    }
    Ok(())
}

/// One pass over a chain, committed; the predictions after each token go to `predictions`.
fn run(
    model: &mut dyn Model,
    seq: SeqId,
    chain: &[Token],
    top: u16,
    predictions: &mut Vec<Ranked>,
) -> Result<(), ModelError> {
    let tree = TokenTree::chain(chain[0], &chain[1..]);
    let path: Vec<NodeId> = tree.nodes().collect();
    let wants = vec![Want::TopK(top); path.len()];
    let mut pass = model.forward_blocking(&[Step::new(seq, &tree, &wants)])?;
    for &node in &path {
        predictions.push(pass.top_k_blocking(0, node, usize::from(top))?);
    }
    drop(pass);
    model.commit(seq, &path)
}
