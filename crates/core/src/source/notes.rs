use foretoken_tree::{NodeId, SourceId};

use crate::Want;

/// The end of a list of claims.
const NONE: u32 = u32::MAX;

/// What sources said of a draft's nodes besides their tokens: what they want
/// to know of them, how likely each source thinks them, and what verifying
/// them is worth.
///
/// A decoder keeps one and lends it to each step's [`Draft`](crate::Draft)s.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    nodes: Vec<Note>,
    claims: Vec<Listed>,
}

#[derive(Clone, Copy, Debug)]
struct Note {
    want: Want,
    worth: f32,
    claims: u32,
}

const BLANK: Note = Note { want: Want::Nothing, worth: 0.0, claims: NONE };

/// What one source believes of one node.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Claim {
    /// Who.
    pub source: SourceId,
    /// The chance it gives the whole path from the root to the node, in `0.0..=1.0`.
    pub probability: f32,
}

#[derive(Clone, Copy, Debug)]
struct Listed {
    claim: Claim,
    next: u32,
}

impl Notes {
    /// Notes on no node.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets everything, for the next step.
    pub fn clear(&mut self) {
        self.nodes.clear();
        self.claims.clear();
    }

    /// What sources want to know of the token after `node`.
    pub fn want(&self, node: NodeId) -> Want {
        self.note(node).want
    }

    /// The tokens that later steps are expected to gain if `node` is verified
    /// now; infinite if it is to be verified whatever it costs.
    pub fn worth(&self, node: NodeId) -> f32 {
        self.note(node).worth
    }

    /// What each source that proposed `node` believes of it, one claim per source.
    pub fn claims(&self, node: NodeId) -> impl Iterator<Item = Claim> + '_ {
        let mut next = self.note(node).claims;
        std::iter::from_fn(move || {
            let listed = self.claims.get(next as usize)?;
            next = listed.next;
            Some(listed.claim)
        })
    }

    /// What `source` believes of `node`, if it proposed it.
    pub fn claim(&self, node: NodeId, source: SourceId) -> Option<f32> {
        self.claims(node).find(|claim| claim.source == source).map(|claim| claim.probability)
    }

    pub(super) fn add_want(&mut self, node: NodeId, want: Want) {
        let note = self.note_mut(node);
        note.want = note.want.max(want.readable());
    }

    /// Worths of several sources add up.
    pub(super) fn add_worth(&mut self, node: NodeId, tokens: f32) {
        if tokens > 0.0 {
            self.note_mut(node).worth += tokens;
        }
    }

    /// The larger of a source's claims on a node counts.
    pub(super) fn add_claim(&mut self, node: NodeId, source: SourceId, probability: f32) {
        let probability = if probability.is_nan() { 0.0 } else { probability.clamp(0.0, 1.0) };
        let mut next = self.note(node).claims;
        while let Some(listed) = self.claims.get_mut(next as usize) {
            if listed.claim.source == source {
                listed.claim.probability = listed.claim.probability.max(probability);
                return;
            }
            next = listed.next;
        }
        let number = self.claims.len() as u32;
        let next = std::mem::replace(&mut self.note_mut(node).claims, number);
        self.claims.push(Listed { claim: Claim { source, probability }, next });
    }

    fn note(&self, node: NodeId) -> Note {
        self.nodes.get(node.index()).copied().unwrap_or(BLANK)
    }

    fn note_mut(&mut self, node: NodeId) -> &mut Note {
        if self.nodes.len() <= node.index() {
            self.nodes.resize(node.index() + 1, BLANK);
        }
        &mut self.nodes[node.index()]
    }
}
