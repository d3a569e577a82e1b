//! The trie against a naive set of paths.

use std::collections::BTreeMap;

use foretoken_tree::{Limits, NodeId, SourceId, Token, TokenTree, TreeError};
use proptest::prelude::*;

/// Chains to insert: tokens from a small alphabet, so that many share prefixes.
fn chains() -> impl Strategy<Value = Vec<(usize, Vec<Token>)>> {
    prop::collection::vec((0..70usize, prop::collection::vec(0..4u32, 0..8)), 0..12)
}

fn insert(tree: &mut TokenTree, source: usize, chain: &[Token]) -> Option<TreeError> {
    let mut parent = NodeId::ROOT;
    for &token in chain {
        match tree.add(parent, token, SourceId::new(source), 0.5) {
            Ok(node) => parent = node,
            Err(error) => return Some(error),
        }
    }
    None
}

proptest! {
    #[test]
    fn holds_exactly_the_inserted_paths(chains in chains()) {
        let mut tree = TokenTree::new(9, Limits::UNLIMITED);
        let mut naive: BTreeMap<Vec<Token>, Vec<SourceId>> = BTreeMap::new();
        for (source, chain) in &chains {
            prop_assert_eq!(insert(&mut tree, *source, chain), None);
            for end in 1..=chain.len() {
                naive.entry(chain[..end].to_vec()).or_default().push(SourceId::new(*source));
            }
        }
        prop_assert_eq!(tree.guesses(), naive.len());
        for node in tree.nodes().skip(1) {
            let tokens = tree.path_tokens(node);
            prop_assert_eq!(tokens[0], 9);
            let mut sources = naive.remove(&tokens[1..]).expect("a path that was inserted, once");
            sources.sort();
            sources.dedup();
            prop_assert_eq!(tree.sources(node).iter().collect::<Vec<_>>(), sources);
            prop_assert_eq!(tree.depth(node), tokens.len() - 1);
            let parent = tree.parent(node).expect("only the root has none");
            prop_assert!(parent < node, "topological order");
            prop_assert_eq!(tree.child(parent, tree.token(node)), Some(node));
        }
    }

    #[test]
    fn never_exceeds_its_limits(chains in chains(), nodes in 0..10usize, depth in 0..6usize) {
        let mut tree = TokenTree::new(9, Limits { nodes, depth });
        for (source, chain) in &chains {
            let before = tree.len();
            let refused = insert(&mut tree, *source, chain);
            prop_assert!(tree.len() >= before);
            if refused.is_none() {
                prop_assert!(chain.len() <= depth);
            }
        }
        prop_assert!(tree.guesses() <= nodes && tree.height() <= depth);
        prop_assert_eq!(tree.remaining(), nodes - tree.guesses());
    }

    #[test]
    fn a_reset_tree_is_a_new_tree(first in chains(), second in chains()) {
        let mut used = TokenTree::new(1, Limits::default());
        for (source, chain) in &first { insert(&mut used, *source, chain); }
        used.reset(2, Limits::UNLIMITED);
        let mut fresh = TokenTree::new(2, Limits::UNLIMITED);
        for (source, chain) in &second {
            insert(&mut used, *source, chain);
            insert(&mut fresh, *source, chain);
        }
        prop_assert_eq!(format!("{used:?}"), format!("{fresh:?}"));
    }

    #[test]
    fn pruning_keeps_what_has_all_its_ancestors(chains in chains(), mask in any::<u64>()) {
        let mut tree = TokenTree::new(9, Limits::default());
        for (source, chain) in &chains { insert(&mut tree, *source, chain); }
        let wanted = |node: NodeId| mask >> (node.index() % 64) & 1 == 1;
        let pruned = tree.prune(wanted);
        for node in tree.nodes() {
            let stays = tree.ancestry(node).all(|above| above.is_root() || wanted(above));
            prop_assert_eq!(pruned.kept(node).is_some(), stays);
            if let Some(kept) = pruned.kept(node) {
                prop_assert_eq!(pruned.original(kept), node);
                prop_assert_eq!(pruned.tree().path_tokens(kept), tree.path_tokens(node));
                prop_assert_eq!(pruned.tree().sources(kept), tree.sources(node));
            }
        }
    }
}

#[test]
fn a_merge_costs_no_budget_and_keeps_the_larger_probability() {
    let mut tree = TokenTree::new(0, Limits { nodes: 1, depth: 1 });
    let node = tree.add(NodeId::ROOT, 5, SourceId::new(0), 0.2).unwrap();
    assert_eq!(tree.add(NodeId::ROOT, 5, SourceId::new(1), 0.7), Ok(node));
    assert_eq!(tree.add(NodeId::ROOT, 5, SourceId::new(2), f32::NAN), Ok(node));
    assert_eq!(tree.probability(node), 0.7);
    assert_eq!(tree.sources(node).len(), 3);
    assert_eq!(tree.add(NodeId::ROOT, 6, SourceId::new(0), 0.2), Err(TreeError::Full { nodes: 1 }));
    assert_eq!(tree.add(node, 6, SourceId::new(0), 0.2), Err(TreeError::TooDeep { depth: 1 }));
    let stranger = NodeId::new(40);
    assert!(matches!(
        tree.add(stranger, 6, SourceId::new(0), 0.2),
        Err(TreeError::UnknownParent { .. })
    ));
}

#[test]
fn probabilities_stay_between_zero_and_one() {
    let mut tree = TokenTree::new(0, Limits::default());
    for (token, given, stored) in [
        (1, -1.0, 0.0),
        (2, 7.5, 1.0),
        (3, f32::NAN, 0.0),
        (4, f32::INFINITY, 1.0),
        (5, 0.25, 0.25),
    ] {
        let node = tree.add(NodeId::ROOT, token, SourceId::new(0), given).unwrap();
        assert_eq!(tree.probability(node), stored);
    }
}

#[test]
fn a_chain_is_a_chain() {
    let tree = TokenTree::chain(3, &[1, 4, 1]);
    assert!(tree.is_chain());
    assert_eq!(tree.tokens(), [3, 1, 4, 1]);
    let mut bushy = TokenTree::chain(3, &[1]);
    bushy.add(NodeId::ROOT, 2, SourceId::new(0), 1.0).unwrap();
    assert!(!bushy.is_chain());
}
