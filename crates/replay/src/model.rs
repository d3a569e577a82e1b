use std::collections::HashMap;
use std::time::Duration;

use foretoken_core::{
    CostTable, Model, ModelError, ModelInfo, NodeId, Pass, SeqId, Step, Token, TokenTree,
    async_trait,
};

use crate::{Ranked, Trace};

/// A model that answers from a trace, for the time that a table says.
///
/// It decodes the trace's [request](Trace::request) and no other, one sequence
/// at a time.
#[derive(Clone, Debug)]
pub struct ReplayModel {
    info: ModelInfo,
    /// Prompt and output.
    text: Vec<Token>,
    predictions: Vec<Ranked>,
    cost: CostTable,
    perfect: bool,
    committed: usize,
    open: bool,
    /// The tree of the last pass, and which of its nodes lie on the text.
    last: Option<(TokenTree, Vec<bool>)>,
    /// The index of the latest position before `committed` with each token.
    latest: HashMap<Token, usize>,
}

impl ReplayModel {
    /// A model that says what `trace` says.
    pub fn new(trace: &Trace, cost: CostTable) -> Self {
        let text = [trace.prompt.as_slice(), &trace.tokens].concat();
        let mut info = ModelInfo::new("replay", trace.vocabulary, text.len() + 1);
        info.end_of_sequence = trace.end_of_sequence.iter().copied().collect();
        Self {
            info,
            text,
            predictions: trace.predictions.clone(),
            cost,
            perfect: false,
            committed: 0,
            open: false,
            last: None,
            latest: HashMap::new(),
        }
    }

    /// The same, but wrong guesses cost nothing: what the drafts would yield
    /// if it were known which of their guesses to verify.
    #[must_use]
    pub fn with_perfect_stopping(mut self) -> Self {
        self.perfect = true;
        self
    }

    /// The most likely tokens after a node: recorded if it lies on the text,
    /// those of the latest position with the same token otherwise.
    fn ranked(&self, node: NodeId) -> Result<Ranked, ModelError> {
        let (tree, on_text) =
            self.last.as_ref().ok_or_else(|| ModelError::misuse("no such pass"))?;
        if !tree.contains(node) {
            return Err(ModelError::misuse("no such node"));
        }
        let token = tree.token(node);
        if on_text[node.index()] {
            let at = self.committed + tree.depth(node);
            let known = self.predictions.get(at);
            return known.cloned().ok_or_else(|| ModelError::misuse("the trace ends before"));
        }
        let guess = || vec![(token, 0.0)];
        let latest = self.latest.get(&token).and_then(|&at| self.predictions.get(at));
        Ok(latest.cloned().unwrap_or_else(guess))
    }
}

#[async_trait]
impl Model for ReplayModel {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn open(&mut self) -> Result<SeqId, ModelError> {
        if self.open {
            return Err(ModelError::unsupported("a second sequence"));
        }
        self.open = true;
        Ok(SeqId::new(0))
    }

    fn close(&mut self, _seq: SeqId) {
        self.open = false;
        self.committed = 0;
        self.last = None;
        self.latest.clear();
    }

    fn len(&self, _seq: SeqId) -> usize {
        self.committed
    }

    async fn forward<'m>(
        &'m mut self,
        steps: &[Step<'_>],
    ) -> Result<Box<dyn Pass + 'm>, ModelError> {
        let [step] = steps else { return Err(ModelError::unsupported("several steps in a pass")) };
        let tree = step.tree;
        let mut on_text = vec![false; tree.len()];
        for node in tree.nodes() {
            let above = tree.parent(node).is_none_or(|parent| on_text[parent.index()]);
            let at = self.committed + tree.depth(node);
            on_text[node.index()] = above && self.text.get(at) == Some(&tree.token(node));
        }
        if !on_text[0] {
            return Err(ModelError::unsupported("another prompt than the trace's"));
        }
        let right = on_text.iter().filter(|&&right| right).count();
        let nodes = if self.perfect { right } else { tree.len() };
        let cost = Duration::from_secs_f64(self.cost.seconds(nodes, self.committed));
        self.last = Some((tree.clone(), on_text));
        Ok(Box::new(ReplayPass { model: self, cost }))
    }

    fn commit(&mut self, _seq: SeqId, path: &[NodeId]) -> Result<(), ModelError> {
        let (tree, on_text) =
            self.last.take().ok_or_else(|| ModelError::misuse("commit without forward"))?;
        if path.iter().any(|node| !tree.contains(*node) || !on_text[node.index()]) {
            return Err(ModelError::misuse("a path beside the recorded text"));
        }
        for &node in path {
            self.latest.insert(tree.token(node), self.committed);
            self.committed += 1;
        }
        Ok(())
    }

    fn truncate(&mut self, _seq: SeqId, len: usize) -> Result<(), ModelError> {
        self.committed = self.committed.min(len);
        self.latest.retain(|_, at| *at < len);
        Ok(())
    }
}

struct ReplayPass<'m> {
    model: &'m ReplayModel,
    cost: Duration,
}

#[async_trait]
impl Pass for ReplayPass<'_> {
    fn vocabulary(&self) -> usize {
        self.model.info.vocabulary
    }

    fn cost(&self) -> Option<Duration> {
        Some(self.cost)
    }

    /// What was not recorded is as unlikely as can be.
    async fn logits(
        &mut self,
        _step: usize,
        node: NodeId,
        out: &mut [f32],
    ) -> Result<(), ModelError> {
        out.fill(f32::NEG_INFINITY);
        for (token, logit) in self.model.ranked(node)? {
            out[token as usize] = logit;
        }
        Ok(())
    }

    async fn top_k(&mut self, _step: usize, node: NodeId, k: usize) -> Result<Ranked, ModelError> {
        let mut ranked = self.model.ranked(node)?;
        ranked.truncate(k);
        Ok(ranked)
    }
}
