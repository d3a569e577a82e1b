//! The tutorial of `docs/model-backend.md` as a test, step by step.
//!
//! Its fragments are these, word for word: `tests/docs.rs` compares them.

#[path = "roster/mod.rs"]
mod roster;

use std::collections::BTreeMap;

use foretoken::blocking::BlockingDecoder;
use foretoken::decoder::{BudgetMode, Config};
use foretoken::testkit::contract::{Rule, check_model};
use foretoken::testkit::oracle;
use foretoken::tree::TreeMask;
use foretoken::{
    GuessAndVerify, Model, ModelError, ModelInfo, NodeId, Pass, Request, Sampling, SeqId, Step,
    Token, TokenTree, async_trait, strategy,
};

/// So many of the last tokens have a say in the next one.
const REACH: usize = 3;

/// The n-gram model: each of the last tokens votes on the next one, by what came so far after it in a text.
struct Ngrams {
    info: ModelInfo,
    /// `votes[distance - 1][token][next]`: the logarithm of the chance of `next` so many places after `token`.
    votes: Vec<Vec<Vec<f32>>>,
    opened: u32,
    sequences: BTreeMap<SeqId, Sequence>,
}

/// What is kept of one sequence.
#[derive(Default)]
struct Sequence {
    /// The cache: a row for each committed token. A transformer's rows are keys and values.
    rows: Vec<Token>,
    /// The tree of the last pass, until one of its paths is committed.
    pending: Option<TokenTree>,
}

impl Ngrams {
    /// Learns from a text.
    fn learn(text: &[Token], vocabulary: usize) -> Self {
        let votes = (1..=REACH).map(|distance| {
            let mut counts = vec![vec![1.0_f32; vocabulary]; vocabulary];
            for span in text.windows(distance + 1) {
                counts[span[0] as usize][span[distance] as usize] += 1.0;
            }
            let chances = counts.iter().map(|row| {
                let total: f32 = row.iter().sum();
                row.iter().map(|count| (count / total).ln()).collect()
            });
            chances.collect()
        });
        let votes = votes.collect();
        let info = ModelInfo::new("ngrams", vocabulary, 256);
        Self { info, votes, opened: 0, sequences: BTreeMap::new() }
    }

    /// The tokens that `node` sees, each with its distance from the token after the node; the farthest first.
    fn visible(rows: &[Token], tree: &TokenTree, node: NodeId) -> Vec<(Token, usize)> {
        let window = REACH.try_into().expect("a reach above 0");
        let mask = TreeMask::new(tree, rows.len()).with_window(window);
        let next = mask.positions()[node.index()] + 1;
        let committed =
            (mask.prefix_start(node)..rows.len()).map(|position| (rows[position], next - position));
        let path = mask.ancestors();
        let path = path.row(node).iter().map(|&ancestor| {
            let ancestor = NodeId::new(ancestor as usize);
            (tree.token(ancestor), next - mask.positions()[ancestor.index()])
        });
        committed.chain(path).collect()
    }

    /// The logits of the next token: the sum of the votes, in the order of `visible`.
    fn logits(&self, visible: &[(Token, usize)]) -> Vec<f32> {
        let mut logits = vec![0.0; self.info.vocabulary];
        for &(token, distance) in visible {
            let votes = &self.votes[distance - 1][token as usize];
            for (logit, vote) in logits.iter_mut().zip(votes) {
                *logit += vote;
            }
        }
        logits
    }

    fn sequence(&mut self, seq: SeqId) -> Result<&mut Sequence, ModelError> {
        self.sequences.get_mut(&seq).ok_or_else(|| ModelError::misuse("unknown sequence"))
    }

    fn add(&mut self, rows: Vec<Token>) -> SeqId {
        let seq = SeqId::new(self.opened);
        self.opened += 1; // A number is never used again, so a stale one is noticed.
        self.sequences.insert(seq, Sequence { rows, pending: None });
        seq
    }

    /// Refuses a step that cannot be computed.
    fn check(&mut self, step: &Step<'_>) -> Result<(), ModelError> {
        let ModelInfo { vocabulary, context_length, .. } = self.info;
        let needed = self.sequence(step.seq)?.rows.len() + step.tree.height() + 1;
        if needed > context_length {
            return Err(ModelError::context_full(needed, context_length));
        }
        match step.tree.tokens().iter().find(|&&token| token as usize >= vocabulary) {
            Some(&token) => Err(ModelError::token_out_of_range(token, vocabulary)),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Model for Ngrams {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn open(&mut self) -> Result<SeqId, ModelError> {
        Ok(self.add(Vec::new()))
    }

    fn fork(&mut self, seq: SeqId, len: usize) -> Result<SeqId, ModelError> {
        let rows = &self.sequence(seq)?.rows;
        let shared = rows.get(..len).ok_or_else(|| ModelError::misuse("fork beyond the end"))?;
        let shared = shared.to_vec();
        Ok(self.add(shared))
    }

    fn close(&mut self, seq: SeqId) {
        self.sequences.remove(&seq);
    }

    fn len(&self, seq: SeqId) -> usize {
        self.sequences.get(&seq).map_or(0, |sequence| sequence.rows.len())
    }

    async fn forward<'m>(
        &'m mut self,
        steps: &[Step<'_>],
    ) -> Result<Box<dyn Pass + 'm>, ModelError> {
        steps.iter().try_for_each(|step| self.check(step))?;
        for sequence in self.sequences.values_mut() {
            sequence.pending = None; // A pass that was not committed is dropped by the next.
        }
        let mut logits = Vec::new();
        for step in steps {
            let rows = &self.sequences[&step.seq].rows;
            let nodes = step.tree.nodes();
            let of_nodes =
                nodes.map(|node| self.logits(&Self::visible(rows, step.tree, node))).collect();
            logits.push(of_nodes);
            self.sequence(step.seq)?.pending = Some(step.tree.clone());
        }
        Ok(Box::new(NgramPass { vocabulary: self.info.vocabulary, logits }))
    }

    fn commit(&mut self, seq: SeqId, path: &[NodeId]) -> Result<(), ModelError> {
        let Sequence { rows, pending } = self.sequence(seq)?;
        let tree = pending.as_ref().ok_or_else(|| ModelError::misuse("no pass to commit"))?;
        let steps = path.windows(2);
        let is_path = path.first() == Some(&NodeId::ROOT)
            && path.iter().all(|&node| tree.contains(node))
            && steps.into_iter().all(|pair| tree.parent(pair[1]) == Some(pair[0]));
        if !is_path {
            return Err(ModelError::misuse("the path is none of the tree's"));
        }
        rows.extend(path.iter().map(|&node| tree.token(node)));
        *pending = None;
        Ok(())
    }

    fn truncate(&mut self, seq: SeqId, len: usize) -> Result<(), ModelError> {
        let sequence = self.sequence(seq)?;
        sequence.rows.truncate(len);
        sequence.pending = None;
        Ok(())
    }
}

/// What a pass computed: logits by step and node.
struct NgramPass {
    vocabulary: usize,
    logits: Vec<Vec<Vec<f32>>>,
}

#[async_trait]
impl Pass for NgramPass {
    fn vocabulary(&self) -> usize {
        self.vocabulary
    }

    async fn logits(
        &mut self,
        step: usize,
        node: NodeId,
        out: &mut [f32],
    ) -> Result<(), ModelError> {
        let nodes = self.logits.get(step).ok_or_else(|| ModelError::misuse("no such step"))?;
        let logits = nodes.get(node.index()).ok_or_else(|| ModelError::misuse("no such node"))?;
        out.copy_from_slice(logits);
        Ok(())
    }
}

/// A text over six tokens that repeats itself, with variations.
fn text() -> Vec<Token> {
    (0..600_u32).map(|place| [0, 1, 2, 3, 1, 4][place as usize % 6] + place / 7 % 2).collect()
}

fn ngrams() -> Ngrams {
    Ngrams::learn(&text(), 6)
}

#[test]
fn it_keeps_the_contract() {
    let mut model = ngrams();
    check_model(&mut model).unwrap();
}

#[test]
fn every_strategy_says_what_plain_decoding_says() {
    let greedy = Request::new(text()[..40].to_vec()).with_max_new_tokens(60);
    let sampling = Sampling::default().with_temperature(0.8).with_seed(7);
    let sampled = greedy.clone().with_sampling(sampling);
    let mut guessed = 0;
    for request in [greedy, sampled] {
        let plain = oracle::decode(&mut ngrams(), &request).unwrap();
        for (name, source) in roster::sources() {
            // Its passes take less time than asking a source does: no guess would be worth it.
            let all = Config::default().with_budget(BudgetMode::Fixed);
            let mut decoder = GuessAndVerify::new(ngrams(), source).with_config(all);
            let output = decoder.decode_blocking(&request, &mut ()).unwrap();
            assert_eq!(output.tokens, plain, "{name}");
            guessed += output.tokens.len() - output.statistics.steps;
        }
    }
    assert!(guessed > 100, "only {guessed} tokens came out of guesses");
}

/// The same model on a kernel that adds up in another order when a pass has several rows.
struct Careless(Ngrams);

#[async_trait]
impl Model for Careless {
    fn info(&self) -> &ModelInfo {
        self.0.info()
    }

    fn open(&mut self) -> Result<SeqId, ModelError> {
        self.0.open()
    }

    fn close(&mut self, seq: SeqId) {
        self.0.close(seq);
    }

    fn len(&self, seq: SeqId) -> usize {
        self.0.len(seq)
    }

    async fn forward<'m>(
        &'m mut self,
        steps: &[Step<'_>],
    ) -> Result<Box<dyn Pass + 'm>, ModelError> {
        drop(self.0.forward(steps).await?);
        let logits = steps.iter().map(|step| {
            let rows = &self.0.sequences[&step.seq].rows;
            let of_node = |node| {
                let mut visible = Ngrams::visible(rows, step.tree, node);
                if step.tree.len() > 1 {
                    visible.reverse();
                }
                self.0.logits(&visible)
            };
            step.tree.nodes().map(of_node).collect()
        });
        let logits = logits.collect();
        Ok(Box::new(NgramPass { vocabulary: self.0.info.vocabulary, logits }))
    }

    fn commit(&mut self, seq: SeqId, path: &[NodeId]) -> Result<(), ModelError> {
        self.0.commit(seq, path)
    }

    fn truncate(&mut self, seq: SeqId, len: usize) -> Result<(), ModelError> {
        self.0.truncate(seq, len)
    }
}

#[test]
fn a_sum_in_another_order_breaks_the_contract() {
    let breach = check_model(&mut Careless(ngrams())).unwrap_err();
    assert!(matches!(breach.rule, Rule::TreeEqualsPaths | Rule::ChunksEqualSingles), "{breach}");
}

/// Where two tokens are nearly as good, what ran beside a node decides which of them comes out.
#[test]
fn strategies_on_it_are_not_lossless() {
    let mut differing = 0;
    for seed in 0..200_u32 {
        let mut state = seed;
        let mut token = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 30 // One of four.
        };
        let text: Vec<Token> = (0..40).map(|_| token()).collect();
        let request = Request::new(text[..8].to_vec()).with_max_new_tokens(100);
        let plain = oracle::decode(&mut Careless(Ngrams::learn(&text, 4)), &request).unwrap();
        let run = |model: Box<dyn Model>| {
            let source = strategy::by_name("suffix").unwrap();
            let fixed = Config::default().with_budget(BudgetMode::Fixed);
            let mut decoder = GuessAndVerify::new(model, source).with_config(fixed);
            decoder.decode_blocking(&request, &mut ()).unwrap().tokens
        };
        assert_eq!(run(Box::new(Ngrams::learn(&text, 4))), plain);
        differing += usize::from(run(Box::new(Careless(Ngrams::learn(&text, 4)))) != plain);
    }
    assert!(differing > 0, "no output differs");
}
