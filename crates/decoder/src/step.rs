use std::time::Instant;

use foretoken_core::tree::{Limits, Pruned};
use foretoken_core::{
    CandidateSource, Context, DecodeError, Draft, Emitted, Generation, Ledger, Model, ModelError,
    ModelErrorKind, NodeId, Notes, Outcome, Pass, Predictions, SeqId, Step, Stepped, StopReason,
    Token, TokenSink, TokenTree, Want,
};

use crate::rules::Rules;
use crate::{BudgetMode, GuessAndVerify, Walk, walk};

/// What steps reuse from one another, so that a step allocates little.
#[derive(Debug)]
pub(crate) struct Scratch {
    /// What the sources propose.
    draft: TokenTree,
    /// What they say of it.
    notes: Notes,
    /// The part of the draft that is verified, if not all of it is.
    pruned: Option<Pruned>,
    /// What the pass is asked to compute of each verified node: what sources
    /// want to know, and what the walk may read.
    asked: Vec<Want>,
    /// By node of the draft.
    pub(crate) predictions: Predictions,
    /// Over verified nodes.
    walk: Walk,
    /// The walked path, by node of the draft.
    accepted: Vec<NodeId>,
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            draft: TokenTree::new(0, Limits::default()),
            notes: Notes::new(),
            pruned: None,
            asked: Vec::new(),
            predictions: Predictions::default(),
            walk: Walk::default(),
            accepted: Vec::new(),
        }
    }
}

impl Scratch {
    /// The tree of the pass.
    fn verified(&self) -> &TokenTree {
        self.pruned.as_ref().map_or(&self.draft, Pruned::tree)
    }

    /// Which node of the draft a verified node is.
    fn drafted(&self, verified: NodeId) -> NodeId {
        self.pruned.as_ref().map_or(verified, |pruned| pruned.original(verified))
    }

    /// Reads from the pass what is wanted of one node of its tree, `as_node`
    /// of the draft. Nothing is known of a node whose logits are no numbers:
    /// plain decoding may never meet it.
    pub(crate) async fn read(
        &mut self,
        pass: &mut dyn Pass,
        node: NodeId,
        as_node: NodeId,
        want: Want,
    ) -> Result<(), ModelError> {
        let read = match want {
            Want::Nothing => Ok(()),
            Want::TopK(k) => (pass.top_k(0, node, usize::from(k)).await)
                .map(|ranked| self.predictions.set_top_k(as_node, ranked)),
            Want::Argmax | Want::Logits => (pass.argmax(0, node).await)
                .map(|token| self.predictions.set_argmax(as_node, token)),
        };
        read.or_else(|error| match error.kind() {
            ModelErrorKind::NotANumber => Ok(()),
            _ => Err(error),
        })
    }

    /// What sources want to know of a verified node.
    fn wanted(&self, node: NodeId, every_node: Want) -> Want {
        every_node.max(self.notes.want(self.drafted(node)))
    }

    /// Makes [`asked`](Self::asked) from the sources' wants and what the walk
    /// may read: the root for sure, and every node that is likely enough.
    fn ask(&mut self, every_node: Want, choice: Want, eager_probability: f32) {
        let mut asked = std::mem::take(&mut self.asked);
        asked.clear();
        let tree = self.verified();
        asked.extend(tree.nodes().map(|node| {
            let want = self.wanted(node, every_node);
            let likely = tree.probability(node) >= eager_probability;
            if node.is_root() || likely { want.max(choice) } else { want }
        }));
        self.asked = asked;
    }

    /// Reads what sources want to know; the walk's own choices come for free
    /// if they are the most likely tokens.
    async fn predict(
        &mut self,
        pass: &mut dyn Pass,
        every_node: Want,
        plain_greedy: bool,
    ) -> Result<(), ModelError> {
        self.predictions.reset(self.draft.len());
        if plain_greedy {
            for (index, &token) in self.walk.tokens.iter().enumerate() {
                let node = self.drafted(self.walk.accepted[index]);
                self.predictions.set_argmax(node, token);
            }
        }
        for node in self.verified().nodes() {
            self.read(pass, node, self.drafted(node), self.wanted(node, every_node)).await?;
        }
        Ok(())
    }
}

impl<M: Model, S: CandidateSource> GuessAndVerify<M, S> {
    /// Lets the source guess, and chooses what is verified.
    async fn propose(
        &mut self,
        history: &[Token],
        rules: &mut Rules,
        limit: usize,
        ledger: &mut Ledger,
        output: &Generation,
    ) {
        let Self { model, source, config, scratch, budgeter, .. } = self;
        let vocabulary = model.info().vocabulary;
        let prompt_len = history.len() - output.tokens.len();
        let ends = rules.chooser.end_of_sequence().clone();
        let context = Context::new(history, prompt_len, vocabulary, &ends).with_remaining(limit);
        let filtering = rules.chooser.forbids_tokens();
        let mut filter = |below: &[Token], token| rules.chooser.permits(history, below, token);
        let name = source.name().to_owned();
        let mut draft =
            Draft::new(&mut scratch.draft, &mut scratch.notes, ledger, &name, vocabulary);
        if filtering {
            draft = draft.with_filter(&mut filter);
        }
        if let Err(error) = source.propose(&context, &mut draft).await {
            draft.fail(&error);
        }
        if config.budget == BudgetMode::Adaptive {
            let committed = history.len() - 1;
            let Scratch { draft, notes, pruned, .. } = scratch;
            *pruned = budgeter.select(draft, notes, ledger, committed, config.max_nodes);
        }
    }

    /// One step: propose, forward, walk, emit, commit, observe. At most `limit`
    /// tokens come out. Says why if the output ends here.
    #[allow(clippy::too_many_arguments)] // Each is a different thing that the loop owns.
    pub(crate) async fn step(
        &mut self,
        seq: SeqId,
        history: &mut Vec<Token>,
        rules: &mut Rules,
        limit: usize,
        sink: &mut dyn TokenSink,
        ledger: &mut Ledger,
        output: &mut Generation,
    ) -> Result<Option<StopReason>, DecodeError> {
        let started = Instant::now();
        let root = *history.last().expect("a step follows at least one token");
        let committed = history.len() - 1;
        // A path of d guesses yields d + 1 tokens: deeper guesses could not come out.
        let limits = Limits { nodes: self.config.drafted(), depth: limit - 1 };
        self.scratch.draft.reset(root, limits);
        self.scratch.notes.clear();
        self.scratch.pruned = None;
        let guessing = limits.nodes > 0
            && limits.depth > 0
            && !(self.config.budget == BudgetMode::Adaptive && self.budgeter.rests());
        if guessing {
            self.propose(history, rules, limit, ledger, output).await;
        }
        let Self { model, source, config, scratch, budgeter, .. } = self;
        let every_node = if guessing { source.wants().every_node } else { Want::Nothing };
        scratch.ask(every_node, rules.chooser.want(), config.eager_probability);
        let proposed = Instant::now();

        let steps = [Step::new(seq, scratch.verified(), &scratch.asked)];
        let mut pass = model.forward(&steps).await?;
        let computed = proposed.elapsed();
        let verified = scratch.pruned.as_ref().map_or(&scratch.draft, Pruned::tree);
        // If it fails on the way, what it found before comes out first, as from plain decoding.
        let mut failure =
            walk(&mut *pass, 0, verified, &mut rules.chooser, history, limit, &mut scratch.walk)
                .await
                .err();
        if failure.is_none() && guessing {
            let plain_greedy = rules.chooser.is_plain_greedy();
            let predicted = scratch.predict(&mut *pass, every_node, plain_greedy).await;
            failure = predicted.err().map(DecodeError::from);
        }
        if failure.is_some() {
            scratch.predictions.reset(scratch.draft.len());
        }
        let (forward_time, pass_time) = match pass.cost() {
            Some(cost) => (cost, cost),
            None => (computed, proposed.elapsed()),
        };
        drop(pass);

        let stop = emit(scratch, history, rules, sink, ledger, output);
        if stop.is_none()
            && let Some(error) = failure
        {
            return Err(error);
        }
        let emitted = Instant::now();
        model.commit(seq, scratch.walk.committed())?;
        let kept = Instant::now();
        if guessing {
            ledger.count_step(scratch.verified(), &scratch.walk.accepted);
            let walked = scratch.walk.accepted.iter().map(|&node| scratch.drafted(node)).collect();
            scratch.accepted = walked;
            let Scratch { draft, notes, predictions, accepted, walk, .. } = &*scratch;
            budgeter.learn_outcome(ledger, draft, notes, accepted, &walk.tokens);
            source.observe(&Outcome::new(draft, predictions, accepted, &walk.tokens));
        }

        let statistics = &mut output.statistics;
        let nodes = scratch.verified().len();
        statistics.steps += 1;
        statistics.nodes += nodes;
        statistics.propose_time += proposed - started;
        statistics.forward_time += forward_time;
        statistics.walk_time += pass_time.saturating_sub(forward_time);
        statistics.commit_time += kept - emitted;
        let observed = kept.elapsed();
        statistics.observe_time += observed;
        budgeter.learn_pass(nodes, committed, pass_time);
        if guessing {
            let accepted = scratch.walk.accepted.len() - 1;
            budgeter.learn_asking((proposed - started) + observed, accepted, committed);
        }
        let around = (proposed - started) + emitted.elapsed();
        budgeter.learn_step(scratch.walk.tokens.len(), pass_time + around);
        let Walk { accepted, tokens } = &scratch.walk;
        sink.stepped(&Stepped::new(scratch.verified(), accepted, tokens, ledger));
        Ok(stop)
    }
}

/// Hands the walked tokens to the sink, one by one. If something ends the
/// output on the way, the walk is cut there, as if the rest had not been guessed.
fn emit(
    scratch: &mut Scratch,
    history: &mut Vec<Token>,
    rules: &mut Rules,
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
                let sources = scratch.verified().sources(node);
                Emitted::guessed(token, position, index + 1, sources, ledger)
            }
        };
        let score = rules.chooser.score(index);
        output.scores.extend(score.cloned());
        let broken = sink.token(&emitted.with_score(score)).is_break();
        let stop = rules.stop_after(&output.tokens, broken.then(|| sink.reason()));
        if stop.is_some() {
            scratch.walk.truncate(index + 1);
            return stop;
        }
    }
    None
}
