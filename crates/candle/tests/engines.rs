//! Both engines through the same story: trees, commits, truncation, forks, several sequences, windows.
//!
//! The tensor engine masks with dense masks and moves whole rows, so it is an oracle for the CPU engine's ancestor
//! lists and slots, up to rounding.

mod random_model;

use std::{fs, num::NonZeroUsize, path::Path};

use candle_core::DType;
use foretoken_candle::{CandleModel, CpuOptions, LoadOptions, TensorOptions};
use foretoken_core::{
    Model, NodeId, SeqId, SourceId, Step, Token, TokenTree, blocking::*, tree::Limits,
};
use proptest::prelude::*;
use random_model::{Dimensions, Family, RandomModel};

/// The parent and the token of each node but the root.
type Guesses = Vec<(usize, Token)>;

/// One thing that happens to a model with two sequences.
#[derive(Clone, Debug)]
enum Event {
    /// A pass over these trees, each of which commits its path to the node of that index.
    Pass(Vec<(usize, Guesses, usize)>),
    /// The sequence forgets so many tokens.
    Forget(usize, usize),
    /// The sequence is replaced by a fork of the other.
    Fork(usize),
}

fn guesses() -> impl Strategy<Value = Guesses> {
    prop::collection::vec((any::<prop::sample::Index>(), 0..96u32), 1..12).prop_map(|nodes| {
        let nodes = nodes.into_iter().enumerate();
        nodes.map(|(at, (parent, token))| (parent.index(at + 1), token)).collect()
    })
}

fn event() -> impl Strategy<Value = Event> {
    let pass = (guesses(), guesses(), any::<prop::sample::Index>(), 0..3usize).prop_map(
        |(first, second, end, which)| {
            let of = |seq: usize, nodes: Guesses| {
                let end = end.index(nodes.len() + 1);
                (seq, nodes, end)
            };
            match which {
                0 => Event::Pass(vec![of(0, first)]),
                1 => Event::Pass(vec![of(1, first)]),
                _ => Event::Pass(vec![of(1, first), of(0, second)]),
            }
        },
    );
    prop_oneof![
        5 => pass,
        1 => (0..2usize, 0..6usize).prop_map(|(seq, count)| Event::Forget(seq, count)),
        1 => (0..2usize).prop_map(Event::Fork),
    ]
}

/// Runs the story and returns all logits.
fn logits(path: &Path, options: &LoadOptions, events: &[Event]) -> Vec<f32> {
    let mut model = CandleModel::load(path, options).unwrap();
    let mut seqs: [SeqId; 2] = [model.open().unwrap(), model.open().unwrap()];
    let mut all = Vec::new();
    for event in events {
        match event {
            Event::Pass(parts) => {
                let trees: Vec<TokenTree> = parts.iter().map(|(_, nodes, _)| grow(nodes)).collect();
                let fits = |(part, tree): (&(usize, _, _), &TokenTree)| {
                    model.len(seqs[part.0]) + tree.height() < model.info().context_length
                };
                if !parts.iter().zip(&trees).all(fits) {
                    continue;
                }
                let steps: Vec<Step<'_>> = parts
                    .iter()
                    .zip(&trees)
                    .map(|((seq, ..), tree)| Step::new(seqs[*seq], tree, &[]))
                    .collect();
                let mut pass = model.forward_blocking(&steps).unwrap();
                let mut row = vec![0.0; pass.vocabulary()];
                for (step, tree) in trees.iter().enumerate() {
                    for node in tree.nodes() {
                        pass.logits_blocking(step, node, &mut row).unwrap();
                        all.extend_from_slice(&row);
                    }
                }
                drop(pass);
                for ((seq, _, end), tree) in parts.iter().zip(&trees) {
                    let path = tree.path(NodeId::new(*end % tree.len()));
                    model.commit(seqs[*seq], &path).unwrap();
                }
            }
            Event::Forget(seq, count) => {
                let len = model.len(seqs[*seq]).saturating_sub(*count);
                model.truncate(seqs[*seq], len).unwrap();
            }
            Event::Fork(seq) => {
                let other = seqs[1 - seq];
                model.close(seqs[*seq]);
                seqs[*seq] = model.fork(other, model.len(other)).unwrap();
            }
        }
    }
    all
}

fn grow(nodes: &[(usize, Token)]) -> TokenTree {
    let mut tree = TokenTree::new(nodes[0].1, Limits::UNLIMITED);
    let mut ids = vec![NodeId::ROOT];
    for &(parent, token) in nodes {
        ids.push(tree.add(ids[parent], token, SourceId::new(0), 1.0).unwrap());
    }
    tree
}

fn assert_engines_agree(path: &Path, events: &[Event]) {
    let one = NonZeroUsize::MIN;
    let cpu = LoadOptions::default().with_engine(CpuOptions::default().with_threads(one));
    let tensor = LoadOptions::default().with_engine(TensorOptions::default());
    // Smaller and larger than most trees.
    let strict = [3, 16].map(|rows| {
        let rows = NonZeroUsize::new(rows).unwrap();
        LoadOptions::default().with_engine(TensorOptions::default().with_strict(rows))
    });
    let cpu = logits(path, &cpu, events);
    for options in [&[tensor][..], &strict].concat() {
        let tensor = logits(path, &options, events);
        assert_eq!(cpu.len(), tensor.len());
        let worst = cpu.iter().zip(&tensor).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 2e-3, "logits differ by {worst}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn engines_agree(
        events in prop::collection::vec(event(), 1..10),
        family in prop::sample::select(&Family::ALL[..]),
        tied: bool,
        seed in 0u64..5,
    ) {
        let tied = tied || family == Family::Gemma3;
        let dimensions = Dimensions { tied, ..Dimensions::ODD };
        let folder = tempfile::tempdir().unwrap();
        RandomModel::new(family, dimensions, seed).write_safetensors(folder.path(), DType::F32, 1);
        assert_engines_agree(folder.path(), &events);
    }

    /// The second layer sees a window of a few positions only.
    #[test]
    fn engines_agree_on_windows(
        events in prop::collection::vec(event(), 1..8),
        window in 1usize..12,
    ) {
        let model = RandomModel::new(Family::Qwen2, Dimensions::SMALL, 9);
        let folder = tempfile::tempdir().unwrap();
        model.write_safetensors(folder.path(), DType::F32, 1);
        let mut config = model.config();
        config["use_sliding_window"] = true.into();
        config["sliding_window"] = window.into();
        fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
        assert_engines_agree(folder.path(), &events);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 20,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Local and global layers in turn, each with its own frequencies, and caps.
    #[test]
    fn engines_agree_on_gemma(
        events in prop::collection::vec(event(), 1..8),
        window in 1usize..12,
        capped: bool,
    ) {
        let model = RandomModel::new(Family::Gemma3, Dimensions { tied: true, ..Dimensions::SMALL }, 3);
        let folder = tempfile::tempdir().unwrap();
        model.write_safetensors(folder.path(), DType::F32, 1);
        let mut config = model.config();
        config["sliding_window"] = window.into();
        if capped {
            config["attn_logit_softcapping"] = 5.0.into();
            config["final_logit_softcapping"] = 7.0.into();
        }
        fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
        assert_engines_agree(folder.path(), &events);
    }
}

#[test]
fn a_window_changes_what_is_seen() {
    let model = RandomModel::new(Family::Qwen2, Dimensions::SMALL, 9);
    let folder = tempfile::tempdir().unwrap();
    model.write_safetensors(folder.path(), DType::F32, 1);
    let chain = (0..10).map(|at| (at, 7 * at as Token)).collect();
    let events = [Event::Pass(vec![(0, chain, 10)])];
    let options = LoadOptions::default();
    let without = logits(folder.path(), &options, &events);
    let mut config = model.config();
    config["use_sliding_window"] = true.into();
    fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    let with = logits(folder.path(), &options, &events);
    let vocabulary = Dimensions::SMALL.vocabulary;
    let (seen, beyond) = (4 * vocabulary, 5 * vocabulary);
    assert_eq!(with[..seen], without[..seen], "four positions lie within the window of four");
    assert_ne!(with[beyond..], without[beyond..]);
}
