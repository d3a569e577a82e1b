use std::ops::ControlFlow;

use crate::{Ledger, NodeId, Score, SourceSet, StopReason, Token, TokenTree};

/// One emitted token, as a sink sees it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Emitted<'a> {
    /// The token.
    pub token: Token,
    /// Its index in the output.
    pub index: usize,
    /// Its depth in the tree of its step if it was guessed; 0 if it is the
    /// model's own choice at the end of the accepted path.
    pub depth: usize,
    /// Who guessed it; empty if nobody did.
    pub guessed_by: SourceSet,
    /// How likely the model found it, if the request asked.
    pub score: Option<&'a Score>,
    ledger: Option<&'a Ledger>,
}

impl<'a> Emitted<'a> {
    /// A token that nobody guessed.
    pub fn plain(token: Token, index: usize) -> Self {
        Self { token, index, depth: 0, guessed_by: SourceSet::EMPTY, score: None, ledger: None }
    }

    /// A token that the sources in `guessed_by`, as numbered in `ledger`,
    /// guessed at `depth`.
    pub fn guessed(
        token: Token,
        index: usize,
        depth: usize,
        guessed_by: SourceSet,
        ledger: &'a Ledger,
    ) -> Self {
        Self { token, index, depth, guessed_by, score: None, ledger: Some(ledger) }
    }

    /// The same with a score.
    #[must_use]
    pub fn with_score(mut self, score: Option<&'a Score>) -> Self {
        self.score = score;
        self
    }

    /// The names of the sources that guessed it.
    pub fn sources(&self) -> impl Iterator<Item = &'a str> {
        let ledger = self.ledger;
        self.guessed_by.iter().filter_map(move |source| ledger?.name(source))
    }
}

/// One verifying pass, as a sink sees it after its tokens.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Stepped<'a> {
    /// What was verified: guesses that were not worth their time are not in it.
    pub tree: &'a TokenTree,
    /// The accepted path, the root first.
    pub accepted: &'a [NodeId],
    /// The tokens that came out: those of the path below the root, then the
    /// model's own choice, if the output did not end before it.
    pub emitted: &'a [Token],
    ledger: &'a Ledger,
}

impl<'a> Stepped<'a> {
    /// A pass over `tree`, whose sources are numbered as in `ledger`.
    pub fn new(
        tree: &'a TokenTree,
        accepted: &'a [NodeId],
        emitted: &'a [Token],
        ledger: &'a Ledger,
    ) -> Self {
        Self { tree, accepted, emitted, ledger }
    }

    /// The names of the sources that guessed `node`; none for the root.
    pub fn sources(&self, node: NodeId) -> impl Iterator<Item = &'a str> {
        let ledger = self.ledger;
        self.tree.sources(node).iter().filter_map(move |source| ledger.name(source))
    }
}

/// Receives tokens as they come out.
///
/// Every closure that takes an [`Emitted`] and returns a [`ControlFlow`] is a
/// sink, `()` ignores the tokens, and a `Vec<Token>` collects them.
pub trait TokenSink: Send {
    /// A token came out. `Break` ends the generation after it: tokens that the
    /// same step verified beyond it are dropped.
    fn token(&mut self, token: &Emitted<'_>) -> ControlFlow<()>;

    /// The first `done` of `total` prompt tokens that need a pass have run.
    /// `Break` ends the generation before its first token.
    fn prefilled(&mut self, done: usize, total: usize) -> ControlFlow<()> {
        let _ = (done, total);
        ControlFlow::Continue(())
    }

    /// A verifying pass is over, and its tokens were handed out: for whoever
    /// looks at guesses. Default: nothing.
    fn stepped(&mut self, step: &Stepped<'_>) {
        let _ = step;
    }

    /// Why the sink ended the generation. Asked only after it did.
    fn reason(&self) -> StopReason {
        StopReason::Sink
    }
}

impl<F: FnMut(&Emitted<'_>) -> ControlFlow<()> + Send> TokenSink for F {
    fn token(&mut self, token: &Emitted<'_>) -> ControlFlow<()> {
        self(token)
    }
}

impl TokenSink for () {
    fn token(&mut self, _token: &Emitted<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

impl TokenSink for Vec<Token> {
    fn token(&mut self, token: &Emitted<'_>) -> ControlFlow<()> {
        self.push(token.token);
        ControlFlow::Continue(())
    }
}
