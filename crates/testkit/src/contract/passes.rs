//! What a pass says.

use foretoken_core::blocking::{BlockingModel, BlockingPass};
use foretoken_core::{Step, Token, TokenTree, Want};

use super::breach::{Fault, ensure};
use super::probe::{Logits, Probe, all_equal, equal};

pub(super) fn tree_equals_paths(probe: &mut Probe<'_>) -> Result<(), Fault> {
    let (prompt, tree) = (probe.prompt(), probe.tree());
    let together = probe.fresh(&prompt, &tree)?;
    for node in tree.nodes() {
        let path = tree.path_tokens(node);
        let alone = probe.fresh(&prompt, &TokenTree::chain(path[0], &path[1..]))?;
        equal(&together[node.index()], &alone[path.len() - 1], || {
            format!(
                "after {prompt:?}, a tree of {} nodes against the path {path:?} alone",
                tree.len()
            )
        })?;
    }
    Ok(())
}

pub(super) fn chunks_equal_singles(probe: &mut Probe<'_>) -> Result<(), Fault> {
    let prompt = [probe.prompt(), probe.prompt()].concat();
    let chain = TokenTree::chain(prompt[0], &prompt[1..]);
    let whole = probe.fresh(&[], &chain)?;
    for size in [1, 3] {
        let seq = probe.open(&[])?;
        let mut pieces = Logits::new();
        for chunk in prompt.chunks(size) {
            let chunk = TokenTree::chain(chunk[0], &chunk[1..]);
            pieces.extend(probe.logits(seq, &chunk)?);
            probe.model.commit(seq, &chunk.nodes().collect::<Vec<_>>())?;
        }
        probe.expect_len(seq, prompt.len(), "after reading a prompt in chunks")?;
        probe.model.close(seq);
        all_equal(&pieces, &whole, &chain, &format!("a prompt in chunks of {size}"))?;
    }
    Ok(())
}

pub(super) fn wants_are_hints(probe: &mut Probe<'_>) -> Result<(), Fault> {
    let (prompt, tree) = (probe.prompt(), probe.tree());
    let wanted = probe.fresh(&prompt, &tree)?;
    let some: Vec<Want> = tree
        .nodes()
        .map(|_| [Want::Nothing, Want::Argmax, Want::TopK(2)][probe.dice.below(3)])
        .collect();
    for wants in [&[][..], &some, &vec![Want::Argmax; tree.len()]] {
        let seq = probe.open(&prompt)?;
        let logits = probe.logits_wanting(&[Step::new(seq, &tree, wants)])?.remove(0);
        probe.model.close(seq);
        all_equal(&logits, &wanted, &tree, &format!("with the wants {wants:?}"))?;
    }
    Ok(())
}

pub(super) fn ranking_follows_logits(probe: &mut Probe<'_>) -> Result<(), Fault> {
    let (prompt, tree) = (probe.prompt(), probe.tree());
    let vocabulary = probe.vocabulary();
    let logits = probe.fresh(&prompt, &tree)?;
    let seq = probe.open(&prompt)?;
    let wants = vec![Want::TopK(3); tree.len()];
    let mut pass = probe.model.forward_blocking(&[Step::new(seq, &tree, &wants)])?;
    for node in tree.nodes() {
        let ranked = ranked(&logits[node.index()])?;
        let best = pass.argmax_blocking(0, node)?;
        ensure(best == ranked[0].0, || format!("argmax of {node} is {best}, not {}", ranked[0].0))?;
        for k in [1, 3, vocabulary + 5] {
            let top = pass.top_k_blocking(0, node, k)?;
            let expected = &ranked[..k.min(vocabulary)];
            ensure(top == expected, || {
                let at = top.iter().zip(expected).take_while(|(left, right)| left == right).count();
                format!(
                    "the best {k} after {node} have {:?} at rank {at}, not {:?}",
                    top.get(at),
                    expected.get(at)
                )
            })?;
        }
    }
    drop(pass);
    probe.model.close(seq);
    Ok(())
}

/// All tokens, the largest logit first, the lower token first on a tie.
fn ranked(logits: &[f32]) -> Result<Vec<(Token, f32)>, Fault> {
    ensure(!logits.iter().any(|logit| logit.is_nan()), || "a logit is not a number".to_owned())?;
    let mut ranked: Vec<(Token, f32)> =
        logits.iter().enumerate().map(|(token, &logit)| (token as Token, logit)).collect();
    // A stable sort, so equal logits stay in the order of their tokens.
    ranked.sort_by(|left, right| right.1.partial_cmp(&left.1).unwrap_or(std::cmp::Ordering::Equal));
    Ok(ranked)
}
