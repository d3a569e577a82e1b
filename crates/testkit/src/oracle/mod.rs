//! Plain decoding, straight on the model.
//!
//! The oracle never guesses, never batches, and shares no code with a decoder:
//! each pass is one token of one sequence, and the choice is made from the
//! logits themselves.

mod choice;

use foretoken_core::blocking::{BlockingModel, BlockingPass};
use foretoken_core::{
    Model, ModelError, NodeId, Request, SeqId, Step, Token, TokenSet, TokenTree, Want,
};

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
    let pick = |_: &[Token], logits: Vec<f32>| Ok(largest(&logits));
    in_sequence(model, |model, seq| {
        continue_with(model, seq, prompt, max_new_tokens, end_of_sequence, pick)
    })
}

/// What plain decoding of `request` emits: as [`greedy`], with the choices
/// that the request's [`Sampling`](foretoken_core::Sampling) describes.
///
/// # Errors
///
/// As [`greedy`], and if no token is left to choose.
pub fn decode(model: &mut dyn Model, request: &Request) -> Result<Vec<Token>, ModelError> {
    let ends =
        request.end_of_sequence.clone().unwrap_or_else(|| model.info().end_of_sequence.clone());
    let pick = |history: &[Token], logits: Vec<f32>| {
        choice::choose(request, &ends, history, logits)
            .ok_or_else(|| ModelError::misuse("every token is forbidden"))
    };
    in_sequence(model, |model, seq| {
        continue_with(model, seq, &request.prompt, request.max_new_tokens, &ends, pick)
    })
}

fn in_sequence<T>(
    model: &mut dyn Model,
    run: impl FnOnce(&mut dyn Model, SeqId) -> Result<T, ModelError>,
) -> Result<T, ModelError> {
    let seq = model.open()?;
    let output = run(model, seq);
    model.close(seq);
    output
}

fn continue_with(
    model: &mut dyn Model,
    seq: SeqId,
    prompt: &[Token],
    max_new_tokens: usize,
    end_of_sequence: &TokenSet,
    mut pick: impl FnMut(&[Token], Vec<f32>) -> Result<Token, ModelError>,
) -> Result<Vec<Token>, ModelError> {
    let Some((&last, before)) = prompt.split_last() else {
        return Err(ModelError::misuse("the oracle was given an empty prompt"));
    };
    for &token in before {
        read(model, seq, token)?;
    }
    let room = model.info().context_length.saturating_sub(prompt.len());
    let mut token = last;
    let mut history = prompt.to_vec();
    while history.len() - prompt.len() < max_new_tokens.min(room) {
        let logits = read(model, seq, token)?;
        if logits.iter().any(|logit| logit.is_nan()) {
            return Err(ModelError::not_a_number());
        }
        token = pick(&history, logits)?;
        history.push(token);
        if end_of_sequence.contains(token) {
            break;
        }
    }
    Ok(history.split_off(prompt.len()))
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
fn largest(logits: &[f32]) -> Token {
    let mut best = 0;
    for (token, logit) in logits.iter().enumerate() {
        if *logit > logits[best] {
            best = token;
        }
    }
    best as Token
}
