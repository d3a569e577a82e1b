//! Plain decoding, straight on the model.
//!
//! The oracle never guesses, never batches, and shares no code with a decoder:
//! each pass is one token of one sequence, and the choice is made from the
//! logits themselves.

use foretoken_core::blocking::{BlockingModel, BlockingPass};
use foretoken_core::{Model, ModelError, NodeId, SeqId, Step, Token, TokenSet, TokenTree, Want};

/// What greedy decoding of `prompt` emits.
///
/// The token with the largest logit each time, the lowest such token on a tie.
/// Ends after `max_new_tokens` tokens, after a token of `end_of_sequence`
/// (which is the last one returned), or when prompt and output together have
/// as many tokens as the context; whichever comes first.
///
/// # Errors
///
/// If the prompt is empty or longer than the context, if the model fails, or
/// if a logit is not a number.
pub fn greedy(
    model: &mut dyn Model,
    prompt: &[Token],
    max_new_tokens: usize,
    end_of_sequence: &TokenSet,
) -> Result<Vec<Token>, ModelError> {
    let seq = model.open()?;
    let output = continue_greedily(model, seq, prompt, max_new_tokens, end_of_sequence);
    model.close(seq);
    output
}

fn continue_greedily(
    model: &mut dyn Model,
    seq: SeqId,
    prompt: &[Token],
    max_new_tokens: usize,
    end_of_sequence: &TokenSet,
) -> Result<Vec<Token>, ModelError> {
    let Some((&last, before)) = prompt.split_last() else {
        return Err(ModelError::misuse("the oracle was given an empty prompt"));
    };
    for &token in before {
        read(model, seq, token)?;
    }
    let room = model.info().context_length.saturating_sub(prompt.len());
    let mut token = last;
    let mut output = Vec::new();
    while output.len() < max_new_tokens.min(room) {
        token = largest(&read(model, seq, token)?)?;
        output.push(token);
        if end_of_sequence.contains(token) {
            break;
        }
    }
    Ok(output)
}

/// Commits `token` and returns the logits of the one after it.
fn read(model: &mut dyn Model, seq: SeqId, token: Token) -> Result<Vec<f32>, ModelError> {
    let tree = TokenTree::chain(token, &[]);
    let mut logits = vec![0.0; model.info().vocabulary];
    let mut pass = model.forward_blocking(&[Step::new(seq, &tree, &[Want::Logits])])?;
    pass.logits_blocking(0, NodeId::ROOT, &mut logits)?;
    drop(pass);
    model.commit(seq, &[NodeId::ROOT])?;
    Ok(logits)
}

/// The token with the largest logit, the lowest such token on a tie.
fn largest(logits: &[f32]) -> Result<Token, ModelError> {
    let mut best = 0;
    for (token, logit) in logits.iter().enumerate() {
        if logit.is_nan() {
            return Err(ModelError::not_a_number());
        }
        if *logit > logits[best] {
            best = token;
        }
    }
    Ok(best as Token)
}
