//! The contract check passes both models of this crate and fails broken ones, each by its rule.

use std::collections::BTreeMap;

use foretoken_core::{
    Model, ModelError, ModelInfo, NodeId, Pass, SeqId, Step, Token, TokenTree, Want, async_trait,
};
use foretoken_testkit::contract::{Breach, Rule, check_model, check_model_seeded};
use foretoken_testkit::generators;
use foretoken_testkit::toy::{ToyConfig, ToyModel};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_models_of_this_crate_keep_the_contract(model in generators::models(), seed: u64) {
        let mut model = model.build();
        let checked = check_model_seeded(model.as_mut(), seed);
        prop_assert!(checked.is_ok(), "{}", checked.unwrap_err());
    }
}

/// What a [`Broken`] model does wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Defect {
    None,
    SiblingsSeeEachOther,
    LogitsDependOnTheBatch,
    PositionsAreIndices,
    ChunkBoundariesShow,
    UnwantedLogitsAreZero,
    ArgmaxIsTheHighestOnTies,
    TopKIsUnordered,
    NotANumber,
    CommitKeepsTheFirstRows,
    CommitLosesTheRoot,
    LenIsOneTooMany,
    PassesPileUp,
    TruncateKeepsRows,
    TruncateToZeroIsIgnored,
    ForkKeepsEverything,
    ForkSharesItsTokens,
    StepsUseTheFirstSequence,
    SequencesShareAPrefix,
    TokensWrapAround,
    ContextIsNotChecked,
    ClosedSequencesLive,
    UnknownNodesAnswer,
    CommitTwice,
    AnyPathIsCommitted,
    PathsMaySkip,
    PathsMayBeEmpty,
    /// No defect: the contract allows it.
    OneSequenceOnly,
}

/// A model of its own, with at most one defect; logits are the toy's.
struct Broken {
    toy: ToyModel,
    defect: Defect,
    opened: u32,
    sequences: BTreeMap<u32, Tokens>,
}

#[derive(Clone, Default)]
struct Tokens {
    /// What the logits follow from.
    seen: Vec<Token>,
    len: usize,
    pending: Option<TokenTree>,
}

impl Broken {
    fn new(defect: Defect) -> Self {
        let toy =
            ToyModel::new(ToyConfig { order: 40, context_length: 64, ..ToyConfig::default() });
        Self { toy, defect, opened: 0, sequences: BTreeMap::new() }
    }

    fn has(&self, defect: Defect) -> bool {
        self.defect == defect
    }

    fn check(&self, step: &Step<'_>) -> Result<(), ModelError> {
        let open = self.sequences.contains_key(&step.seq.number());
        if !open && !self.has(Defect::ClosedSequencesLive) {
            return Err(ModelError::misuse("unknown sequence"));
        }
        let needed = self.len(step.seq) + step.tree.height() + 1;
        if needed > 64 && !self.has(Defect::ContextIsNotChecked) {
            return Err(ModelError::context_full(needed, 64));
        }
        if step.tree.tokens().iter().any(|&token| token >= 12)
            && !self.has(Defect::TokensWrapAround)
        {
            return Err(ModelError::token_out_of_range(12, 12));
        }
        Ok(())
    }

    /// Everything that the logits of `node` follow from.
    fn visible(&self, step: usize, seqs: &[SeqId], node: NodeId) -> Option<Vec<Token>> {
        let of = |at: usize| self.sequences.get(&seqs[at].number());
        let tree = of(step)?.pending.as_ref()?;
        let prefix = of(if self.has(Defect::StepsUseTheFirstSequence) { 0 } else { step })?;
        let mut path = prefix.seen.clone();
        if self.has(Defect::SequencesShareAPrefix) && self.sequences.len() > 1 {
            path.insert(0, 1);
        }
        path.extend(tree.path_tokens(node));
        if self.has(Defect::SiblingsSeeEachOther)
            && let Some(parent) = tree.parent(node)
            && let Some(elder) = tree.children(parent).next().filter(|&elder| elder != node)
        {
            path.push(tree.token(elder));
        }
        if self.has(Defect::PositionsAreIndices) && tree.depth(node) != node.index() {
            path.push(0);
        }
        Some(path)
    }
}

#[async_trait]
impl Model for Broken {
    fn info(&self) -> &ModelInfo {
        self.toy.info()
    }

    fn open(&mut self) -> Result<SeqId, ModelError> {
        if self.has(Defect::OneSequenceOnly) && !self.sequences.is_empty() {
            return Err(ModelError::unsupported("a second sequence"));
        }
        self.opened += 1;
        self.sequences.insert(self.opened, Tokens::default());
        Ok(SeqId::new(self.opened))
    }

    fn fork(&mut self, seq: SeqId, len: usize) -> Result<SeqId, ModelError> {
        if self.has(Defect::OneSequenceOnly) {
            return Err(ModelError::unsupported("forking a sequence"));
        }
        let mut fork = self.sequences[&seq.number()].clone();
        fork.len = len;
        if !self.has(Defect::ForkKeepsEverything) {
            fork.seen.truncate(len);
        }
        if self.has(Defect::ForkSharesItsTokens) {
            self.sequences.entry(seq.number()).or_default().seen.truncate(len);
        }
        self.opened += 1;
        self.sequences.insert(self.opened, fork);
        Ok(SeqId::new(self.opened))
    }

    fn close(&mut self, seq: SeqId) {
        self.sequences.remove(&seq.number());
    }

    fn len(&self, seq: SeqId) -> usize {
        let len = self.sequences.get(&seq.number()).map_or(0, |tokens| tokens.len);
        if self.has(Defect::LenIsOneTooMany) && len > 0 { len + 1 } else { len }
    }

    async fn forward<'m>(
        &'m mut self,
        steps: &[Step<'_>],
    ) -> Result<Box<dyn Pass + 'm>, ModelError> {
        if self.has(Defect::OneSequenceOnly) && steps.len() > 1 {
            return Err(ModelError::unsupported("several steps"));
        }
        steps.iter().try_for_each(|step| self.check(step))?;
        let pile_up = self.has(Defect::PassesPileUp);
        for step in steps {
            let tokens = self.sequences.entry(step.seq.number()).or_default();
            if pile_up && let Some(dropped) = &tokens.pending {
                tokens.seen.push(dropped.token(NodeId::ROOT));
            }
            tokens.pending = Some(step.tree.clone());
        }
        let wants = steps.iter().map(|step| step.wants.to_vec()).collect();
        let seqs = steps.iter().map(|step| step.seq).collect();
        Ok(Box::new(BrokenPass { model: self, seqs, wants }))
    }

    fn commit(&mut self, seq: SeqId, path: &[NodeId]) -> Result<(), ModelError> {
        let defect = self.defect;
        let unknown = || ModelError::misuse("unknown sequence");
        let tokens = self.sequences.get_mut(&seq.number()).ok_or_else(unknown)?;
        let Some(tree) = tokens.pending.clone() else {
            return Err(ModelError::misuse("nothing to commit"));
        };
        let known = path.iter().all(|&node| tree.contains(node));
        let rooted = path.first().map_or(defect == Defect::PathsMayBeEmpty, |node| node.is_root());
        let linked = path.windows(2).all(|pair| {
            known && (tree.parent(pair[1]) == Some(pair[0]) || defect == Defect::PathsMaySkip)
        });
        if !(known && rooted && linked) && defect != Defect::AnyPathIsCommitted {
            return Err(ModelError::misuse("no path"));
        }
        let known = path.iter().copied().filter(|&node| tree.contains(node));
        match defect {
            Defect::CommitKeepsTheFirstRows => {
                tokens.seen.extend(&tree.tokens()[..path.len()]);
            }
            Defect::CommitLosesTheRoot if tree.len() > path.len() => {
                tokens.seen.extend(known.skip(1).map(|node| tree.token(node)));
            }
            _ => tokens.seen.extend(known.map(|node| tree.token(node))),
        }
        if defect == Defect::ChunkBoundariesShow && path.len() == 3 {
            tokens.seen.push(7);
        }
        tokens.len += path.len();
        if defect != Defect::CommitTwice {
            tokens.pending = None;
        }
        Ok(())
    }

    fn truncate(&mut self, seq: SeqId, len: usize) -> Result<(), ModelError> {
        let defect = self.defect;
        let unknown = || ModelError::misuse("unknown sequence");
        let tokens = self.sequences.get_mut(&seq.number()).ok_or_else(unknown)?;
        if defect == Defect::TruncateToZeroIsIgnored && len == 0 {
            return Ok(());
        }
        tokens.len = tokens.len.min(len);
        if defect != Defect::TruncateKeepsRows {
            tokens.seen.truncate(len);
        }
        Ok(())
    }
}

struct BrokenPass<'m> {
    model: &'m Broken,
    seqs: Vec<SeqId>,
    wants: Vec<Vec<Want>>,
}

#[async_trait]
impl Pass for BrokenPass<'_> {
    fn vocabulary(&self) -> usize {
        12
    }

    async fn logits(
        &mut self,
        step: usize,
        node: NodeId,
        out: &mut [f32],
    ) -> Result<(), ModelError> {
        let model = self.model;
        let seq = self.seqs.get(step).ok_or_else(|| ModelError::misuse("no such step"))?;
        let Some(tree) = model.sequences.get(&seq.number()).and_then(|seq| seq.pending.as_ref())
        else {
            return Err(ModelError::misuse("no pass"));
        };
        if !tree.contains(node) {
            if model.has(Defect::UnknownNodesAnswer) {
                return Ok(());
            }
            return Err(ModelError::misuse("no such node"));
        }
        let path = model.visible(step, &self.seqs, node).unwrap_or_default();
        out.copy_from_slice(&model.toy.logits_after(&path));
        let want = self.wants[step].get(node.index()).copied().unwrap_or_default();
        match model.defect {
            Defect::LogitsDependOnTheBatch if tree.len() > 6 => out[0] += 1e-6,
            Defect::UnwantedLogitsAreZero if want == Want::Nothing => out.fill(0.0),
            Defect::NotANumber => out[3] = f32::NAN,
            _ => {}
        }
        Ok(())
    }

    async fn top_k(
        &mut self,
        step: usize,
        node: NodeId,
        k: usize,
    ) -> Result<Vec<(Token, f32)>, ModelError> {
        let mut logits = vec![0.0; 12];
        self.logits(step, node, &mut logits).await?;
        let mut order: Vec<(Token, f32)> = (0..).zip(logits).collect();
        order.sort_by(|left, right| right.1.partial_cmp(&left.1).unwrap());
        if self.model.has(Defect::ArgmaxIsTheHighestOnTies) {
            let ties = order.iter().filter(|entry| entry.1 == order[0].1).count();
            order.swap(0, ties - 1);
        }
        order.truncate(k.max(1));
        if self.model.has(Defect::TopKIsUnordered) {
            order[1..].reverse();
        }
        Ok(order)
    }
}

fn check(defect: Defect) -> Result<(), Breach> {
    check_model(&mut Broken::new(defect))
}

#[test]
fn what_the_contract_allows_passes() {
    for defect in [Defect::None, Defect::OneSequenceOnly] {
        let checked = check(defect);
        assert!(checked.is_ok(), "{defect:?}: {}", checked.unwrap_err());
    }
}

#[test]
fn every_defect_is_found_by_the_rule_it_breaks() {
    for (defect, rule) in [
        (Defect::SiblingsSeeEachOther, Rule::TreeEqualsPaths),
        (Defect::LogitsDependOnTheBatch, Rule::TreeEqualsPaths),
        (Defect::PositionsAreIndices, Rule::TreeEqualsPaths),
        (Defect::LenIsOneTooMany, Rule::TreeEqualsPaths),
        (Defect::ChunkBoundariesShow, Rule::ChunksEqualSingles),
        (Defect::UnwantedLogitsAreZero, Rule::WantsAreHints),
        (Defect::ArgmaxIsTheHighestOnTies, Rule::Ranking),
        (Defect::TopKIsUnordered, Rule::Ranking),
        (Defect::NotANumber, Rule::Ranking),
        (Defect::CommitKeepsTheFirstRows, Rule::CommitThenContinue),
        (Defect::CommitLosesTheRoot, Rule::CommitThenContinue),
        (Defect::PassesPileUp, Rule::UncommittedLeavesNoTrace),
        (Defect::TruncateKeepsRows, Rule::Truncate),
        (Defect::TruncateToZeroIsIgnored, Rule::Truncate),
        (Defect::ForkKeepsEverything, Rule::Fork),
        (Defect::ForkSharesItsTokens, Rule::Fork),
        (Defect::StepsUseTheFirstSequence, Rule::SeveralSequences),
        (Defect::SequencesShareAPrefix, Rule::Fork),
        (Defect::TokensWrapAround, Rule::InvalidPasses),
        (Defect::ContextIsNotChecked, Rule::InvalidPasses),
        (Defect::ClosedSequencesLive, Rule::InvalidPasses),
        (Defect::UnknownNodesAnswer, Rule::InvalidPasses),
        (Defect::CommitTwice, Rule::InvalidCommits),
        (Defect::AnyPathIsCommitted, Rule::InvalidCommits),
        (Defect::PathsMaySkip, Rule::InvalidCommits),
        (Defect::PathsMayBeEmpty, Rule::InvalidCommits),
    ] {
        let breach = check(defect).expect_err(&format!("{defect:?} passed"));
        assert_eq!(breach.rule, rule, "{defect:?}: {breach}");
    }
}

#[test]
fn a_breach_says_what_differs() {
    let text = check(Defect::SiblingsSeeEachOther).unwrap_err().to_string();
    for part in ["TreeEqualsPaths", "against the path", "logits differ, the first that of token"] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
}
