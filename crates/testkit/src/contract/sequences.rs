//! What stays of a pass.

use foretoken_core::{ModelErrorKind, NodeId, Step, TokenTree, Want};

use super::breach::Fault;
use super::probe::{Probe, all_equal};

pub(super) fn commit_then_continue(probe: &mut Probe<'_>) -> Result<(), Fault> {
    let (prompt, tree, next) = (probe.prompt(), probe.tree(), probe.tree());
    let deepest = tree.nodes().max_by_key(|&node| tree.depth(node)).unwrap_or(NodeId::ROOT);
    for node in [NodeId::ROOT, probe.node(&tree), deepest] {
        let path = tree.path_tokens(node);
        let seq = probe.open(&prompt)?;
        probe.logits(seq, &tree)?;
        probe.model.commit(seq, &tree.path(node))?;
        probe.expect_len(seq, prompt.len() + path.len(), "after committing a path")?;
        let continued = probe.logits(seq, &next)?;
        probe.model.close(seq);
        let expected = probe.fresh(&[prompt.as_slice(), &path].concat(), &next)?;
        all_equal(&continued, &expected, &next, &format!("after committing {path:?} of a tree"))?;
    }
    Ok(())
}

pub(super) fn uncommitted_leaves_no_trace(probe: &mut Probe<'_>) -> Result<(), Fault> {
    let (prompt, dropped) = (probe.prompt(), probe.tree());
    let (tree, next) = (probe.tree(), probe.tree());
    let node = probe.node(&tree);
    let seq = probe.open(&prompt)?;
    let what = "after a pass that was not committed";
    probe.logits(seq, &dropped)?;
    probe.expect_len(seq, prompt.len(), what)?;
    let second = probe.logits(seq, &tree)?;
    probe.model.commit(seq, &tree.path(node))?;
    let third = probe.logits(seq, &next)?;
    probe.model.close(seq);
    all_equal(&second, &probe.fresh(&prompt, &tree)?, &tree, what)?;
    let committed = [prompt, tree.path_tokens(node)].concat();
    all_equal(&third, &probe.fresh(&committed, &next)?, &next, "two passes later")
}

pub(super) fn truncate_forgets(probe: &mut Probe<'_>) -> Result<(), Fault> {
    let (prompt, tree) = (probe.prompt(), probe.tree());
    let replacement = probe.prompt();
    let somewhere = probe.dice.below(prompt.len());
    for len in [somewhere, 0, prompt.len(), prompt.len() + 3] {
        let kept = &prompt[..len.min(prompt.len())];
        let seq = probe.open(&prompt)?;
        probe.model.truncate(seq, len)?;
        probe.expect_len(seq, kept.len(), &format!("after truncating to {len}"))?;
        let cut = probe.logits(seq, &tree)?;
        // Other tokens take the place of those that were cut off.
        probe.read(seq, &replacement)?;
        let refilled = probe.logits(seq, &tree)?;
        probe.model.close(seq);
        let what = format!("{} tokens truncated to {len}", prompt.len());
        all_equal(&cut, &probe.fresh(kept, &tree)?, &tree, &what)?;
        let expected = probe.fresh(&[kept, &replacement].concat(), &tree)?;
        all_equal(&refilled, &expected, &tree, &format!("{what} and refilled"))?;
    }
    Ok(())
}

pub(super) fn fork_goes_its_own_way(probe: &mut Probe<'_>) -> Result<(), Fault> {
    let (prompt, tree, other) = (probe.prompt(), probe.tree(), probe.prompt());
    let len = probe.dice.below(prompt.len() + 1);
    let seq = probe.open(&prompt)?;
    let fork = match probe.model.fork(seq, len) {
        Err(error) if error.kind() == ModelErrorKind::Unsupported => {
            probe.model.close(seq);
            return Ok(());
        }
        fork => fork?,
    };
    probe.expect_len(fork, len, "after a fork, it")?;
    probe.expect_len(seq, prompt.len(), "after being forked")?;
    probe.read(fork, &other)?;
    let original = probe.logits(seq, &tree)?;
    probe.model.close(seq);
    let forked = probe.logits(fork, &tree)?;
    probe.model.close(fork);
    let expected = probe.fresh(&[&prompt[..len], &other].concat(), &tree)?;
    all_equal(&forked, &expected, &tree, &format!("a fork at {len} of {}", prompt.len()))?;
    all_equal(&original, &probe.fresh(&prompt, &tree)?, &tree, "a sequence whose fork went on")
}

pub(super) fn several_do_not_mix(probe: &mut Probe<'_>) -> Result<(), Fault> {
    let prompts = [probe.prompt(), probe.prompt()];
    let trees = [probe.tree(), probe.tree()];
    let first = probe.open(&prompts[0])?;
    let Ok(second) = probe.model.open() else {
        // There is no room for another: nothing to mix.
        probe.model.close(first);
        return Ok(());
    };
    probe.read(second, &prompts[1])?;
    probe.expect_len(first, prompts[0].len(), "after another one read its prompt")?;
    let mut apart = vec![probe.logits(first, &trees[0])?, probe.logits(second, &trees[1])?];
    let wants = vec![Want::Logits; 64];
    let steps = [Step::new(first, &trees[0], &wants), Step::new(second, &trees[1], &wants)];
    match probe.logits_wanting(&steps) {
        Err(Fault::Failed(error)) if error.kind() == ModelErrorKind::Unsupported => {}
        together => {
            apart.extend(together?);
            probe.model.commit(second, &[NodeId::ROOT])?;
            probe.model.commit(first, &[NodeId::ROOT])?;
            for (seq, prompt) in [(first, &prompts[0]), (second, &prompts[1])] {
                probe.expect_len(seq, prompt.len() + 1, "after a pass over two sequences")?;
            }
            apart.push(probe.logits(first, &trees[1])?);
        }
    }
    probe.model.close(second);
    probe.model.close(first);
    let extended = [prompts[0].as_slice(), &[trees[0].token(NodeId::ROOT)]].concat();
    let after: [(&[u32], &TokenTree); 5] = [
        (&prompts[0], &trees[0]),
        (&prompts[1], &trees[1]),
        (&prompts[0], &trees[0]),
        (&prompts[1], &trees[1]),
        (&extended, &trees[1]),
    ];
    for (logits, (prefix, tree)) in apart.iter().zip(after) {
        all_equal(logits, &probe.fresh(prefix, tree)?, tree, "with another sequence open")?;
    }
    Ok(())
}
