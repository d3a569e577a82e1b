//! Which rows of a pass each row of it sees.

use crate::error::{KernelError, Kind};

/// The paths of a pass's rows to their root: what each row sees besides the committed prefix.
///
/// A row's path starts at a root, ends with the row itself, and its length gives the row's position.
#[derive(Clone, Copy, Debug)]
pub struct Ancestors<'a> {
    form: Form<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Form<'a> {
    Chain { rows: usize },
    Tree { offsets: &'a [u32], indices: &'a [u32] },
}

impl<'a> Ancestors<'a> {
    /// Row `i` sees the rows `0..=i`: a prompt, or a single row.
    pub fn chain(rows: usize) -> Self {
        Self { form: Form::Chain { rows } }
    }

    /// Row `i` sees the rows `indices[offsets[i]..offsets[i + 1]]`, from the root to `i` itself.
    ///
    /// # Errors
    /// If a path is empty, does not end with its own row, or is not its parent's path and itself.
    pub fn tree(offsets: &'a [u32], indices: &'a [u32]) -> Result<Self, KernelError> {
        let refuse = |what| Err(Kind::Refused { what }.into());
        let path = |i: usize| indices.get(*offsets.get(i)? as usize..*offsets.get(i + 1)? as usize);
        let rows = offsets.len().saturating_sub(1);
        for row in 0..rows {
            let Some(path_here) = path(row) else {
                return refuse(
                    "offsets of ancestor paths must increase and stay within the indices",
                );
            };
            let Some((last, above)) = path_here.split_last() else {
                return refuse("a row's ancestor path must not be empty");
            };
            if *last as usize != row {
                return refuse("a row's ancestor path must end with the row itself");
            }
            if let Some(parent) = above.last()
                && (*parent as usize >= row || path(*parent as usize) != Some(above))
            {
                return refuse(
                    "a row's ancestor path must be its parent's path and itself, parents first",
                );
            }
        }
        Ok(Self { form: Form::Tree { offsets, indices } })
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        match self.form {
            Form::Chain { rows } => rows,
            Form::Tree { offsets, .. } => offsets.len().saturating_sub(1),
        }
    }

    /// The number of ancestors of a row: its position behind the committed prefix.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn depth(&self, row: usize) -> usize {
        match self.form {
            Form::Chain { .. } => row,
            Form::Tree { offsets, .. } => (offsets[row + 1] - offsets[row]) as usize - 1,
        }
    }

    /// A row's path, or `None` in a chain, where it is `0..=row`.
    #[inline(always)]
    pub(super) fn path(&self, row: usize) -> Option<&'a [u32]> {
        match self.form {
            Form::Chain { .. } => None,
            Form::Tree { offsets, indices } => {
                Some(&indices[offsets[row] as usize..offsets[row + 1] as usize])
            }
        }
    }

    pub(super) fn is_chain(&self) -> bool {
        matches!(self.form, Form::Chain { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_must_lead_through_parents() {
        // 0 -> 1 -> 3, 0 -> 2.
        let offsets = [0, 1, 3, 5, 8];
        let tree = Ancestors::tree(&offsets, &[0, 0, 1, 0, 2, 0, 1, 3]).unwrap();
        assert_eq!(tree.rows(), 4);
        assert_eq!((0..4).map(|row| tree.depth(row)).collect::<Vec<_>>(), [0, 1, 1, 2]);
        for (offsets, indices) in [
            (vec![0, 1, 3], vec![0, 0, 0]),
            (vec![0, 1, 1], vec![0]),
            (vec![0, 1, 3], vec![0, 0]),
            (vec![0, 2, 3], vec![1, 0, 1]),
            (vec![0, 1, 3, 5, 7], vec![0, 0, 1, 0, 2, 1, 3]),
            (vec![3, 1], vec![0, 0, 0]),
        ] {
            assert!(Ancestors::tree(&offsets, &indices).is_err(), "{offsets:?} {indices:?}");
        }
        assert_eq!(Ancestors::tree(&[], &[]).unwrap().rows(), 0);
        assert_eq!(Ancestors::chain(5).depth(4), 4);
    }
}
