use foretoken_tree::{NodeId, Token, TokenTree};

/// What a pass said of the nodes it was asked about, by node index of the
/// draft's tree.
///
/// A decoder keeps one and refills it each step.
#[derive(Clone, Debug, Default)]
pub struct Predictions {
    best: Vec<Option<Token>>,
    ranked: Vec<Vec<(Token, f32)>>,
}

impl Predictions {
    /// Nothing known of any of `nodes` nodes.
    pub fn reset(&mut self, nodes: usize) {
        self.best.clear();
        self.best.resize(nodes, None);
        for ranked in &mut self.ranked {
            ranked.clear();
        }
        if self.ranked.len() < nodes {
            self.ranked.resize(nodes, Vec::new());
        }
    }

    /// The most likely token after `node` is `token`.
    pub fn set_argmax(&mut self, node: NodeId, token: Token) {
        self.best[node.index()] = Some(token);
    }

    /// The most likely tokens after `node`, the best first.
    pub fn set_top_k(&mut self, node: NodeId, ranked: Vec<(Token, f32)>) {
        if let Some(&(token, _)) = ranked.first() {
            self.set_argmax(node, token);
        }
        self.ranked[node.index()] = ranked;
    }

    fn argmax(&self, node: NodeId) -> Option<Token> {
        self.best.get(node.index()).copied().flatten()
    }

    fn top_k(&self, node: NodeId) -> &[(Token, f32)] {
        self.ranked.get(node.index()).map_or(&[], Vec::as_slice)
    }
}

/// What one verified step showed.
///
/// Nodes are those of the draft: the identifiers that
/// [`Draft::add`](crate::Draft::add) returned, even if some of them were pruned
/// before the pass.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<'a> {
    tree: &'a TokenTree,
    predictions: &'a Predictions,
    accepted: &'a [NodeId],
    emitted: &'a [Token],
}

impl<'a> Outcome<'a> {
    /// The outcome of a step over `tree`: `accepted` begins with the root, and
    /// `emitted` are the tokens that came out.
    pub fn new(
        tree: &'a TokenTree,
        predictions: &'a Predictions,
        accepted: &'a [NodeId],
        emitted: &'a [Token],
    ) -> Self {
        Self { tree, predictions, accepted, emitted }
    }

    /// The tree of the step.
    pub fn tree(&self) -> &'a TokenTree {
        self.tree
    }

    /// The accepted path, the root first. Its tokens below the root were all emitted.
    pub fn accepted(&self) -> &'a [NodeId] {
        self.accepted
    }

    /// The tokens that this step emitted: those of the accepted path below the
    /// root, then the model's own choice after it. Empty for a chunk of a prompt.
    /// Generation may have stopped before the last of them.
    pub fn emitted(&self) -> &'a [Token] {
        self.emitted
    }

    /// The most likely token after `node`, if it was asked for (or known
    /// anyway) and the node was verified.
    pub fn argmax(&self, node: NodeId) -> Option<Token> {
        self.predictions.argmax(node)
    }

    /// The most likely tokens after `node` with their logits, the best first;
    /// empty if they were not asked for or the node was not verified.
    pub fn top_k(&self, node: NodeId) -> &'a [(Token, f32)] {
        self.predictions.top_k(node)
    }
}
