//! Guesses that the model never says, and whose logits are no numbers.

use foretoken_core::blocking::BlockingDecoder;
use foretoken_core::{
    CandidateSource, Context, DecodeErrorKind, Draft, Model, ModelError, ModelInfo, NodeId,
    Outcome, Pass, Request, SeqId, SourceError, Step, Token, Want, Wants, async_trait,
};
use foretoken_decoder::{BudgetMode, Config, GuessAndVerify};
use foretoken_testkit::oracle;
use foretoken_testkit::toy::ToyModel;

const PROMPT: [Token; 3] = [1, 2, 3];
const TOKENS: usize = 30;

/// A model that has no numbers after one token.
struct Poisoned {
    toy: ToyModel,
    token: Token,
}

struct PoisonedPass<'m> {
    pass: Box<dyn Pass + 'm>,
    poisoned: Vec<bool>,
}

#[async_trait]
impl Model for Poisoned {
    fn info(&self) -> &ModelInfo {
        self.toy.info()
    }
    fn open(&mut self) -> Result<SeqId, ModelError> {
        self.toy.open()
    }
    fn close(&mut self, seq: SeqId) {
        self.toy.close(seq);
    }
    fn len(&self, seq: SeqId) -> usize {
        self.toy.len(seq)
    }
    async fn forward<'m>(
        &'m mut self,
        steps: &[Step<'_>],
    ) -> Result<Box<dyn Pass + 'm>, ModelError> {
        let tree = steps[0].tree;
        let poisoned = tree.nodes().map(|node| tree.token(node) == self.token).collect();
        let pass = self.toy.forward(steps).await?;
        Ok(Box::new(PoisonedPass { pass, poisoned }))
    }
    fn commit(&mut self, seq: SeqId, path: &[NodeId]) -> Result<(), ModelError> {
        self.toy.commit(seq, path)
    }
    fn truncate(&mut self, seq: SeqId, len: usize) -> Result<(), ModelError> {
        self.toy.truncate(seq, len)
    }
}

#[async_trait]
impl Pass for PoisonedPass<'_> {
    fn vocabulary(&self) -> usize {
        self.pass.vocabulary()
    }
    async fn logits(
        &mut self,
        step: usize,
        node: NodeId,
        out: &mut [f32],
    ) -> Result<(), ModelError> {
        self.pass.logits(step, node, out).await?;
        if self.poisoned[node.index()] {
            out.fill(f32::NAN);
        }
        Ok(())
    }
}

/// Guesses one token beside the truth in every step, and wants to know what follows each.
#[derive(Clone)]
struct Tempting {
    token: Token,
    truth: Vec<Token>,
    wants: Want,
    unknown: usize,
}

#[async_trait]
impl CandidateSource for Tempting {
    fn name(&self) -> &'static str {
        "tempting"
    }
    fn wants(&self) -> Wants {
        Wants::default().every_node(self.wants)
    }
    async fn propose(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), SourceError> {
        draft.add(NodeId::ROOT, self.token, 0.4);
        let next = context.history.len() - context.prompt_len;
        if let Some(&right) = self.truth.get(next) {
            draft.add(NodeId::ROOT, right, 0.5);
        }
        Ok(())
    }
    fn observe(&mut self, outcome: &Outcome<'_>) {
        let nodes = outcome.tree().nodes();
        self.unknown += nodes.filter(|&node| outcome.argmax(node).is_none()).count();
    }
    fn fork(&self) -> Box<dyn CandidateSource> {
        Box::new(self.clone())
    }
}

#[test]
fn a_guess_without_numbers_is_a_wrong_guess() {
    let ends = [].into_iter().collect();
    let truth = oracle::greedy(&mut ToyModel::default(), &PROMPT, TOKENS, &ends).unwrap();
    let vocabulary = ToyModel::default().info().vocabulary as Token;
    let unsaid = |token: &Token| !truth.contains(token) && !PROMPT.contains(token);
    let token = (0..vocabulary).find(unsaid).expect("a token that the model does not say");
    for wants in [Want::Argmax, Want::TopK(3), Want::Logits] {
        let source = Tempting { token, truth: truth.clone(), wants, unknown: 0 };
        let model = Poisoned { toy: ToyModel::default(), token };
        let config = Config::default().with_budget(BudgetMode::Fixed);
        let mut decoder = GuessAndVerify::new(model, source).with_config(config);
        let request = Request::new(PROMPT).with_max_new_tokens(TOKENS);
        let output = decoder.decode_blocking(&request, &mut ()).unwrap();
        assert_eq!(output.tokens, truth);
        assert!(decoder.source().unknown > 0, "the guess was verified");
    }
}

#[test]
fn a_token_without_numbers_that_is_said_is_an_error() {
    let ends = [].into_iter().collect();
    let truth = oracle::greedy(&mut ToyModel::default(), &PROMPT, TOKENS, &ends).unwrap();
    let source = Tempting { token: 0, truth: truth.clone(), wants: Want::TopK(3), unknown: 0 };
    let said = truth.iter().rev().find(|token| !PROMPT.contains(token));
    let token = *said.expect("a token that is not in the prompt");
    let before = truth.iter().position(|&other| other == token).expect("it is there") + 1;
    let model = Poisoned { toy: ToyModel::default(), token };
    let mut decoder = GuessAndVerify::new(model, source);
    let request = Request::new(PROMPT).with_max_new_tokens(TOKENS);
    let error = decoder.decode_blocking(&request, &mut ()).unwrap_err();
    assert_eq!(error.kind(), DecodeErrorKind::Model);
    assert_eq!(error.generated().tokens, truth[..before]);
}
