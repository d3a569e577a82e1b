use std::fmt;

/// A candidate source as a tree knows it: a small number.
///
/// Names live with whoever hands the numbers out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u8);

impl SourceId {
    /// How many sources can be told apart in one tree.
    pub const MAX: usize = 64;

    /// The source with this index. Indices of [`SourceId::MAX`] and more share the last one.
    pub fn new(index: usize) -> Self {
        Self(index.min(Self::MAX - 1) as u8)
    }

    /// The index that [`new`](Self::new) was given, at most `MAX - 1`.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// The sources that proposed one node.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct SourceSet(u64);

impl SourceSet {
    /// No source: the root, and the tokens of a prompt.
    pub const EMPTY: Self = Self(0);

    /// Whether no source is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many sources are in the set.
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether `source` is in the set.
    pub fn contains(self, source: SourceId) -> bool {
        self.0 >> source.0 & 1 == 1
    }

    /// Adds `source`.
    pub fn insert(&mut self, source: SourceId) {
        self.0 |= 1 << source.0;
    }

    /// The members, in increasing order.
    pub fn iter(self) -> impl Iterator<Item = SourceId> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            (rest != 0).then(|| {
                let next = rest.trailing_zeros();
                rest &= rest - 1;
                SourceId(next as u8)
            })
        })
    }
}

impl From<SourceId> for SourceSet {
    fn from(source: SourceId) -> Self {
        Self(1 << source.0)
    }
}

impl fmt::Debug for SourceSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(SourceId::index)).finish()
    }
}
