use foretoken_core::Token;

use super::automaton::{self, Automaton, START};
use crate::evidence::Evidence;
use crate::expansion::Continuations;
use crate::mixture::Mixture;
use crate::shared::{self, Known, Recent, SharedPool};

/// Contexts of the text that have a say in one distribution, the longest
/// first. Further ones have little left to claim.
const CONTEXTS: usize = 8;
/// A context with more continuations is asked only about those that longer
/// contexts named: none of the others can be probable.
const MANY: u32 = 256;
/// A context names a candidate if it gives it this much of the probability
/// that a guess needs.
const NEGLIGIBLE: f32 = 1.0 / 32.0;
/// The weight of what the text itself says.
const TEXT: f32 = 0.3;
/// The weight of what other sequences said.
const OTHERS: f32 = 0.2;
/// How much more the most recent continuation counts than the others.
const RECENT: f32 = 1.0;

/// Predicts what comes after a path from what the text says of its suffixes,
/// and what a shared pool does.
pub(crate) struct Prediction<'a> {
    automaton: &'a Automaton,
    pool: Option<&'a SharedPool>,
    /// The longest context, in tokens.
    context: usize,
    scratch: &'a mut Scratch,
}

/// What predictions reuse from one another.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scratch {
    mixture: Mixture,
    known: Known,
}

/// A path, as far as it is remembered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Its longest suffix in the text.
    text: automaton::Place,
    /// Its last tokens, for the pool.
    recent: Recent,
}

impl<'a> Prediction<'a> {
    pub(crate) fn new(
        automaton: &'a Automaton,
        pool: Option<&'a SharedPool>,
        context: usize,
        scratch: &'a mut Scratch,
    ) -> Self {
        Self { automaton, pool, context, scratch }
    }

    /// The end of the text.
    pub(crate) fn start(&self) -> Place {
        Place {
            text: self.automaton.suffix(self.context),
            recent: Recent::of(self.automaton.text()),
        }
    }
}

impl Continuations for Prediction<'_> {
    type Place = Place;

    fn after(&mut self, place: &Place, least: f32) -> &[(Token, f32)] {
        let least = least * NEGLIGIBLE;
        let Scratch { mixture, known } = &mut *self.scratch;
        mixture.reset();
        if let Some(pool) = self.pool {
            pool.look_up(&place.recent, known);
        }
        let mut shared = known.contexts().peekable();
        let suffixes = std::iter::successors(Some(place.text), |&at| self.automaton.shorter(at))
            .take_while(|at| at.state != START)
            // Where the text ends nothing follows: no evidence, and none against.
            .filter(|at| self.automaton.followed(at.state) > 0);
        for at in suffixes.take(CONTEXTS) {
            let longer = |(context, _): &(&shared::Context, _)| context.length > at.length as usize;
            while let Some((context, next)) = shared.next_if(longer) {
                mix_shared(context, next, least, mixture);
            }
            mix(self.automaton, at, least, mixture);
        }
        for (context, next) in shared {
            mix_shared(context, next, least, mixture);
        }
        mixture.candidates()
    }

    fn follow(&self, place: &Place, token: Token) -> Place {
        Place {
            text: self.automaton.follow(place.text, token, self.context),
            recent: place.recent.followed_by(token),
        }
    }
}

/// Mixes in what the text says of one of its strings.
fn mix(automaton: &Automaton, place: automaton::Place, least: f32, mixture: &mut Mixture) {
    let state = place.state;
    let degree = automaton.degree(state);
    let followed = automaton.followed(state) as f32;
    let evidence = Evidence { length: place.length as f32, followed, degree: degree as f32 };
    let trust = evidence.trust(TEXT);
    let share = |count: f32| count / (followed + RECENT);
    if degree > MANY || mixture.left() < least {
        let continuation = |token| automaton.continuation(state, token);
        mixture.add_named(trust, |token| {
            share(continuation(token).map_or(0, |at| automaton.count(at)) as f32)
        });
        return;
    }
    let latest = automaton.continuations(state).map(|(_, at)| automaton.end(at)).max();
    let shares = automaton.continuations(state).map(|(token, at)| {
        let recent = if Some(automaton.end(at)) == latest { RECENT } else { 0.0 };
        (token, share(automaton.count(at) as f32 + recent))
    });
    mixture.add(trust, least, shares);
}

/// Mixes in what a shared pool says of one context.
fn mix_shared(context: &shared::Context, next: &[(Token, f32)], least: f32, mixture: &mut Mixture) {
    let &shared::Context { length, followed, degree, .. } = context;
    let trust = Evidence { length: length as f32, followed, degree }.trust(OTHERS);
    mixture.add(trust, least, next.iter().map(|&(token, count)| (token, count / followed)));
}
