use std::collections::VecDeque;

use foretoken_core::Token;

/// W trajectories side by side, each N - 1 cells long.
///
/// Cell `(level, column)` is a guess for the token at index
/// `base + level + column` of the text, the base being the index of the root.
/// A column's cells are one guess of consecutive tokens, each the argmax after
/// the ones before when it was made. The level-0 cells are the *trunk*: column
/// `i` was predicted behind the trunk cells `0..=i`. Column 0's trunk cell is
/// no guess but the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    columns: VecDeque<Box<[Token]>>,
}

impl Window {
    /// A full window of start values.
    pub(crate) fn start(columns: usize, levels: usize, mut fill: impl FnMut() -> Token) -> Self {
        let column = |_| (0..levels).map(|_| fill()).collect();
        Self { columns: (0..columns).map(column).collect() }
    }

    pub(crate) fn columns(&self) -> impl Iterator<Item = &[Token]> {
        self.columns.iter().map(AsRef::as_ref)
    }

    pub(crate) fn column(&self, column: usize) -> &[Token] {
        &self.columns[column]
    }

    pub(crate) fn root(&self) -> Token {
        self.columns[0][0]
    }

    pub(crate) fn set_root(&mut self, token: Token) {
        self.columns[0][0] = token;
    }

    /// The pass predicted `newest` after the column: its oldest cell leaves,
    /// the others move down a level, and its base moves on by one.
    pub(crate) fn turn(&mut self, column: usize, newest: Token) {
        let cells = &mut self.columns[column];
        cells.rotate_left(1);
        if let Some(last) = cells.last_mut() {
            *last = newest;
        }
    }

    /// Moves the base on by `columns`: so many leave at the left, whose places
    /// the text has passed, and join again at the right. What they hold there
    /// is a start value like any other, but one that the model wrote itself.
    pub(crate) fn advance(&mut self, columns: usize) {
        let width = self.columns.len();
        self.columns.rotate_left(columns % width);
    }

    /// Puts start values in place of the guesses that `rejects` names.
    pub(crate) fn replace(
        &mut self,
        rejects: impl Fn(Token) -> bool,
        mut fill: impl FnMut() -> Token,
    ) {
        let cells = self.columns.iter_mut().flat_map(|column| column.iter_mut());
        for cell in cells.skip(1).filter(|cell| rejects(**cell)) {
            *cell = fill();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three columns of two levels: 1 2, 3 4, 5 6.
    fn window() -> Window {
        let mut next = 0;
        Window::start(3, 2, || {
            next += 1;
            next
        })
    }

    fn cells(window: &Window) -> Vec<Token> {
        window.columns().flatten().copied().collect()
    }

    #[test]
    fn a_turned_column_moves_on_by_one_and_the_others_stay() {
        let mut window = window();
        window.turn(1, 9);
        assert_eq!(cells(&window), [1, 2, 4, 9, 5, 6]);
    }

    #[test]
    fn columns_that_leave_at_the_left_join_at_the_right() {
        let mut window = window();
        window.advance(2);
        assert_eq!(cells(&window), [5, 6, 1, 2, 3, 4]);
        window.advance(usize::MAX); // A multiple of three.
        assert_eq!(cells(&window), [5, 6, 1, 2, 3, 4]);
    }

    #[test]
    fn the_root_is_never_replaced() {
        let mut window = window();
        window.set_root(7);
        window.replace(|token| token == 7 || token == 4, || 0);
        assert_eq!(cells(&window), [7, 2, 3, 0, 5, 6]);
        assert_eq!(window.root(), 7);
    }
}
