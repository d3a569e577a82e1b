//! Drafts: what is refused, who is credited, and how compositions share a budget.

use foretoken_core::blocking::BlockingSource;
use foretoken_core::tree::Limits;
use foretoken_core::{
    CandidateSource, Context, Draft, Ledger, NodeId, Notes, SourceError, Token, TokenSet,
    TokenTree, Want, Wants, async_trait,
};
use proptest::prelude::*;

/// Adds a bush of `nodes` guesses under the root, then fails if told so.
#[derive(Clone)]
struct Bush {
    name: &'static str,
    nodes: usize,
    first: Token,
    fails: bool,
}

#[async_trait]
impl CandidateSource for Bush {
    fn name(&self) -> &str {
        self.name
    }

    fn wants(&self) -> Wants {
        Wants::default().every_node(Want::TopK(self.nodes as u16))
    }

    async fn propose(
        &mut self,
        _context: &Context<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), SourceError> {
        for token in (self.first..).take(self.nodes) {
            draft.add(NodeId::ROOT, token, 0.5);
        }
        if self.fails { Err(SourceError::new("told to fail")) } else { Ok(()) }
    }

    fn fork(&self) -> Box<dyn CandidateSource> {
        Box::new(self.clone())
    }
}

fn bush(name: &'static str, nodes: usize, first: Token) -> Bush {
    Bush { name, nodes, first, fails: false }
}

/// Lets `source` propose into a fresh tree of at most `nodes` guesses.
fn propose(source: &mut dyn CandidateSource, nodes: usize) -> (TokenTree, Ledger) {
    let mut tree = TokenTree::new(0, Limits { nodes, depth: 8 });
    let (mut notes, mut ledger) = (Notes::new(), Ledger::new());
    let end = TokenSet::default();
    let context = Context::new(&[0], 1, 1000, &end);
    let name = source.name().to_owned();
    let mut draft = Draft::new(&mut tree, &mut notes, &mut ledger, &name, 1000);
    source.propose_blocking(&context, &mut draft).unwrap();
    ledger.count_step(&tree, &[NodeId::ROOT]);
    (tree, ledger)
}

fn proposed(ledger: &Ledger, name: &str) -> usize {
    ledger.active().find(|source| source.name == name).map_or(0, |source| source.proposed)
}

#[test]
fn refuses_what_is_not_valid_and_counts_it() {
    let mut tree = TokenTree::new(0, Limits { nodes: 3, depth: 2 });
    let (mut notes, mut ledger) = (Notes::new(), Ledger::new());
    let mut draft = Draft::new(&mut tree, &mut notes, &mut ledger, "bad", 10);
    assert_eq!(draft.add(NodeId::ROOT, 10, 0.5), None, "outside the vocabulary");
    assert_eq!(draft.add(NodeId::new(7), 1, 0.5), None, "an unknown parent");
    let a = draft.add(NodeId::ROOT, 1, 0.5).unwrap();
    let b = draft.add(a, 2, 0.5).unwrap();
    assert_eq!(draft.add(b, 3, 0.5), None, "too deep");
    assert_eq!(draft.add(NodeId::ROOT, 1, 0.9), Some(a), "a duplicate is the node there is");
    assert_eq!(draft.remaining(), 1);
    let last = draft.add_chain(NodeId::ROOT, &[4, 5, 6], 0.5);
    assert_eq!(draft.tree().path_tokens(last), [0, 4], "what fits of a chain");
    assert_eq!(draft.add(NodeId::ROOT, 1, 0.9), Some(a), "a duplicate costs nothing");
    draft.want(NodeId::new(99), Want::Logits);
    draft.want(a, Want::TopK(3));
    draft.want(a, Want::Argmax);
    assert_eq!(notes.want(a), Want::TopK(3), "the larger want stays");
    assert_eq!(ledger.active().next().unwrap().refused, 4);
}

#[test]
fn members_share_what_those_before_them_left() {
    let mut greedy = (bush("a", 100, 1), bush("b", 100, 200), bush("c", 100, 400));
    let (tree, ledger) = propose(&mut greedy, 30);
    assert_eq!(tree.guesses(), 30);
    for name in ["a", "b", "c"] {
        assert_eq!(proposed(&ledger, name), 10);
    }
    let mut modest = (bush("a", 2, 1), bush("b", 100, 200));
    let (_, ledger) = propose(&mut modest, 30);
    assert_eq!((proposed(&ledger, "a"), proposed(&ledger, "b")), (2, 28));
}

#[test]
fn one_member_fails_and_the_others_go_on() {
    let mut sources: Vec<Box<dyn CandidateSource>> = vec![
        Box::new(Bush { fails: true, ..bush("a", 2, 1) }),
        Box::new((bush("b", 2, 3), bush("c", 1, 4))),
    ];
    let (tree, ledger) = propose(&mut sources, 64);
    assert_eq!(tree.guesses(), 4);
    let entries: Vec<(&str, usize, usize)> = ledger
        .active()
        .map(|source| (source.name.as_str(), source.proposed, source.failures))
        .collect();
    assert_eq!(entries, [("a", 2, 1), ("b", 2, 0), ("c", 1, 0)], "b and c both guessed token 4");
}

#[test]
fn a_composition_wants_what_its_members_want() {
    let sources = (bush("a", 2, 1), bush("b", 7, 1));
    assert_eq!(sources.wants().every_node, Want::TopK(7));
    assert_eq!(sources.fork().wants().every_node, Want::TopK(7));
}

#[test]
fn pointers_to_sources_are_sources() {
    let mut bush = bush("a", 2, 1);
    let (tree, _) = propose(&mut &mut bush, 64);
    assert_eq!(tree.guesses(), 2);
    let mut boxed: Box<dyn CandidateSource> = Box::new(bush);
    assert_eq!(propose(&mut boxed, 64).0.guesses(), 2);
}

proptest! {
    #[test]
    fn no_member_exceeds_its_share(sizes in prop::collection::vec(0..40usize, 1..6), budget in 0..64usize) {
        let mut members: Vec<Box<dyn CandidateSource>> = Vec::new();
        for (index, &nodes) in sizes.iter().enumerate() {
            members.push(Box::new(bush(["a", "b", "c", "d", "e"][index], nodes, 1 + 100 * index as Token)));
        }
        let (tree, ledger) = propose(&mut members, budget);
        let mut left = budget;
        for (index, &nodes) in sizes.iter().enumerate() {
            let share = left.div_ceil(sizes.len() - index);
            let expected = nodes.min(share);
            prop_assert_eq!(proposed(&ledger, ["a", "b", "c", "d", "e"][index]), expected);
            left -= expected;
        }
        prop_assert_eq!(tree.guesses(), budget - left);
    }
}
