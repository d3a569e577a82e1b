//! The toy model keeps the contract and notices who does not.

use std::collections::BTreeSet;

use foretoken_core::blocking::{BlockingModel, BlockingPass};
use foretoken_core::tree::Limits;
use foretoken_core::{
    Model, ModelErrorKind, NodeId, SourceId, Step, Token, TokenSet, TokenTree, Want,
};
use foretoken_testkit::toy::{Call, Forwarded, ToyConfig, ToyModel};
use foretoken_testkit::{generators, oracle};
use proptest::prelude::*;

/// Greedy decoding from the definition of the logits, without the model's calls.
fn by_definition(config: &ToyConfig, prompt: &[Token], most: usize) -> Vec<Token> {
    let model = ToyModel::new(config.clone());
    let mut path = prompt.to_vec();
    while path.len() < config.context_length && path.len() - prompt.len() < most {
        let logits = model.logits_after(&path);
        let top = logits.iter().copied().fold(f32::MIN, f32::max);
        let token = logits.iter().position(|&logit| logit == top).unwrap() as Token;
        path.push(token);
        if config.end_of_sequence.contains(token) {
            break;
        }
    }
    path.split_off(prompt.len())
}

proptest! {
    #[test]
    fn the_oracle_follows_the_definition(
        (config, prompt) in generators::toys().prop_flat_map(|config| {
            let prompts = generators::prompts(config.vocabulary, config.context_length.min(20));
            (Just(config), prompts)
        }),
        most in 0..40usize,
    ) {
        let mut model = ToyModel::new(config.clone());
        let output =
            oracle::greedy(&mut model, &prompt, most, &config.end_of_sequence).unwrap();
        prop_assert_eq!(model.open_sequences(), 0);
        prop_assert_eq!(output, by_definition(&config, &prompt, most));
    }
}

#[test]
fn text_has_ties_repetitions_and_surprises() {
    let (mut ties, mut signed, mut repeated, mut fresh) = (0, 0, 0, 0);
    for seed in 0..20 {
        let config = ToyConfig { seed, ..ToyConfig::default() };
        let mut model = ToyModel::new(config);
        let mut path = vec![1, 2];
        path.extend(oracle::greedy(&mut model, &path, 100, &TokenSet::default()).unwrap());
        let mut seen = BTreeSet::new();
        for end in 2..path.len() {
            let logits = model.logits_after(&path[..end]);
            let top = logits.iter().copied().fold(f32::MIN, f32::max);
            ties += usize::from(logits.iter().filter(|&&logit| logit == top).count() > 1);
            let zero = |negative| {
                logits.iter().any(|logit| *logit == 0.0 && logit.is_sign_negative() == negative)
            };
            signed += usize::from(top == 0.0 && zero(true) && zero(false));
            if seen.insert(path[end - 2..=end].to_vec()) { fresh += 1 } else { repeated += 1 }
        }
    }
    println!("ties {ties}, between zeros {signed}, repeated {repeated}, fresh {fresh}");
    assert!(ties > 200 && signed > 50, "{ties} ties, {signed} between zeros");
    assert!(repeated > 500 && fresh > 300, "{repeated} repeated trigrams, {fresh} fresh");
}

#[test]
fn outputs_end_in_every_way() {
    let mut lengths = Vec::new();
    for seed in 0..60 {
        let end_of_sequence: TokenSet = [3, 5].into_iter().collect();
        let config = ToyConfig { seed, end_of_sequence, ..ToyConfig::default() };
        let mut model = ToyModel::new(config.clone());
        let output = oracle::greedy(&mut model, &[1, 2, 4], 40, &config.end_of_sequence).unwrap();
        lengths.push(output.len());
    }
    lengths.sort_unstable();
    println!("{lengths:?}");
    assert!(lengths[0] < 8 && lengths[30] > 5 && lengths.contains(&40), "{lengths:?}");
}

#[test]
fn prompt_and_output_fill_the_context_exactly() {
    let mut model = ToyModel::new(ToyConfig { context_length: 10, ..ToyConfig::default() });
    let mut output = |prompt: usize| {
        oracle::greedy(&mut model, &vec![1; prompt], 100, &TokenSet::default()).map(|out| out.len())
    };
    assert_eq!(output(3).unwrap(), 7);
    assert_eq!(output(9).unwrap(), 1);
    assert_eq!(output(10).unwrap(), 0);
    assert_eq!(output(12).unwrap_err().kind(), ModelErrorKind::ContextFull);
    assert_eq!(output(0).unwrap_err().kind(), ModelErrorKind::Misuse);
}

#[test]
fn misuse_is_an_error_and_changes_nothing() {
    let mut model = ToyModel::default().with_log();
    let seq = model.open().unwrap();
    let mut tree = TokenTree::new(1, Limits::default());
    let left = tree.add(NodeId::ROOT, 2, SourceId::new(0), 0.5).unwrap();
    let right = tree.add(NodeId::ROOT, 3, SourceId::new(0), 0.5).unwrap();
    let below = tree.add(left, 4, SourceId::new(0), 0.5).unwrap();
    let kind = |result: Result<(), foretoken_core::ModelError>| result.unwrap_err().kind();

    assert_eq!(kind(model.commit(seq, &[NodeId::ROOT])), ModelErrorKind::Misuse);
    drop(model.forward_blocking(&[Step::new(seq, &tree, &[])]).unwrap());
    for path in [
        &[][..],
        &[left],
        &[NodeId::ROOT, below],
        &[NodeId::ROOT, left, right],
        &[NodeId::ROOT, left, left],
        &[NodeId::ROOT, NodeId::new(9)],
    ] {
        assert_eq!(kind(model.commit(seq, path)), ModelErrorKind::Misuse, "{path:?}");
    }
    assert_eq!(model.len(seq), 0);
    model.commit(seq, &[NodeId::ROOT, left, below]).unwrap();
    assert_eq!(kind(model.commit(seq, &[NodeId::ROOT])), ModelErrorKind::Misuse);
    assert_eq!(model.len(seq), 3);

    let forward = |model: &mut ToyModel, steps: &[Step<'_>]| {
        model.forward_blocking(steps).err().map(|error| error.kind())
    };
    let outside = TokenTree::chain(12, &[]);
    let steps = [Step::new(seq, &outside, &[])];
    assert_eq!(forward(&mut model, &steps), Some(ModelErrorKind::TokenOutOfRange));
    let long = TokenTree::chain(1, &[1; 509]);
    let steps = [Step::new(seq, &long, &[])];
    assert_eq!(forward(&mut model, &steps), Some(ModelErrorKind::ContextFull));
    let fits = TokenTree::chain(1, &[1; 508]);
    assert_eq!(forward(&mut model, &[Step::new(seq, &fits, &[])]), None);
    let twice = [Step::new(seq, &tree, &[]), Step::new(seq, &tree, &[])];
    assert_eq!(forward(&mut model, &twice), Some(ModelErrorKind::Misuse));
    model.truncate(seq, 1).unwrap();
    assert_eq!(kind(model.commit(seq, &[NodeId::ROOT])), ModelErrorKind::Misuse);
    model.close(seq);
    assert_eq!(forward(&mut model, &[Step::new(seq, &tree, &[])]), Some(ModelErrorKind::Misuse));
    assert_eq!(
        model.log(),
        [
            Call::Forward(vec![Forwarded { seq, committed: 0, nodes: 4 }]),
            Call::Commit(seq, 3),
            Call::Forward(vec![Forwarded { seq, committed: 3, nodes: 509 }]),
            Call::Truncate(seq, 1),
        ]
    );
    assert_eq!(model.pass_sizes(), [4, 509]);
}

#[test]
fn sequences_are_independent() {
    let mut model = ToyModel::default();
    let first = model.open().unwrap();
    let prompt = TokenTree::chain(1, &[2, 3, 4]);
    drop(model.forward_blocking(&[Step::new(first, &prompt, &[])]).unwrap());
    model.commit(first, &prompt.nodes().collect::<Vec<_>>()).unwrap();
    let second = model.fork(first, 2).unwrap();
    assert_eq!((model.len(first), model.len(second)), (4, 2));
    assert!(model.fork(second, 3).is_err());

    let (a, b) = (TokenTree::chain(5, &[6]), TokenTree::chain(7, &[]));
    let steps = [Step::new(first, &a, &[Want::Logits]), Step::new(second, &b, &[Want::Logits])];
    let mut pass = model.forward_blocking(&steps).unwrap();
    let (mut left, mut right) = (vec![0.0; 12], vec![0.0; 12]);
    pass.logits_blocking(0, NodeId::new(1), &mut left).unwrap();
    pass.logits_blocking(1, NodeId::ROOT, &mut right).unwrap();
    assert!(pass.logits_blocking(1, NodeId::new(1), &mut right).is_err());
    assert!(pass.logits_blocking(2, NodeId::ROOT, &mut right).is_err());
    drop(pass);
    assert_eq!(left, model.logits_after(&[1, 2, 3, 4, 5, 6]));
    assert_eq!(right, model.logits_after(&[1, 2, 7]));
}
