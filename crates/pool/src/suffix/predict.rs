use foretoken_core::Token;

use super::automaton::{Automaton, Place, START};
use crate::evidence::Evidence;
use crate::expansion::Continuations;
use crate::mixture::Mixture;

/// Contexts that have a say in one distribution, the longest first. Further
/// ones have little left to claim.
const CONTEXTS: usize = 8;
/// A context with more continuations is asked only about those that longer
/// contexts named: none of the others can be probable.
const MANY: u32 = 256;
/// A context names a candidate if it gives it this much of the probability that a guess needs.
const NEGLIGIBLE: f32 = 1.0 / 32.0;
/// How much more the most recent continuation counts than the others.
const RECENT: f32 = 1.0;

/// Predicts what comes after a path from what the text says of its suffixes.
pub(crate) struct Prediction<'a> {
    pub(crate) automaton: &'a Automaton,
    /// The longest context, in tokens.
    pub(crate) context: usize,
    pub(crate) mixture: &'a mut Mixture,
}

impl Continuations for Prediction<'_> {
    type Place = Place;

    fn after(&mut self, place: &Place, least: f32) -> &[(Token, f32)] {
        self.mixture.reset();
        let contexts = std::iter::successors(Some(*place), |&place| self.automaton.shorter(place))
            .take_while(|place| place.state != START)
            // Where the text ends nothing follows: no evidence, and none against.
            .filter(|place| self.automaton.followed(place.state) > 0);
        for place in contexts.take(CONTEXTS) {
            mix(self.automaton, place, least, self.mixture);
        }
        self.mixture.candidates()
    }

    fn follow(&self, place: &Place, token: Token) -> Place {
        self.automaton.follow(*place, token, self.context)
    }
}

fn mix(automaton: &Automaton, place: Place, least: f32, mixture: &mut Mixture) {
    let state = place.state;
    let degree = automaton.degree(state);
    let evidence = Evidence {
        length: place.length as usize,
        followed: automaton.followed(state) as f32,
        degree: degree as usize,
    };
    let share = |count: f32| count / (evidence.followed + RECENT);
    let least = least * NEGLIGIBLE;
    if degree > MANY || mixture.left() < least {
        let named =
            |token| automaton.continuation(state, token).map_or(0, |at| automaton.count(at));
        mixture.add_named(evidence.trust(), |token| share(named(token) as f32));
        return;
    }
    let latest = automaton.continuations(state).map(|(_, at)| automaton.end(at)).max();
    let shares = automaton.continuations(state).map(|(token, at)| {
        let recent = if Some(automaton.end(at)) == latest { RECENT } else { 0.0 };
        (token, share(automaton.count(at) as f32 + recent))
    });
    mixture.add(evidence.trust(), least, shares);
}
