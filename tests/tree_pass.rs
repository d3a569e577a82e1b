//! One tree pass says of every node what its path says alone; committing a
//! path leaves the model as a fresh run over it would.

use foretoken::blocking::{BlockingModel, BlockingPass};
use foretoken::testkit::contract::check_model;
use foretoken::testkit::generators;
use foretoken::testkit::toy::{ToyConfig, ToyModel};
use foretoken::testkit::transformer::{TinyTransformer, TransformerConfig};
use foretoken::tree::Limits;
use foretoken::{Model, NodeId, SourceId, Step, Token, TokenTree, Want};
use proptest::prelude::*;

fn transformer(seed: u64) -> TinyTransformer {
    TinyTransformer::new(&TransformerConfig { seed, ..TransformerConfig::default() })
}

#[test]
fn the_toy_models_keep_the_contract() {
    for seed in 0..8 {
        let config = ToyConfig { seed, ..ToyConfig::default() };
        check_model(&mut ToyModel::new(config)).unwrap();
        check_model(&mut transformer(seed)).unwrap();
    }
}

fn logits(model: &mut dyn Model, prefix: &[Token], tree: &TokenTree) -> Vec<Vec<f32>> {
    let seq = model.open().unwrap();
    if let Some((&first, rest)) = prefix.split_first() {
        let chain = TokenTree::chain(first, rest);
        drop(model.forward_blocking(&[Step::new(seq, &chain, &[])]).unwrap());
        model.commit(seq, &chain.nodes().collect::<Vec<_>>()).unwrap();
    }
    let vocabulary = model.info().vocabulary;
    let wants = vec![Want::Logits; tree.len()];
    let mut pass = model.forward_blocking(&[Step::new(seq, tree, &wants)]).unwrap();
    let rows = tree
        .nodes()
        .map(|node| {
            let mut row = vec![0.0; vocabulary];
            pass.logits_blocking(0, node, &mut row).unwrap();
            row
        })
        .collect();
    drop(pass);
    model.close(seq);
    rows
}

fn bits(row: &[f32]) -> Vec<u32> {
    row.iter().map(|logit| logit.to_bits()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_tree_pass_is_all_its_paths(
        seed in 0..64u64,
        prefix in generators::prompts(16, 12),
        picks in prop::collection::vec((any::<prop::sample::Index>(), 0..16u32), 0..24),
    ) {
        let mut model = transformer(seed);
        let vocabulary = model.info().vocabulary as Token;
        let prefix: Vec<Token> = prefix.into_iter().map(|token| token % vocabulary).collect();
        let mut tree = TokenTree::new(1 % vocabulary, Limits::UNLIMITED);
        for (pick, token) in picks {
            let parent = NodeId::new(pick.index(tree.len()));
            tree.add(parent, token % vocabulary, SourceId::new(0), 0.5).unwrap();
        }
        let together = logits(&mut model, &prefix, &tree);
        for node in tree.nodes() {
            // Everything up to the node's parent committed, the node as a lone root.
            let path = tree.path_tokens(node);
            let (&last, before) = path.split_last().unwrap();
            let prefix = [prefix.as_slice(), before].concat();
            let alone = logits(&mut model, &prefix, &TokenTree::chain(last, &[]));
            prop_assert_eq!(bits(&alone[0]), bits(&together[node.index()]));
        }
    }
}
