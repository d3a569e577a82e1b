use crate::{Ancestry, Limits, NodeId, SourceId, SourceSet, Token, TreeError};

/// No child, no sibling: the end of an intrusive list.
const NONE: u32 = u32::MAX;

/// A trie of token guesses under the last emitted token.
///
/// Guarantees, for every sequence of calls:
/// - node 0 is the root; every other node's parent has a smaller index
///   (topological order), so one forward scan sees parents first;
/// - siblings have different tokens: adding a token twice under one parent
///   merges the sources and keeps the larger probability;
/// - there are never more nodes, or deeper ones, than the [`Limits`] allow;
/// - probabilities lie in `0.0..=1.0`.
///
/// Everything is kept as one array per field, so that positions, masks and
/// token batches are read off without a walk. [`reset`](Self::reset) keeps the
/// allocations for the next step.
#[derive(Clone, Debug)]
pub struct TokenTree {
    limits: Limits,
    tokens: Vec<Token>,
    parents: Vec<u32>,
    depths: Vec<u32>,
    sources: Vec<SourceSet>,
    probabilities: Vec<f32>,
    first_child: Vec<u32>,
    last_child: Vec<u32>,
    next_sibling: Vec<u32>,
}

impl TokenTree {
    /// A tree with only its root, `token`.
    pub fn new(token: Token, limits: Limits) -> Self {
        let mut tree = Self {
            limits,
            tokens: Vec::new(),
            parents: Vec::new(),
            depths: Vec::new(),
            sources: Vec::new(),
            probabilities: Vec::new(),
            first_child: Vec::new(),
            last_child: Vec::new(),
            next_sibling: Vec::new(),
        };
        tree.push(token, 0, 0, SourceSet::EMPTY, 1.0);
        tree
    }

    /// A chain: `first` as the root and each of `rest` as the only child of
    /// the one before. Prefill chunks are such trees.
    pub fn chain(first: Token, rest: &[Token]) -> Self {
        let mut tree = Self::new(first, Limits::UNLIMITED);
        for (index, &token) in rest.iter().enumerate() {
            tree.append_child(index as u32, token, SourceSet::EMPTY, 1.0);
        }
        tree
    }

    /// Empties the tree for the next step, keeping its allocations.
    pub fn reset(&mut self, token: Token, limits: Limits) {
        self.limits = limits;
        self.tokens.clear();
        self.parents.clear();
        self.depths.clear();
        self.sources.clear();
        self.probabilities.clear();
        self.first_child.clear();
        self.last_child.clear();
        self.next_sibling.clear();
        self.push(token, 0, 0, SourceSet::EMPTY, 1.0);
    }

    /// Adds a guess: `token` after the path that ends in `parent`.
    ///
    /// `probability` is the chance the source gives the whole path from the
    /// root to be what the model says; it is clamped to `0.0..=1.0`, and what
    /// is not a number counts as 0. If `parent` has this child already,
    /// nothing is added: `source` joins the node's set, the larger probability
    /// stays, and the existing node is returned. That costs no budget.
    ///
    /// # Errors
    ///
    /// [`TreeError`] if the parent is unknown or a limit is reached; the tree
    /// is unchanged then.
    pub fn add(
        &mut self,
        parent: NodeId,
        token: Token,
        source: SourceId,
        probability: f32,
    ) -> Result<NodeId, TreeError> {
        if parent.index() >= self.len() {
            return Err(TreeError::UnknownParent { parent, token });
        }
        let probability = if probability.is_nan() { 0.0 } else { probability.clamp(0.0, 1.0) };
        if let Some(node) = self.child(parent, token) {
            let at = node.index();
            self.sources[at].insert(source);
            self.probabilities[at] = self.probabilities[at].max(probability);
            return Ok(node);
        }
        if self.depths[parent.index()] as usize >= self.limits.depth {
            return Err(TreeError::TooDeep { depth: self.limits.depth });
        }
        if self.guesses() >= self.limits.nodes {
            return Err(TreeError::Full { nodes: self.limits.nodes });
        }
        Ok(self.append_child(parent.index() as u32, token, source.into(), probability))
    }

    /// The number of nodes, the root included; never zero.
    #[allow(clippy::len_without_is_empty)] // A tree always has its root.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The number of nodes below the root.
    pub fn guesses(&self) -> usize {
        self.len() - 1
    }

    /// How many more guesses the limits allow.
    pub fn remaining(&self) -> usize {
        self.limits.nodes.saturating_sub(self.guesses())
    }

    /// The limits in force.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Whether `node` belongs to this tree.
    pub fn contains(&self, node: NodeId) -> bool {
        node.index() < self.len()
    }

    /// The child of `parent` with this token, if there is one.
    pub fn child(&self, parent: NodeId, token: Token) -> Option<NodeId> {
        self.children(parent).find(|&child| self.token(child) == token)
    }

    /// The children of `parent`, in the order they were added.
    pub fn children(&self, parent: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let mut next = self.first_child.get(parent.index()).copied().unwrap_or(NONE);
        std::iter::from_fn(move || {
            (next != NONE).then(|| {
                let child = NodeId::new(next as usize);
                next = self.next_sibling[next as usize];
                child
            })
        })
    }

    /// All nodes, the root first, parents before children.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator + use<> {
        (0..self.len()).map(NodeId::new)
    }

    /// The node's token.
    ///
    /// # Panics
    ///
    /// This and the other accessors panic if `node` is not of this tree.
    pub fn token(&self, node: NodeId) -> Token {
        self.tokens[node.index()]
    }

    /// The node's parent; `None` for the root.
    pub fn parent(&self, node: NodeId) -> Option<NodeId> {
        (!node.is_root()).then(|| NodeId::new(self.parents[node.index()] as usize))
    }

    /// Edges between the root and the node.
    pub fn depth(&self, node: NodeId) -> usize {
        self.depths[node.index()] as usize
    }

    /// Who proposed the node; empty for the root.
    pub fn sources(&self, node: NodeId) -> SourceSet {
        self.sources[node.index()]
    }

    /// The probability of the path to this node: the largest that a source
    /// gave it, unless it was [replaced](Self::set_probability).
    pub fn probability(&self, node: NodeId) -> f32 {
        self.probabilities[node.index()]
    }

    /// Replaces the probability of the path to `node`; what is not a number
    /// counts as 0.
    pub fn set_probability(&mut self, node: NodeId, probability: f32) {
        let probability = if probability.is_nan() { 0.0 } else { probability.clamp(0.0, 1.0) };
        self.probabilities[node.index()] = probability;
    }

    /// The tokens of all nodes, by index: the batch of a verifying pass.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The depths of all nodes, by index.
    pub fn depths(&self) -> &[u32] {
        &self.depths
    }

    /// The greatest depth of a node.
    pub fn height(&self) -> usize {
        self.depths.iter().max().copied().unwrap_or(0) as usize
    }

    /// Whether every node but the last has exactly one child, the next one.
    pub fn is_chain(&self) -> bool {
        self.depths.iter().enumerate().all(|(index, &depth)| index as u32 == depth)
    }

    /// The node and its ancestors, walking up to the root.
    pub fn ancestry(&self, node: NodeId) -> Ancestry<'_> {
        Ancestry::new(self, node)
    }

    /// The nodes from the root to `node`, both included.
    pub fn path(&self, node: NodeId) -> Vec<NodeId> {
        let mut path: Vec<NodeId> = self.ancestry(node).collect();
        path.reverse();
        path
    }

    /// The tokens from the root to `node`, both included.
    pub fn path_tokens(&self, node: NodeId) -> Vec<Token> {
        self.path(node).into_iter().map(|node| self.token(node)).collect()
    }

    fn append_child(
        &mut self,
        parent: u32,
        token: Token,
        sources: SourceSet,
        probability: f32,
    ) -> NodeId {
        let node = self.len() as u32;
        let depth = self.depths[parent as usize] + 1;
        self.push(token, parent, depth, sources, probability);
        let elder = std::mem::replace(&mut self.last_child[parent as usize], node);
        if elder == NONE {
            self.first_child[parent as usize] = node;
        } else {
            self.next_sibling[elder as usize] = node;
        }
        NodeId::new(node as usize)
    }

    fn push(
        &mut self,
        token: Token,
        parent: u32,
        depth: u32,
        sources: SourceSet,
        probability: f32,
    ) {
        self.tokens.push(token);
        self.parents.push(parent);
        self.depths.push(depth);
        self.sources.push(sources);
        self.probabilities.push(probability);
        self.first_child.push(NONE);
        self.last_child.push(NONE);
        self.next_sibling.push(NONE);
    }

    /// The parent's index by node index; the root's is 0, its own.
    pub(crate) fn parent_indices(&self) -> &[u32] {
        &self.parents
    }

    /// Copies `node` of `from` under `parent` here, probability and sources included.
    pub(crate) fn adopt(&mut self, from: &Self, node: NodeId, parent: NodeId) -> NodeId {
        let at = node.index();
        self.append_child(
            parent.index() as u32,
            from.tokens[at],
            from.sources[at],
            from.probabilities[at],
        )
    }
}
