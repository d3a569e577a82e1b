use std::time::Instant;

use foretoken_core::tree::Limits;
use foretoken_core::{
    CandidateSource, Context, DecodeError, Draft, Emitted, Generation, Ledger, Model, ModelError,
    NodeId, Outcome, Pass, Predictions, SeqId, Step, StopReason, Token, TokenSet, TokenSink,
    TokenTree, Want,
};

use crate::{Config, GuessAndVerify, Walk, walk};

/// What steps reuse from one another, so that a step allocates little.
#[derive(Debug)]
pub(crate) struct Scratch {
    tree: TokenTree,
    /// What sources want to know of each node.
    wants: Vec<Want>,
    /// What the pass is asked to compute of each node: the same, and what the walk may read.
    asked: Vec<Want>,
    pub(crate) predictions: Predictions,
    walk: Walk,
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            tree: TokenTree::new(0, Limits::default()),
            wants: Vec::new(),
            asked: Vec::new(),
            predictions: Predictions::default(),
            walk: Walk::default(),
        }
    }
}

impl Scratch {
    /// Reads from the pass what is wanted of one node.
    pub(crate) async fn read(
        &mut self,
        pass: &mut dyn Pass,
        node: NodeId,
        want: Want,
    ) -> Result<(), ModelError> {
        match want {
            Want::Nothing => {}
            Want::TopK(k) => {
                let ranked = pass.top_k(0, node, usize::from(k)).await?;
                self.predictions.set_top_k(node, ranked);
            }
            Want::Argmax | Want::Logits => {
                self.predictions.set_argmax(node, pass.argmax(0, node).await?);
            }
        }
        Ok(())
    }

    /// Makes [`asked`](Self::asked) from the sources' wants and what the walk
    /// may read: the root for sure, and every node that is likely enough.
    fn ask(&mut self, every_node: Want, config: &Config) {
        self.wants.resize(self.tree.len(), Want::Nothing);
        for want in &mut self.wants {
            *want = every_node.max(*want);
        }
        self.asked.clear();
        self.asked.extend(self.tree.nodes().zip(&self.wants).map(|(node, &want)| {
            let likely = self.tree.probability(node) >= config.eager_probability;
            if node.is_root() || likely { want.max(Want::Argmax) } else { want }
        }));
    }

    /// Reads what sources want to know; the walk's own choices come for free.
    async fn predict(&mut self, pass: &mut dyn Pass) -> Result<(), ModelError> {
        self.predictions.reset(self.tree.len());
        for (index, &token) in self.walk.tokens.iter().enumerate() {
            self.predictions.set_argmax(self.walk.accepted[index], token);
        }
        for index in 0..self.wants.len() {
            self.read(pass, NodeId::new(index), self.wants[index]).await?;
        }
        Ok(())
    }
}

impl<M: Model, S: CandidateSource> GuessAndVerify<M, S> {
    /// One step: propose, forward, walk, emit, commit, observe. At most `limit`
    /// tokens come out. Says why if the output ends here.
    #[allow(clippy::too_many_arguments)] // Each is a different thing that the loop owns.
    pub(crate) async fn step(
        &mut self,
        seq: SeqId,
        history: &mut Vec<Token>,
        end_of_sequence: &TokenSet,
        limit: usize,
        sink: &mut dyn TokenSink,
        ledger: &mut Ledger,
        output: &mut Generation,
    ) -> Result<Option<StopReason>, DecodeError> {
        let Self { model, source, config, scratch, .. } = self;
        let started = Instant::now();
        let root = *history.last().expect("a step follows at least one token");
        // A path of d guesses yields d + 1 tokens: deeper guesses could not come out.
        let limits = Limits { nodes: config.max_nodes, depth: limit - 1 };
        scratch.tree.reset(root, limits);
        scratch.wants.clear();
        let guessing = limits.nodes > 0 && limits.depth > 0;
        if guessing {
            let vocabulary = model.info().vocabulary;
            let prompt_len = history.len() - output.tokens.len();
            let context = Context::new(history, prompt_len, vocabulary, end_of_sequence)
                .with_remaining(limit);
            let name = source.name().to_owned();
            let mut draft =
                Draft::new(&mut scratch.tree, &mut scratch.wants, ledger, &name, vocabulary);
            if let Err(error) = source.propose(&context, &mut draft).await {
                draft.fail(&error);
            }
        }
        scratch.ask(if guessing { source.wants().every_node } else { Want::Nothing }, config);
        let proposed = Instant::now();

        let steps = [Step::new(seq, &scratch.tree, &scratch.asked)];
        let mut pass = model.forward(&steps).await?;
        let computed = Instant::now();

        walk(&mut *pass, 0, &scratch.tree, end_of_sequence, limit, &mut scratch.walk).await?;
        if guessing {
            scratch.predict(&mut *pass).await?;
        }
        drop(pass);
        let walked = Instant::now();

        let stop = emit(scratch, history, end_of_sequence, sink, ledger, output);
        let emitted = Instant::now();
        model.commit(seq, scratch.walk.committed())?;
        let committed = Instant::now();
        if guessing {
            ledger.count_step(&scratch.tree, &scratch.walk.accepted);
            source.observe(&Outcome::new(
                &scratch.tree,
                &scratch.predictions,
                &scratch.walk.accepted,
                &scratch.walk.tokens,
            ));
        }

        let statistics = &mut output.statistics;
        statistics.steps += 1;
        statistics.nodes += scratch.tree.len();
        statistics.propose_time += proposed - started;
        statistics.forward_time += computed - proposed;
        statistics.walk_time += walked - computed;
        statistics.commit_time += committed - emitted;
        statistics.observe_time += committed.elapsed();
        Ok(stop)
    }
}

/// Hands the walked tokens to the sink, one by one. If something ends the
/// output on the way, the walk is cut there, as if the rest had not been guessed.
fn emit(
    scratch: &mut Scratch,
    history: &mut Vec<Token>,
    end_of_sequence: &TokenSet,
    sink: &mut dyn TokenSink,
    ledger: &Ledger,
    output: &mut Generation,
) -> Option<StopReason> {
    for (index, &token) in scratch.walk.tokens.iter().enumerate() {
        let position = output.tokens.len();
        history.push(token);
        output.tokens.push(token);
        let emitted = match scratch.walk.guess(index) {
            None => Emitted::plain(token, position),
            Some(node) => {
                let sources = scratch.tree.sources(node);
                Emitted::guessed(token, position, index + 1, sources, ledger)
            }
        };
        let broken = sink.token(&emitted).is_break();
        let stop = if end_of_sequence.contains(token) {
            Some(StopReason::EndOfSequence)
        } else {
            broken.then_some(StopReason::Sink)
        };
        if stop.is_some() {
            scratch.walk.truncate(index + 1);
            return stop;
        }
    }
    None
}
