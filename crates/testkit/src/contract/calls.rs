//! What must be refused.

use foretoken_core::blocking::{BlockingModel, BlockingPass};
use foretoken_core::{ModelError, NodeId, SeqId, Step, Token, TokenTree};

use super::breach::{Fault, ensure};
use super::probe::{Probe, all_equal};

fn refused<T>(result: &Result<T, ModelError>, what: &str) -> Result<(), Fault> {
    ensure(result.is_err(), || format!("{what} is not refused"))
}

pub(super) fn invalid_passes_are_refused(probe: &mut Probe<'_>) -> Result<(), Fault> {
    let (prompt, tree) = (probe.prompt(), probe.tree());
    let vocabulary = probe.vocabulary();
    let seq = probe.open(&prompt)?;
    let room = probe.model.info().context_length - prompt.len();
    for (tokens, what) in [
        (vec![vocabulary as Token], "a token just outside the vocabulary"),
        (vec![0, Token::MAX], "a token far outside the vocabulary"),
        (vec![0; room + 1], "a chain that is one token too long for the context"),
    ] {
        let chain = TokenTree::chain(tokens[0], &tokens[1..]);
        refused(&probe.model.forward_blocking(&[Step::new(seq, &chain, &[])]), what)?;
        probe.expect_len(seq, prompt.len(), &format!("after {what} was refused"))?;
    }
    let mut logits = vec![0.0; vocabulary];
    let mut pass = probe.model.forward_blocking(&[Step::new(seq, &tree, &[])])?;
    let beyond = NodeId::new(tree.len());
    refused(&pass.logits_blocking(0, beyond, &mut logits), "a question about an unknown node")?;
    refused(&pass.argmax_blocking(0, beyond), "a question about an unknown node's argmax")?;
    refused(&pass.logits_blocking(1, NodeId::ROOT, &mut logits), "a question about another step")?;
    drop(pass);
    let after = probe.logits(seq, &tree)?;
    probe.model.close(seq);
    refused(
        &probe.model.forward_blocking(&[Step::new(seq, &tree, &[])]),
        "a pass over a sequence that was closed",
    )?;
    all_equal(&after, &probe.fresh(&prompt, &tree)?, &tree, "after refusals")
}

pub(super) fn invalid_commits_are_refused(probe: &mut Probe<'_>) -> Result<(), Fault> {
    let prompt = probe.prompt();
    let mut tree = probe.tree();
    while tree.height() < 2 {
        let tokens = probe.tokens(3);
        tree = TokenTree::chain(tokens[0], &tokens[1..]);
    }
    let seq = probe.open(&prompt)?;
    let commit = |probe: &mut Probe<'_>, path: &[NodeId], what: &str| {
        refused(&probe.model.commit(seq, path), what)?;
        probe.expect_len(seq, prompt.len(), &format!("after {what} was refused"))
    };
    commit(probe, &[NodeId::ROOT], "a second commit of one pass")?;
    let below = tree.nodes().find(|&node| tree.depth(node) == 1).unwrap_or(NodeId::ROOT);
    let deep = tree.nodes().find(|&node| tree.depth(node) == 2).unwrap_or(NodeId::ROOT);
    for (path, what) in [
        (vec![], "an empty path"),
        (vec![below], "a path without the root"),
        (vec![NodeId::ROOT, deep], "a path that skips a node"),
        (vec![NodeId::ROOT, below, below], "a path that stays at a node"),
        (vec![NodeId::ROOT, NodeId::new(tree.len())], "a path to an unknown node"),
    ] {
        probe.logits(seq, &tree)?;
        commit(probe, &path, what)?;
    }
    let after = probe.logits(seq, &tree)?;
    probe.model.close(seq);
    refused(&probe.model.commit(seq, &[NodeId::ROOT]), "a commit to a sequence that was closed")?;
    unknown_is_harmless(probe, seq)?;
    all_equal(&after, &probe.fresh(&prompt, &tree)?, &tree, "after refusals")
}

/// A closed sequence has no tokens, and closing it again is nothing.
fn unknown_is_harmless(probe: &mut Probe<'_>, seq: SeqId) -> Result<(), Fault> {
    probe.model.close(seq);
    probe.expect_len(seq, 0, "after it was closed twice")?;
    refused(&probe.model.truncate(seq, 0), "truncating a sequence that was closed")
}
