use foretoken_tree::{NodeId, SourceId, TokenTree};

use crate::SourceStatistics;

/// The sources of a generation by number, and what each of them did.
///
/// A decoder keeps one per generation and lends it to each step's
/// [`Draft`](crate::Draft)s.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    sources: Vec<SourceStatistics>,
}

impl Ledger {
    /// A ledger without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of the source called `name`, entered on first sight. Sources
    /// of one name share a number.
    pub fn enter(&mut self, name: &str) -> SourceId {
        let found = self.sources.iter().position(|source| source.name == name);
        SourceId::new(found.unwrap_or_else(|| {
            self.sources.push(SourceStatistics::new(name));
            self.sources.len() - 1
        }))
    }

    /// The name of a source.
    pub fn name(&self, source: SourceId) -> Option<&str> {
        self.sources.get(source.index()).map(|source| source.name.as_str())
    }

    /// The names of all sources in order of their numbers.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().map(|source| source.name.as_str())
    }

    /// The sources that proposed anything, or tried to, in order of their numbers.
    pub fn active(&self) -> impl Iterator<Item = &SourceStatistics> {
        self.sources.iter().filter(|source| source.proposed + source.refused + source.failures > 0)
    }

    /// Counts each node of a verified tree for the sources that proposed it,
    /// and each node of the accepted path below the root as accepted.
    pub fn count_step(&mut self, tree: &TokenTree, accepted: &[NodeId]) {
        for node in tree.nodes().skip(1) {
            self.count(tree, node, false);
        }
        for &node in accepted.iter().filter(|node| !node.is_root()) {
            self.count(tree, node, true);
        }
    }

    fn count(&mut self, tree: &TokenTree, node: NodeId, accepted: bool) {
        for source in tree.sources(node).iter() {
            if let Some(entry) = self.sources.get_mut(source.index()) {
                entry.count(tree.depth(node), accepted);
            }
        }
    }

    pub(crate) fn refused(&mut self, source: SourceId) {
        if let Some(entry) = self.sources.get_mut(source.index()) {
            entry.refused += 1;
        }
    }

    pub(crate) fn failed(&mut self, source: SourceId, error: &crate::SourceError) {
        if let Some(entry) = self.sources.get_mut(source.index()) {
            entry.failures += 1;
            entry.last_failure = Some(error.to_string());
        }
    }
}
