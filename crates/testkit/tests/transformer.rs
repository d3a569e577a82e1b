//! The tiny transformer is a language model worth testing with.

use std::collections::BTreeSet;

use foretoken_core::blocking::{BlockingModel, block_on};
use foretoken_core::{Model, NodeId, Step, TokenSet, TokenTree};
use foretoken_testkit::oracle;
use foretoken_testkit::transformer::{TinyTransformer, TransformerConfig};

#[test]
fn text_is_varied_and_depends_on_the_prompt() {
    let mut varied = 0;
    for seed in 0..8 {
        let mut model =
            TinyTransformer::new(&TransformerConfig { seed, ..TransformerConfig::default() });
        let mut decode =
            |prompt: &[u32]| oracle::greedy(&mut model, prompt, 60, &TokenSet::default()).unwrap();
        let first = decode(&[1, 2, 3]);
        println!("{first:?}");
        assert_eq!(first, decode(&[1, 2, 3]));
        let distinct = first.iter().collect::<BTreeSet<_>>().len();
        varied += usize::from(distinct >= 5 && first != decode(&[3, 2, 1]));
    }
    assert!(varied >= 6, "{varied} of 8");
}

#[test]
fn hidden_states_can_be_read() {
    let mut model = TinyTransformer::default();
    let seq = model.open().unwrap();
    let tree = TokenTree::chain(1, &[2]);
    let mut pass = model.forward_blocking(&[Step::new(seq, &tree, &[])]).unwrap();
    let mut hidden = [vec![0.0; 16], vec![0.0; 16]];
    for (index, hidden) in hidden.iter_mut().enumerate() {
        block_on(pass.hidden(0, NodeId::new(index), hidden)).unwrap();
    }
    assert_ne!(hidden[0], hidden[1]);
    assert!(block_on(pass.hidden(0, NodeId::ROOT, &mut [0.0; 3])).is_err());
}
