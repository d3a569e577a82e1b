use serde::{Deserialize, Serialize};

/// How fast weights follow what happens.
const RATE: f32 = 0.02;

/// Log-odds that no chance exceeds: 1 in 400.
const REACH: f32 = 6.0;

/// Weights of several sources that speak of the same place, learned online.
///
/// The log-odds of what they say are added up, each with its source's weight:
/// logistic mixing, as compressors mix the models of the PAQ family (Mahoney,
/// 2005). There is a set of weights for each set of sources, since what one
/// adds depends on who else speaks; a source that speaks alone is not mixed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Mixer {
    sets: Vec<Set>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Set {
    /// Ascending.
    sources: Vec<usize>,
    weights: Vec<f32>,
}

/// What each source says of one node: its number, and the chance it gives.
pub(crate) type Voices = Vec<(usize, f32)>;

impl Mixer {
    /// The chance of what `voices`, by ascending source, say together.
    pub(crate) fn chance(&self, voices: &Voices) -> f32 {
        match voices.as_slice() {
            [] => 0.0,
            [(_, chance)] => *chance,
            several => match self.find(voices) {
                Some(set) => squash(sum(&set.weights, several)),
                None => squash(sum(&first(several.len()), several)),
            },
        }
    }

    /// It turned out `right`, or not.
    pub(crate) fn learn(&mut self, voices: &Voices, right: bool) {
        if voices.len() < 2 {
            return;
        }
        let error = f32::from(u8::from(right)) - self.chance(voices);
        let known = self.sets.iter().position(|set| set.is_of(voices));
        let set = known.unwrap_or_else(|| {
            let sources = voices.iter().map(|&(source, _)| source).collect();
            self.sets.push(Set { sources, weights: first(voices.len()) });
            self.sets.len() - 1
        });
        for (weight, &(_, chance)) in self.sets[set].weights.iter_mut().zip(voices) {
            *weight = (*weight + RATE * error * stretch(chance)).clamp(-2.0, 4.0);
        }
    }

    fn find(&self, voices: &Voices) -> Option<&Set> {
        self.sets.iter().find(|set| set.is_of(voices))
    }
}

impl Set {
    fn is_of(&self, voices: &Voices) -> bool {
        self.sources.iter().eq(voices.iter().map(|(source, _)| source))
    }
}

/// Weights to start with: sources know the same text, so that two of them say
/// less than twice as much.
fn first(sources: usize) -> Vec<f32> {
    vec![1.2 / sources as f32; sources]
}

fn sum(weights: &[f32], voices: &[(usize, f32)]) -> f32 {
    weights.iter().zip(voices).map(|(weight, &(_, chance))| weight * stretch(chance)).sum()
}

/// Log-odds.
fn stretch(chance: f32) -> f32 {
    (chance / (1.0 - chance)).ln().clamp(-REACH, REACH)
}

fn squash(odds: f32) -> f32 {
    1.0 / (1.0 + (-odds).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn learns_whom_to_follow_where_two_disagree() {
        let mut mixer = Mixer::default();
        // Source 3 is right, source 7 says the opposite.
        for round in 0..3000 {
            let right = round % 3 == 0;
            let chance = if right { 0.9 } else { 0.1 };
            mixer.learn(&vec![(3, chance), (7, 1.0 - chance)], right);
        }
        assert!(mixer.chance(&vec![(3, 0.9), (7, 0.1)]) > 0.8);
        assert!(mixer.chance(&vec![(3, 0.1), (7, 0.9)]) < 0.2);
        assert_eq!(mixer.chance(&vec![(7, 0.25)]), 0.25, "alone it is believed");
    }

    #[test]
    fn agreement_says_more_than_one_alone() {
        let mixer = Mixer::default();
        assert!(mixer.chance(&vec![(0, 0.7), (1, 0.7)]) > 0.7);
        assert!(mixer.chance(&vec![(0, 0.0), (1, 1.0)]).is_finite());
        assert_eq!(mixer.chance(&vec![]), 0.0);
    }
}
