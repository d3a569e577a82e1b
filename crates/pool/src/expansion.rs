use std::cmp::Ordering;
use std::collections::BinaryHeap;

use foretoken_core::{Context, Draft, NodeId, Token};

/// What a source knows of the tokens that come after a path.
pub(crate) trait Continuations {
    /// All that it needs to remember of a path.
    type Place;

    /// The tokens that may follow the path of `place`, each once, with their
    /// probabilities. Those below `least` may be left out.
    fn after(&mut self, place: &Self::Place, least: f32) -> &[(Token, f32)];

    /// The path of `place` with `token` after it.
    fn follow(&self, place: &Self::Place, token: Token) -> Self::Place;
}

/// A guess that waits to be added.
struct Guess {
    probability: f32,
    /// The number of guesses that were found before it.
    found: usize,
    parent: NodeId,
    /// The place of the path to its parent.
    place: usize,
    token: Token,
    depth: usize,
}

/// Adds guesses from `start` on, the most probable path first, until the
/// draft is full or no path is left that has the probability `floor`.
///
/// A guess that ends the output is left out, and what would follow it: the
/// model's own choice after the path before it costs no row.
pub(crate) fn expand<C: Continuations>(
    continuations: &mut C,
    start: C::Place,
    floor: f32,
    context: &Context<'_>,
    draft: &mut Draft<'_>,
) {
    // A path of d guesses yields d + 1 tokens.
    let deepest = draft.budget().depth.min(context.remaining.saturating_sub(1));
    let mut places = Vec::new();
    let mut waiting = BinaryHeap::new();
    let mut found = 0;
    let (mut node, mut place, mut probability, mut depth) = (NodeId::ROOT, start, 1.0, 0);
    loop {
        if depth < deepest {
            for &(token, share) in continuations.after(&place, floor / probability) {
                let probability = probability * share;
                if probability >= floor && !context.end_of_sequence.contains(token) {
                    let (parent, depth, place) = (node, depth + 1, places.len());
                    waiting.push(Guess { probability, found, parent, place, token, depth });
                    found += 1;
                }
            }
            places.push(place);
        }
        // What is in the tree already costs nothing, so a full draft may still be joined.
        let next = std::iter::from_fn(|| waiting.pop()).find_map(|guess| {
            let Guess { parent, token, probability, .. } = guess;
            let free = draft.remaining() > 0 || draft.tree().child(parent, token).is_some();
            let added = if free { draft.add(parent, token, probability) } else { None };
            added.map(|node| (node, guess))
        });
        let Some((added, guess)) = next else { break };
        node = added;
        place = continuations.follow(&places[guess.place], guess.token);
        (probability, depth) = (guess.probability, guess.depth);
    }
}

impl Ord for Guess {
    /// The more probable guess is greater; among equals, the one found first.
    fn cmp(&self, other: &Self) -> Ordering {
        let by_probability = self.probability.total_cmp(&other.probability);
        by_probability.then_with(|| other.found.cmp(&self.found))
    }
}

impl PartialOrd for Guess {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Guess {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Guess {}
