use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::seconds;

/// What a generation took.
///
/// Durations serialize as seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Statistics {
    /// Tokens of the prompt.
    pub prompt_tokens: usize,
    /// Those of them that were in the cache already.
    #[serde(default)]
    pub reused_tokens: usize,
    /// Tokens that came out.
    pub generated_tokens: usize,
    /// Verifying passes, prefill excluded.
    pub steps: usize,
    /// Nodes of all verifying passes, roots included.
    pub nodes: usize,
    /// Passes over the prompt, and sources reading it.
    #[serde(with = "seconds")]
    pub prefill_time: Duration,
    /// Sources proposing.
    #[serde(with = "seconds")]
    pub propose_time: Duration,
    /// Forward passes.
    #[serde(with = "seconds")]
    pub forward_time: Duration,
    /// Walks, and reading what sources wanted to know.
    #[serde(with = "seconds")]
    pub walk_time: Duration,
    /// Moving the accepted path's cache rows.
    #[serde(with = "seconds")]
    pub commit_time: Duration,
    /// Sources observing.
    #[serde(with = "seconds")]
    pub observe_time: Duration,
    /// Each source's part.
    pub sources: Vec<SourceStatistics>,
}

impl Statistics {
    /// Tokens that came out per verifying pass; 1 for plain decoding.
    pub fn tokens_per_step(&self) -> f64 {
        ratio(self.generated_tokens, self.steps)
    }

    /// Nodes per verifying pass; 1 for plain decoding.
    pub fn nodes_per_step(&self) -> f64 {
        ratio(self.nodes, self.steps)
    }

    /// All but the prefill.
    pub fn decode_time(&self) -> Duration {
        self.propose_time
            + self.forward_time
            + self.walk_time
            + self.commit_time
            + self.observe_time
    }
}

/// What one source did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SourceStatistics {
    /// The source's name.
    pub name: String,
    /// Its nodes that were verified.
    pub proposed: usize,
    /// Those of them that were on an accepted path.
    pub accepted: usize,
    /// The same by depth; the first entry is depth 1.
    pub by_depth: Vec<DepthCount>,
    /// Guesses that the draft refused.
    pub refused: usize,
    /// Proposals that ended in an error.
    pub failures: usize,
    /// The last of these errors.
    pub last_failure: Option<String>,
}

/// Nodes of one source at one depth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepthCount {
    /// Verified.
    pub proposed: usize,
    /// On an accepted path.
    pub accepted: usize,
}

impl SourceStatistics {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Counts one node at `depth`, at least 1.
    pub(crate) fn count(&mut self, depth: usize, accepted: bool) {
        if self.by_depth.len() < depth {
            self.by_depth.resize(depth, DepthCount::default());
        }
        let at_depth = &mut self.by_depth[depth - 1];
        if accepted {
            self.accepted += 1;
            at_depth.accepted += 1;
        } else {
            self.proposed += 1;
            at_depth.proposed += 1;
        }
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
