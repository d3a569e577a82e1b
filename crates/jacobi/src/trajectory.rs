use foretoken_core::Token;

/// The current guesses for the tokens after the last emitted one: one state of
/// the fixed-point iteration.
///
/// Guess `k` (from 0) stands for the token at index `len + k` of the history,
/// whatever happens in between: guesses move with the text, not with steps.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trajectory {
    guesses: Vec<Token>,
    /// The length of the history that the guesses follow.
    len: usize,
}

impl Trajectory {
    /// Forgets all guesses.
    pub(crate) fn clear(&mut self) {
        self.guesses.clear();
        self.len = 0;
    }

    /// Makes the guesses follow a history of `len` tokens: those that a longer
    /// history has overtaken are dropped. After a shorter one (the sequence was
    /// cut back) there is nothing to keep.
    pub(crate) fn follow(&mut self, len: usize) {
        match len.checked_sub(self.len) {
            Some(passed) => drop(self.guesses.drain(..passed.min(self.guesses.len()))),
            None => self.guesses.clear(),
        }
        self.len = len;
    }

    /// Has exactly `window` guesses: more are dropped, missing ones come from
    /// `fill`, which is given the token before; so is any guess that `rejects`.
    /// `root` stands before the first guess.
    pub(crate) fn fill(
        &mut self,
        window: usize,
        root: Token,
        rejects: impl Fn(Token) -> bool,
        mut fill: impl FnMut(Token) -> Token,
    ) {
        let mut before = root;
        for at in 0..window {
            match self.guesses.get(at) {
                Some(&guess) if !rejects(guess) => {}
                Some(_) => self.guesses[at] = fill(before),
                None => self.guesses.push(fill(before)),
            }
            before = self.guesses[at];
        }
        self.guesses.truncate(window);
    }

    /// One iteration: `next(k)` is what the pass predicts after guess `k`, if
    /// it was observed, and becomes guess `k + 1`; the others stay.
    pub(crate) fn iterate(&mut self, next: impl Fn(usize) -> Option<Token>) {
        for at in 0..self.guesses.len() {
            if let Some(token) = next(at) {
                match self.guesses.get_mut(at + 1) {
                    Some(guess) => *guess = token,
                    None => self.guesses.push(token),
                }
            }
        }
    }

    pub(crate) fn guesses(&self) -> &[Token] {
        &self.guesses
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn following(len: usize, guesses: &[Token]) -> Trajectory {
        Trajectory { guesses: guesses.to_vec(), len }
    }

    #[test]
    fn each_prediction_becomes_the_next_guess() {
        let mut trajectory = following(3, &[10, 11, 12]);
        trajectory.iterate(|at| Some(20 + at as Token));
        assert_eq!(trajectory.guesses(), [10, 20, 21, 22]);
    }

    #[test]
    fn an_unobserved_guess_changes_nothing() {
        let mut trajectory = following(3, &[10, 11, 12, 13]);
        trajectory.iterate(|at| (at == 1).then_some(21));
        assert_eq!(trajectory.guesses(), [10, 11, 21, 13]);
        trajectory.iterate(|_| None);
        assert_eq!(trajectory.guesses(), [10, 11, 21, 13]);
    }

    #[test]
    fn guesses_stand_for_places_in_the_text() {
        let mut trajectory = following(3, &[10, 11, 12]);
        trajectory.follow(5);
        assert_eq!(trajectory.guesses(), [12]);
        trajectory.follow(9);
        assert_eq!(trajectory.guesses(), []);
    }

    #[test]
    fn nothing_is_kept_when_the_text_is_cut_back() {
        let mut trajectory = following(5, &[10, 11]);
        trajectory.follow(4);
        assert_eq!(trajectory.guesses(), []);
    }

    #[test]
    fn the_tail_and_rejected_guesses_are_filled_from_the_token_before() {
        let mut trajectory = following(3, &[10, 0, 12]);
        trajectory.fill(5, 9, |token| token == 0, |before| before + 100);
        assert_eq!(trajectory.guesses(), [10, 110, 12, 112, 212]);
        trajectory.fill(2, 9, |_| false, |before| before);
        assert_eq!(trajectory.guesses(), [10, 110]);
    }
}
