//! Trees of a generation, step by step.

use std::ops::ControlFlow;

use foretoken::{
    Emitted, NodeId, Stepped, Token, TokenSink,
    candle::{IncrementalDecoder, Tokenizer},
};
use foretoken_report::{Node, StepTree, Steps};

use crate::interrupt;

/// Notes every step's tree as text, and heeds Ctrl-C.
pub(super) struct Trees<'a> {
    tokenizer: &'a Tokenizer,
    /// The text so far ends in the middle of a character, maybe.
    decoder: IncrementalDecoder,
    sources: Vec<String>,
    steps: Vec<StepTree>,
}

impl<'a> Trees<'a> {
    pub(super) fn new(tokenizer: &'a Tokenizer) -> Self {
        let decoder = tokenizer.incremental_decoder();
        Self { tokenizer, decoder, sources: Vec::new(), steps: Vec::new() }
    }

    /// The steps, with the names of the sources that their nodes refer to.
    pub(super) fn finish(mut self) -> Steps {
        let rest = self.decoder.flush().unwrap_or_default();
        if let Some(last) = self.steps.last_mut().and_then(|step| step.emitted.last_mut()) {
            last.push_str(&rest);
        }
        Steps { sources: self.sources, steps: self.steps, ..Steps::default() }
    }

    /// The index of a source, entered on first sight.
    fn source(&mut self, name: &str) -> usize {
        self.sources.iter().position(|known| known == name).unwrap_or_else(|| {
            self.sources.push(name.to_owned());
            self.sources.len() - 1
        })
    }

    fn node(&mut self, step: &Stepped<'_>, node: NodeId) -> Node {
        Node {
            parent: step.tree.parent(node).unwrap_or(NodeId::ROOT).index(),
            text: self.tokenizer.token_text(step.tree.token(node)).into_owned(),
            sources: step.sources(node).map(|name| self.source(name)).collect(),
            probability: step.tree.probability(node),
        }
    }

    /// What a token adds to the text; a control token is spelled out, and one that completes no character adds nothing.
    fn piece(&mut self, token: Token) -> String {
        if self.tokenizer.is_control(token) {
            return self.tokenizer.token_text(token).into_owned();
        }
        self.decoder.push(token).unwrap_or_default()
    }
}

impl TokenSink for Trees<'_> {
    fn prefilled(&mut self, _done: usize, _total: usize) -> ControlFlow<()> {
        interrupt::flow()
    }

    fn token(&mut self, _emitted: &Emitted<'_>) -> ControlFlow<()> {
        interrupt::flow()
    }

    fn stepped(&mut self, step: &Stepped<'_>) {
        let tree = StepTree {
            nodes: step.tree.nodes().map(|node| self.node(step, node)).collect(),
            path: step.accepted.iter().map(|node| node.index()).collect(),
            emitted: step.emitted.iter().map(|&token| self.piece(token)).collect(),
        };
        self.steps.push(tree);
    }
}
