use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use foretoken_core::{
    Model, ModelError, NodeId, SeqId, SourceId, Step, Token, TokenTree, Want,
    blocking::{BlockingModel, BlockingPass},
    tree::Limits,
};

use super::{ContextCosts, CostTable, Plan, plan::chain_len};
use crate::{Error, Progress};

/// Tokens of a pass that commits a context.
const CHUNK: usize = 128;

/// Measures t(n) on a model, which needs a free sequence; `None` if `watch` breaks it off.
///
/// Passes are those of real steps: a tree of short chains under the root, the most likely token wanted of every node and
/// asked for. Nothing is committed between them. Each round runs every number of nodes once and begins with another
/// one, so that a disturbance hits all alike; the first round only warms up, and each time is the median of the others.
///
/// # Errors
/// A context that the model has no room for; what the model says.
pub fn calibrate<M: Model + ?Sized>(
    model: &mut M,
    plan: &Plan,
    watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Option<CostTable>, Error> {
    plan.check(model.info())?;
    let seq = model.open()?;
    let result = Calibration::new(model, seq, plan, watch).run(plan);
    model.close(seq);
    Ok(result?.map(CostTable::new).transpose()?)
}

struct Calibration<'a, M: ?Sized> {
    model: &'a mut M,
    seq: SeqId,
    trees: Vec<TokenTree>,
    progress: Progress,
    watch: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
}

impl<'a, M: Model + ?Sized> Calibration<'a, M> {
    fn new(
        model: &'a mut M,
        seq: SeqId,
        plan: &Plan,
        watch: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Self {
        let vocabulary = model.info().vocabulary;
        let trees = plan.nodes().iter().map(|&nodes| tree(nodes, vocabulary)).collect();
        let rounds = plan.rounds().saturating_add(1).saturating_mul(plan.contexts().len());
        let rows = plan.nodes().iter().sum::<usize>().saturating_mul(rounds);
        let context = plan.contexts().last().copied().unwrap_or_default();
        let progress = Progress { done: 0, total: rows.saturating_add(context) as u64 };
        Self { model, seq, trees, progress, watch }
    }

    /// The costs of all contexts; `None` if broken off.
    fn run(mut self, plan: &Plan) -> Result<Option<Vec<ContextCosts>>, ModelError> {
        let mut all = Vec::with_capacity(plan.contexts().len());
        for &context in plan.contexts() {
            if self.commit(context)?.is_break() {
                return Ok(None);
            }
            let Some(times) = self.rounds(plan.rounds())? else { return Ok(None) };
            let medians = times.into_iter().map(median);
            let points = plan.nodes().iter().copied().zip(medians).collect();
            all.push(ContextCosts { context, points });
        }
        Ok(Some(all))
    }

    /// Makes the sequence so many tokens long, which is no less than it was.
    fn commit(&mut self, context: usize) -> Result<ControlFlow<()>, ModelError> {
        let vocabulary = self.model.info().vocabulary;
        while self.model.len(self.seq) < context {
            let start = self.model.len(self.seq);
            let tokens: Vec<Token> =
                (start..context.min(start + CHUNK)).map(|at| token(at, vocabulary)).collect();
            let chain = TokenTree::chain(tokens[0], &tokens[1..]);
            drop(self.model.forward_blocking(&[Step::new(self.seq, &chain, &[])])?);
            self.model.commit(self.seq, &chain.nodes().collect::<Vec<_>>())?;
            if self.report(chain.len()).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// For each tree its times.
    fn rounds(&mut self, rounds: usize) -> Result<Option<Vec<Vec<Duration>>>, ModelError> {
        let count = self.trees.len();
        let mut times = vec![Vec::new(); count];
        for round in 0..=rounds {
            for turn in 0..count {
                let index = (round + turn) % count;
                let time = self.pass(index)?;
                if round > 0 {
                    times[index].push(time);
                }
                if self.report(self.trees[index].len()).is_break() {
                    return Ok(None);
                }
            }
        }
        Ok(Some(times))
    }

    fn pass(&mut self, index: usize) -> Result<Duration, ModelError> {
        let tree = &self.trees[index];
        let wants = vec![Want::Argmax; tree.len()];
        let step = Step::new(self.seq, tree, &wants);
        let started = Instant::now();
        let mut pass = self.model.forward_blocking(&[step])?;
        for node in tree.nodes() {
            pass.argmax_blocking(0, node)?;
        }
        Ok(started.elapsed())
    }

    fn report(&mut self, rows: usize) -> ControlFlow<()> {
        self.progress.done += rows as u64;
        (self.watch)(self.progress)
    }
}

/// Chains under the root, of so many nodes in all.
fn tree(nodes: usize, vocabulary: usize) -> TokenTree {
    let mut tree = TokenTree::new(token(0, vocabulary), Limits::UNLIMITED);
    let length = chain_len(nodes, vocabulary);
    let mut parent = NodeId::ROOT;
    for guess in 0..nodes.saturating_sub(1) {
        if guess % length == 0 {
            parent = NodeId::ROOT;
        }
        // Children of the root differ, since there are no more of them than tokens.
        let token = ((guess / length) % vocabulary.max(1)) as Token;
        parent = tree.add(parent, token, SourceId::new(0), 0.5).unwrap_or(parent);
    }
    tree
}

/// A token of a context without repetitions worth mentioning.
fn token(position: usize, vocabulary: usize) -> Token {
    ((position as u64).wrapping_mul(2_654_435_761) % vocabulary.max(1) as u64) as Token
}

/// Seconds; the middle of the times, of which there is at least one.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    let middle = (times[(times.len() - 1) / 2] + times[times.len() / 2]) / 2;
    // A clock that did not move is still a time.
    middle.as_secs_f64().max(1e-9)
}

#[cfg(test)]
mod tests {
    use foretoken_testkit::toy::{ToyConfig, ToyModel};
    use proptest::prelude::*;

    use super::*;

    fn model(context_length: usize, vocabulary: usize) -> ToyModel {
        ToyModel::new(ToyConfig { context_length, vocabulary, ..ToyConfig::default() })
    }

    #[test]
    fn every_point_of_the_plan_is_measured() {
        let mut model = model(64, 50);
        let plan = Plan::new([1, 5, 20], [10, 0, 59], 3).unwrap();
        let mut heard = Vec::new();
        let table = calibrate(&mut model, &plan, &mut |progress| {
            heard.push(progress);
            ControlFlow::Continue(())
        });
        let table = table.unwrap().unwrap();
        let contexts: Vec<usize> = table.contexts().iter().map(|costs| costs.context).collect();
        assert_eq!(contexts, [0, 10, 59]);
        for costs in table.contexts() {
            let nodes: Vec<usize> = costs.points.iter().map(|point| point.0).collect();
            assert_eq!(nodes, [1, 5, 20]);
        }
        assert!(heard.is_sorted_by_key(|progress| progress.done));
        let last = heard.last().unwrap();
        assert_eq!(last.done, last.total);
        assert_eq!(last.total, 26 * 4 * 3 + 59);
    }

    #[test]
    fn what_does_not_fit_is_refused_and_a_break_is_heeded() {
        let mut model = model(64, 50);
        let plan = Plan::new([20], [60], 1).unwrap();
        let go_on = &mut |_| ControlFlow::Continue(());
        assert!(calibrate(&mut model, &plan, go_on).is_err());
        let plan = plan.with_contexts([59]).unwrap();
        for broken_off_after in [0, 100, 150] {
            let mut rows = 0;
            let result = calibrate(&mut model, &plan, &mut |progress| {
                rows = progress.done;
                if rows > broken_off_after {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            });
            // 59 rows to commit and two rounds of 20.
            assert_eq!(result.unwrap().is_some(), broken_off_after > 99);
            assert!(rows <= 99);
        }
    }

    proptest! {
        #[test]
        fn trees_have_as_many_nodes_as_asked_for(nodes in 1usize..100, vocabulary in 1usize..40) {
            let tree = tree(nodes, vocabulary);
            prop_assert_eq!(tree.len(), nodes);
            prop_assert!(tree.height() <= chain_len(nodes, vocabulary));
            prop_assert!(tree.tokens().iter().all(|&token| (token as usize) < vocabulary));
        }
    }

    #[test]
    fn medians() {
        let of =
            |times: &[u64]| median(times.iter().map(|&time| Duration::from_millis(time)).collect());
        assert_eq!((of(&[9, 1, 2]), of(&[4, 1]), of(&[0])), (0.002, 0.0025, 1e-9));
    }
}
