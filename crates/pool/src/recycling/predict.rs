use foretoken_core::Token;

use super::successors::Successors;
use crate::expansion::Continuations;
use crate::mixture::Mixture;

/// The chance that what comes next is among what was predicted after the same
/// two tokens before. This and [`SINGLE`] are a fit to what a small
/// instruction-tuned model predicted on prompts of several kinds.
const PAIR: f32 = 0.7;
/// The same for the last token alone.
const SINGLE: f32 = 0.55;

/// The last tokens of a path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) before: Option<Token>,
    pub(crate) last: Token,
}

/// Predicts what comes after a path from what was predicted after its last tokens.
pub(crate) struct Prediction<'a> {
    pub(crate) successors: &'a Successors,
    pub(crate) mixture: &'a mut Mixture,
}

impl Continuations for Prediction<'_> {
    type Place = Place;

    fn after(&mut self, place: &Place, _least: f32) -> &[(Token, f32)] {
        self.mixture.reset();
        let rows = self.successors.after(place.before, place.last);
        for (row, trust) in rows.into_iter().zip([PAIR, SINGLE]) {
            if !row.is_empty() {
                self.mixture.add(trust, 0.0, row.iter().copied());
            }
        }
        self.mixture.candidates()
    }

    fn follow(&self, place: &Place, token: Token) -> Place {
        Place { before: Some(place.last), last: token }
    }
}
