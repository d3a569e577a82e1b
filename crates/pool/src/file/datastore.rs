use std::path::Path;

use super::error::Problem;
use super::{PoolFile, PoolFileError, TokenizerHash};
use crate::Datastore;

/// The section that a datastore is kept in.
const SECTION: &str = "datastore";

impl PoolFile {
    /// Puts a datastore into the file.
    pub fn set_datastore(&mut self, store: &Datastore) {
        self.sections.insert(SECTION.to_owned(), store.section().clone());
    }

    /// The datastore in the file, searched where it lies. `None` also if the
    /// section of that name holds something else.
    pub fn datastore(&self) -> Option<Datastore> {
        self.find_datastore().ok()
    }

    fn find_datastore(&self) -> Result<Datastore, Problem> {
        let section = self.sections.get(SECTION).ok_or(Problem::NoDatastore)?;
        Datastore::of(section.clone()).ok_or(Problem::Damaged)
    }
}

impl Datastore {
    /// Opens the datastore of a pool file, for tokens of `tokenizer`. See [`PoolFile::read`].
    ///
    /// # Errors
    ///
    /// As [`PoolFile::read_for`], or if the file holds no datastore.
    pub fn open(path: impl AsRef<Path>, tokenizer: TokenizerHash) -> Result<Self, PoolFileError> {
        let file = PoolFile::read_for(&path, tokenizer)?;
        file.find_datastore().map_err(|problem| problem.at(path.as_ref()))
    }
}
