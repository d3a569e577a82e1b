//! The sources of this crate do what they are for.

use std::collections::BTreeSet;

use foretoken_core::blocking::{BlockingDecoder, BlockingSource, block_on};
use foretoken_core::tree::Limits;
use foretoken_core::{
    CandidateSource, Context, Draft, Ledger, NodeId, Notes, Outcome, Request, SourceError,
    TokenSet, TokenTree, Want, async_trait,
};
use foretoken_decoder::{BudgetMode, Config, GuessAndVerify};
use foretoken_testkit::oracle;
use foretoken_testkit::sources::{Clairvoyant, Hostile, Restless};
use foretoken_testkit::toy::{ToyConfig, ToyModel};

#[test]
fn hostility_tries_everything() {
    let ends: TokenSet = [3].into_iter().collect();
    let history = [1, 2, 3, 4];
    let (mut refused, mut failures, mut full, mut deep, mut after_end, mut copies) =
        (0, 0, 0, 0, 0, 0);
    let mut names = BTreeSet::new();
    let (mut wants_of_steps, mut wants_of_prompts) = (BTreeSet::new(), BTreeSet::new());
    for seed in 0..300 {
        let mut source = Hostile::new(seed);
        assert_eq!(source.seed(), seed);
        wants_of_steps.insert(source.wants().every_node);
        wants_of_prompts.insert(source.wants().prompt);
        let (mut notes, mut ledger) = (Notes::new(), Ledger::new());
        let limits = Limits { nodes: 20, depth: 15 };
        let mut tree = TokenTree::new(4, limits);
        let name = source.name().to_owned();
        names.insert(name.clone());
        let mut draft = Draft::new(&mut tree, &mut notes, &mut ledger, &name, 12);
        let context = Context::new(&history, 4, 12, &ends).with_remaining(30);
        failures += usize::from(source.propose_blocking(&context, &mut draft).is_err());
        refused += ledger.active().map(|entry| entry.refused).sum::<usize>();
        full += usize::from(tree.guesses() == 20);
        deep += usize::from(tree.height() == 15);
        let inside = |&node: &NodeId| tree.token(node) == 3 && tree.children(node).next().is_some();
        after_end += tree.nodes().filter(inside).count();
        copies += usize::from(tree.child(NodeId::ROOT, 2).is_some());
    }
    assert_eq!(names.len(), 6);
    assert_eq!((wants_of_steps.len(), wants_of_prompts.len()), (6, 6));
    let counts = [refused, failures, full, deep, after_end, copies];
    assert!(counts.iter().all(|&count| count > 10), "{counts:?}");
}

#[test]
fn equal_seeds_misbehave_equally() {
    let run = || {
        let mut output = Vec::new();
        let mut model = ToyModel::default().with_log();
        let mut decoder = GuessAndVerify::new(&mut model, Hostile::new(11));
        let request = Request::new([1, 2, 3]).with_max_new_tokens(40);
        decoder.decode_blocking(&request, &mut output).unwrap();
        drop(decoder);
        (output, model.pass_sizes())
    };
    assert_eq!(run(), run());
}

#[test]
fn clairvoyance_yields_accepted_paths_of_every_length() {
    let none = TokenSet::default();
    let mut lengths = BTreeSet::new();
    for seed in 0..6 {
        let config = ToyConfig { seed, ..ToyConfig::default() };
        let expected = oracle::greedy(&mut ToyModel::new(config.clone()), &[1, 2], 150, &none);
        let known = [vec![1, 2], expected.unwrap()].concat();
        let source = Recorder { inner: Clairvoyant::new(seed, vec![known]), lengths: Vec::new() };
        let fixed = Config::default().with_budget(BudgetMode::Fixed);
        let mut decoder = GuessAndVerify::new(ToyModel::new(config), source).with_config(fixed);
        let request = Request::new([1, 2]).with_max_new_tokens(150);
        decoder.decode_blocking(&request, &mut ()).unwrap();
        lengths.extend(decoder.source().lengths.iter().copied());
    }
    let all: Vec<usize> = lengths.into_iter().collect();
    assert!(all.starts_with(&(0..=12).collect::<Vec<_>>()), "{all:?}");
}

#[test]
fn clairvoyance_of_another_sequence_is_harmless() {
    let mut decoder = GuessAndVerify::new(
        ToyModel::default(),
        Clairvoyant::new(1, vec![vec![9, 9, 9], vec![1, 2, 3, 11, 11, 11, 11]]),
    );
    let request = Request::new([1, 2, 3]).with_max_new_tokens(30);
    let output = decoder.decode_blocking(&request, &mut ()).unwrap();
    let expected = oracle::greedy(&mut ToyModel::default(), &[1, 2, 3], 30, &TokenSet::default());
    assert_eq!(output.tokens, expected.unwrap());
}

/// Notes how many guesses each step accepted.
struct Recorder {
    inner: Clairvoyant,
    lengths: Vec<usize>,
}

#[async_trait]
impl CandidateSource for Recorder {
    fn name(&self) -> &'static str {
        "recorder"
    }

    async fn propose(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), SourceError> {
        self.inner.propose(context, draft).await
    }

    fn observe(&mut self, outcome: &Outcome<'_>) {
        self.lengths.push(outcome.accepted().len() - 1);
    }

    fn fork(&self) -> Box<dyn CandidateSource> {
        unimplemented!("never forked here")
    }
}

/// Counts what it is put through.
#[derive(Clone, Default)]
struct Counter(std::sync::Arc<std::sync::Mutex<(usize, usize)>>);

#[async_trait]
impl CandidateSource for Counter {
    fn name(&self) -> &'static str {
        "counter"
    }

    async fn propose(&mut self, _: &Context<'_>, _: &mut Draft<'_>) -> Result<(), SourceError> {
        Ok(())
    }

    fn truncate(&mut self, len: usize) {
        assert!(len <= 3);
        self.0.lock().unwrap().1 += 1;
    }

    fn fork(&self) -> Box<dyn CandidateSource> {
        self.0.lock().unwrap().0 += 1;
        Box::new(self.clone())
    }
}

#[test]
fn restlessness_forks_and_truncates() {
    let counter = Counter::default();
    let mut source = Restless::new(5, Box::new(counter.clone()));
    let none = TokenSet::default();
    for _ in 0..60 {
        let (mut notes, mut ledger) = (Notes::new(), Ledger::new());
        let mut tree = TokenTree::new(4, Limits::default());
        let mut draft = Draft::new(&mut tree, &mut notes, &mut ledger, "counter", 12);
        let context = Context::new(&[1, 2, 4], 2, 12, &none);
        block_on(source.propose(&context, &mut draft)).unwrap();
        assert_eq!(tree.guesses(), 0);
        assert!(tree.nodes().all(|node| notes.want(node) == Want::Nothing));
    }
    let (forks, cuts) = *counter.0.lock().unwrap();
    assert!(forks > 5 && cuts > 10, "{forks} forks, {cuts} cuts");
}
