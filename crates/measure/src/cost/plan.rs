use foretoken_core::ModelInfo;

use crate::error::{Error, Kind};

/// What to measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    nodes: Vec<usize>,
    contexts: Vec<usize>,
    rounds: usize,
}

impl Plan {
    /// Numbers of nodes in a pass that are measured if nothing else is said.
    pub const NODES: [usize; 12] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
    /// Committed tokens before a pass, as far as the model's context has room for them.
    pub const CONTEXTS: [usize; 3] = [256, 1024, 2048];
    /// Measured passes of each kind.
    pub const ROUNDS: usize = 7;

    /// A plan for these numbers of nodes and these contexts, in any order, each pass measured `rounds` times.
    ///
    /// # Errors
    /// No nodes, no contexts, no rounds; a pass over no node.
    pub fn new(
        nodes: impl Into<Vec<usize>>,
        contexts: impl Into<Vec<usize>>,
        rounds: usize,
    ) -> Result<Self, Error> {
        let (mut nodes, mut contexts) = (nodes.into(), contexts.into());
        for list in [&mut nodes, &mut contexts] {
            list.sort_unstable();
            list.dedup();
        }
        let valid = nodes.first().is_some_and(|&least| least > 0) && !contexts.is_empty();
        if valid && rounds > 0 {
            Ok(Self { nodes, contexts, rounds })
        } else {
            Err(Kind::Plan.into())
        }
    }

    /// The default numbers of nodes and rounds, and the default contexts as far as the model has room: the last one
    /// that has none is replaced by the longest that fits.
    pub fn for_model(info: &ModelInfo) -> Self {
        let most = info.context_length.saturating_sub(room(Self::NODES[11], info.vocabulary));
        let mut contexts: Vec<usize> =
            Self::CONTEXTS.into_iter().map(|context| context.min(most)).collect();
        contexts.dedup();
        Self { nodes: Self::NODES.to_vec(), contexts, rounds: Self::ROUNDS }
    }

    /// The same with other contexts.
    ///
    /// # Errors
    /// No contexts.
    pub fn with_contexts(self, contexts: impl Into<Vec<usize>>) -> Result<Self, Error> {
        Self::new(self.nodes, contexts, self.rounds)
    }

    /// The same with another number of rounds.
    ///
    /// # Errors
    /// No rounds.
    pub fn with_rounds(self, rounds: usize) -> Result<Self, Error> {
        Self::new(self.nodes, self.contexts, rounds)
    }

    /// Numbers of nodes, ascending.
    pub fn nodes(&self) -> &[usize] {
        &self.nodes
    }

    /// Committed tokens before a pass, ascending.
    pub fn contexts(&self) -> &[usize] {
        &self.contexts
    }

    /// Measured passes of each kind.
    pub fn rounds(&self) -> usize {
        self.rounds
    }

    /// Whether the model has room for the largest context and a pass behind it.
    pub(super) fn check(&self, info: &ModelInfo) -> Result<(), Kind> {
        let most = |list: &[usize]| list.last().copied().unwrap_or_default();
        let (context, room) = (most(&self.contexts), room(most(&self.nodes), info.vocabulary));
        let length = info.context_length;
        let fits = context.checked_add(room).is_some_and(|needed| needed <= length);
        if fits { Ok(()) } else { Err(Kind::Context { context, length, room }) }
    }
}

/// Nodes of a chain under the root, in a tree of so many nodes: short ones, as strategies guess, unless the vocabulary is
/// too small for so many children of one node.
pub(super) fn chain_len(nodes: usize, vocabulary: usize) -> usize {
    let guesses = nodes.saturating_sub(1);
    guesses.div_ceil(vocabulary.max(1)).max(4).min(guesses.max(1))
}

/// Positions that a tree of so many nodes takes.
fn room(nodes: usize, vocabulary: usize) -> usize {
    chain_len(nodes, vocabulary) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_are_capped_by_the_model() {
        let contexts =
            |length| Plan::for_model(&ModelInfo::new("", 500, length)).contexts().to_vec();
        assert_eq!(contexts(8192), [256, 1024, 2048]);
        assert_eq!(contexts(2053), [256, 1024, 2048]);
        assert_eq!(contexts(2052), [256, 1024, 2047]);
        assert_eq!(contexts(512), [256, 507]);
        assert_eq!(contexts(100), [95]);
        assert_eq!(contexts(5), [0]);
        for length in [5, 100, 512, 2052, 8192] {
            let info = ModelInfo::new("", 500, length);
            Plan::for_model(&info).check(&info).unwrap();
        }
    }

    #[test]
    fn plans_are_checked_once() {
        let plan = Plan::new([4, 1, 4], [7, 3], 2).unwrap();
        assert_eq!((plan.nodes(), plan.contexts()), (&[1, 4][..], &[3, 7][..]));
        assert!(Plan::new([0, 1], [3], 1).is_err() && Plan::new([], [3], 1).is_err());
        assert!(plan.clone().with_contexts([]).is_err() && plan.clone().with_rounds(0).is_err());
        let error = plan.check(&ModelInfo::new("", 500, 10)).unwrap_err().to_string();
        assert!(error.contains("a context of 7 tokens does not fit"), "{error}");
    }

    #[test]
    fn chains_are_short_where_the_vocabulary_allows() {
        assert_eq!([1, 2, 4, 5, 6, 64].map(|nodes| chain_len(nodes, 500)), [1, 1, 3, 4, 4, 4]);
        assert_eq!((chain_len(64, 3), chain_len(64, 1)), (21, 63));
    }
}
