//! Step by step, with a look inside: the window and the pool.

mod published;
mod room;
mod sequences;
mod traps;

use foretoken_core::blocking::BlockingSource;
use foretoken_core::tree::Limits;
use foretoken_core::{
    CandidateSource, Context, Draft, Ledger, NodeId, Notes, Outcome, Predictions, Token, TokenSet,
    TokenTree, Want,
};

use crate::window::Window;
use crate::{Config, Lookahead};

/// A decoder's side of a source. The model is a function from a path, from the
/// first token of the text on, to the most likely next token.
pub(super) struct Bench<F> {
    pub(super) source: Lookahead,
    pub(super) model: F,
    pub(super) text: Vec<Token>,
    pub(super) prompt_len: usize,
    pub(super) ends: TokenSet,
    pub(super) limits: Limits,
    pub(super) remaining: usize,
    pub(super) tree: TokenTree,
    notes: Notes,
    /// Most tokens that a step emits.
    pub(super) limit: usize,
    /// Whether the pass verifies a node; others are pruned.
    pub(super) verifies: fn(NodeId) -> bool,
}

impl<F: Fn(&[Token]) -> Token> Bench<F> {
    pub(super) fn new(config: Config, prompt: &[Token], model: F) -> Self {
        let mut source = Lookahead::new(config).unwrap();
        source.begin(prompt, 0);
        Self {
            source,
            model,
            text: prompt.to_vec(),
            prompt_len: prompt.len(),
            ends: TokenSet::default(),
            limits: Limits::UNLIMITED,
            remaining: usize::MAX,
            tree: TokenTree::new(0, Limits::default()),
            notes: Notes::new(),
            limit: usize::MAX,
            verifies: |_| true,
        }
    }

    pub(super) fn propose(&mut self) {
        self.tree.reset(*self.text.last().unwrap(), self.limits);
        self.notes.clear();
        let mut ledger = Ledger::new();
        let vocabulary = Token::MAX as usize;
        let mut draft =
            Draft::new(&mut self.tree, &mut self.notes, &mut ledger, "lookahead", vocabulary);
        let context = Context::new(&self.text, self.prompt_len, vocabulary, &self.ends)
            .with_remaining(self.remaining);
        self.source.propose_blocking(&context, &mut draft).unwrap();
    }

    /// The greedy walk: the accepted nodes and the tokens that come out.
    pub(super) fn walk(&self) -> (Vec<NodeId>, Vec<Token>) {
        let (mut accepted, mut emitted) = (vec![NodeId::ROOT], Vec::new());
        let mut node = NodeId::ROOT;
        while emitted.len() < self.limit {
            let token = self.predict(node);
            emitted.push(token);
            let Some(child) = self.tree.child(node, token) else { break };
            accepted.push(child);
            node = child;
        }
        (accepted, emitted)
    }

    pub(super) fn observe(&mut self, accepted: &[NodeId], emitted: &[Token]) {
        let mut predictions = Predictions::default();
        predictions.reset(self.tree.len());
        for node in self.tree.nodes().filter(|&node| (self.verifies)(node)) {
            if self.notes.want(node) >= Want::Argmax {
                predictions.set_argmax(node, self.predict(node));
            }
        }
        self.source.observe(&Outcome::new(&self.tree, &predictions, accepted, emitted));
        self.text.extend(emitted);
    }

    /// A whole step; returns what came out.
    pub(super) fn step(&mut self) -> Vec<Token> {
        self.propose();
        let (accepted, emitted) = self.walk();
        self.observe(&accepted, &emitted);
        emitted
    }

    /// Like a step whose pass the source never hears of.
    pub(super) fn unobserved(&mut self, tokens: &[Token]) {
        self.text.extend(tokens);
    }

    pub(super) fn window(&self) -> &Window {
        self.source.window.as_ref().unwrap()
    }

    /// All cells, column by column.
    pub(super) fn cells(&self) -> Vec<Vec<Token>> {
        self.window().columns().map(<[Token]>::to_vec).collect()
    }

    pub(super) fn guesses(&self, key: Token) -> Vec<Vec<Token>> {
        self.source.pool.ranked(key).into_iter().map(<[Token]>::to_vec).collect()
    }

    fn predict(&self, node: NodeId) -> Token {
        let mut path = self.text.clone();
        path.extend(&self.tree.path_tokens(node)[1..]);
        (self.model)(&path)
    }
}

/// A model that always knows the index of the next token, and says that.
pub(super) fn clock(path: &[Token]) -> Token {
    path.len() as Token
}

/// A model of which little can be guessed: a hash of the last two tokens.
pub(super) fn noise(path: &[Token]) -> Token {
    let mix = |state: u32, token: &u32| (state ^ token).wrapping_mul(0x9e37_79b1).rotate_left(13);
    path[path.len() - 2.min(path.len())..].iter().fold(7, mix) % 50
}
