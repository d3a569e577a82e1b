use std::{num::NonZeroUsize, ops::Range};

/// Rows that run together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slice {
    own: Range<usize>,
    rows: usize,
}

impl Slice {
    /// All of `count` rows, at least one: together, or in slices of exactly `strict`.
    pub(super) fn all(count: usize, strict: Option<NonZeroUsize>) -> impl Iterator<Item = Self> {
        let rows = strict.map_or(count, NonZeroUsize::get);
        (0..count).step_by(rows.max(1)).map(move |start| {
            let end = count.min(start.saturating_add(rows));
            Self { own: start..end, rows }
        })
    }

    /// Its first row.
    pub(super) fn start(&self) -> usize {
        self.own.start
    }

    /// Rows of its own.
    pub(super) fn len(&self) -> usize {
        self.own.len()
    }

    /// For each row that runs the one that it is: the last of its own again, where there are no more.
    pub(super) fn nodes(&self) -> impl ExactSizeIterator<Item = usize> + use<> {
        let (start, last) = (self.own.start, self.own.end - 1);
        (0..self.rows).map(move |row| last.min(start + row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_have_as_many_rows_as_asked_for() {
        let all = |count, strict| -> Vec<Vec<usize>> {
            let slices = Slice::all(count, NonZeroUsize::new(strict));
            slices.map(|slice| slice.nodes().collect()).collect()
        };
        assert_eq!(all(3, 0), [[0, 1, 2]]);
        assert_eq!(all(1, 4), [[0, 0, 0, 0]]);
        assert_eq!(all(5, 2), [[0, 1], [2, 3], [4, 4]]);
        assert_eq!(all(4, 2), [[0, 1], [2, 3]]);
    }
}
