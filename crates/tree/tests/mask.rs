//! Every form of the mask against the definition, written out naively.

use std::num::NonZeroUsize;

use foretoken_tree::{Limits, NodeId, SourceId, TokenTree, TreeMask};
use half::{bf16, f16};
use proptest::prelude::*;

/// A random tree: each new node picks any earlier node as its parent.
fn trees() -> impl Strategy<Value = TokenTree> {
    prop::collection::vec((any::<prop::sample::Index>(), 0..6u32), 0..90).prop_map(|picks| {
        let mut tree = TokenTree::new(0, Limits::UNLIMITED);
        for (pick, token) in picks {
            let parent = NodeId::new(pick.index(tree.len()));
            tree.add(parent, token, SourceId::new(0), 0.5).expect("no limits");
        }
        tree
    })
}

/// The definition: `v` sees absolute position and node by walking parents.
fn naive(tree: &TokenTree, prefix: usize, window: usize) -> Vec<Vec<bool>> {
    tree.nodes()
        .map(|node| {
            let position = prefix + tree.depth(node);
            let mut row: Vec<bool> = (0..prefix).map(|seen| position - seen < window).collect();
            row.extend(tree.nodes().map(|other| {
                let mut above = Some(node);
                while let Some(at) = above {
                    if at == other {
                        return position - (prefix + tree.depth(other)) < window;
                    }
                    above = tree.parent(at);
                }
                false
            }));
            row
        })
        .collect()
}

proptest! {
    #[test]
    fn all_forms_agree_with_the_definition(
        tree in trees(),
        prefix in 0..70usize,
        window in prop::option::of(1..40usize),
    ) {
        let mut mask = TreeMask::new(&tree, prefix);
        if let Some(window) = window {
            mask = mask.with_window(NonZeroUsize::new(window).unwrap());
        }
        let truth = naive(&tree, prefix, window.unwrap_or(usize::MAX));
        let (ancestors, bits) = (mask.ancestors(), mask.bits());
        let (single, double) = (mask.dense::<f32>(), mask.dense::<f64>());
        let (half, brain) = (mask.dense::<f16>(), mask.dense::<bf16>());
        let columns = prefix + tree.len();
        prop_assert_eq!(single.len(), tree.len() * columns);
        for node in tree.nodes() {
            let row = &truth[node.index()];
            prop_assert_eq!(mask.positions()[node.index()], prefix + tree.depth(node));
            for (position, &visible) in row[..prefix].iter().enumerate() {
                prop_assert_eq!(position >= mask.prefix_start(node), visible);
            }
            let seen: Vec<u32> =
                tree.path(node).iter().map(|at| at.index() as u32)
                    .filter(|&at| row[prefix + at as usize]).collect();
            prop_assert_eq!(ancestors.row(node), seen);
            for other in tree.nodes() {
                let visible = row[prefix + other.index()];
                prop_assert_eq!(bits.sees(node, other), visible);
                prop_assert_eq!(mask.sees(node, other), visible);
            }
            for (column, &visible) in row.iter().enumerate() {
                let at = node.index() * columns + column;
                prop_assert_eq!(single[at], if visible { 0.0 } else { f32::NEG_INFINITY });
                prop_assert_eq!(double[at] == 0.0, visible);
                prop_assert_eq!(half[at] == f16::ZERO, visible);
                prop_assert_eq!(brain[at] == bf16::ZERO, visible);
            }
        }
    }
}

#[test]
fn bits_past_the_last_node_are_zero() {
    let tree = TokenTree::chain(0, &[1; 69]);
    let bits = TreeMask::new(&tree, 3).bits();
    assert_eq!(bits.words_per_row(), 2);
    assert_eq!(bits.row(NodeId::new(69)), [u64::MAX, (1 << 6) - 1]);
}
