use foretoken_core::{DecodeError, NodeId, Pass, Token, TokenTree};

use crate::Chooser;

/// What a walk found.
///
/// `tokens` has the same length as the part of `accepted` that belongs in the
/// cache, because a node's row is needed exactly when the token after it came
/// out: [`committed`](Self::committed).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// The root, then each guess whose token came out.
    pub accepted: Vec<NodeId>,
    /// The tokens that came out, at least one.
    pub tokens: Vec<Token>,
}

impl Walk {
    /// Drops all tokens but the first `tokens`.
    pub fn truncate(&mut self, tokens: usize) {
        self.tokens.truncate(tokens);
        self.accepted.truncate(tokens + 1);
    }

    /// The path to commit: after it the cache holds every token that came out
    /// but the last.
    pub fn committed(&self) -> &[NodeId] {
        &self.accepted[..self.tokens.len().min(self.accepted.len())]
    }

    /// The guess that was token number `index`, if it was guessed.
    pub fn guess(&self, index: usize) -> Option<NodeId> {
        self.accepted.get(index + 1).copied()
    }
}

/// The acceptance rule, for every strategy and in one place.
///
/// At the root, which ends `history`: take the token that `chooser` chooses
/// from the model's logits after this node. It comes out. If the node has a
/// child with that token, move there and repeat; otherwise stop. The choice at
/// the last accepted node, which no guess covers, comes out like the others: a
/// path of `d` guesses yields `d + 1` tokens. The walk also stops after an
/// end-of-sequence token, and after `limit` tokens.
///
/// Every token is chosen from the model's logits after exactly the tokens
/// before it, so the sequence is that of plain decoding, whatever the tree holds.
///
/// # Errors
///
/// If the pass cannot tell the logits of a node, or nothing can be chosen from
/// them. What was found before stands in `found`.
pub async fn walk(
    pass: &mut dyn Pass,
    step: usize,
    tree: &TokenTree,
    chooser: &mut Chooser,
    history: &[Token],
    limit: usize,
    found: &mut Walk,
) -> Result<(), DecodeError> {
    found.accepted.clear();
    found.tokens.clear();
    chooser.start(history);
    let mut node = NodeId::ROOT;
    found.accepted.push(node);
    while found.tokens.len() < limit {
        let token = chooser.choose(pass, step, node).await?;
        found.tokens.push(token);
        let Some(child) = tree.child(node, token) else { break };
        found.accepted.push(child);
        if chooser.end_of_sequence().contains(token) {
            break;
        }
        node = child;
    }
    Ok(())
}
