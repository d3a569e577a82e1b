//! What one run leaves to the next, in a file.

use std::path::Path;

use foretoken_decoder::Calibration;
use foretoken_pool::{
    Datastore, PoolFile, PoolFileError, Retrieval, SharedPool, SharedPoolConfig, TokenizerHash,
};

use crate::CandidateSource;
use crate::strategy::Spec;

/// The section of a pool file that the calibration is kept in, as JSON.
const CALIBRATION: &str = "calibration";

/// A pool file in use: what was said in its scope, a corpus, and what the sources' claims have turned out to be worth.
///
/// Each part may be missing in a file. What is learned stays in memory until [`write`](Self::write).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use foretoken::{
///     GuessAndVerify, Request, blocking::BlockingDecoder, decoder::{Experience, cost_prior},
///     memory::Memory, strategy,
/// };
/// # let mut model = foretoken_testkit::toy::ToyModel::default();
/// # let tokenizer = foretoken::pool::TokenizerHash::from(7);
/// # let folder = std::env::temp_dir().join(format!("foretoken-memory-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("mine.pool");
///
/// let spec: strategy::Spec = "auto".parse()?;
/// let mut memory = Memory::read_or_new(&path, tokenizer, "me")?;
/// let mut decoder = GuessAndVerify::new(&mut model, memory.source(&spec))
///     .with_experience(Experience::new(cost_prior(), memory.calibration().clone()));
/// decoder.decode_blocking(&Request::new([1, 2, 3]), &mut ())?;
/// memory.set_calibration(decoder.experience().calibration());
/// memory.write(&path)?;
/// # let again = Memory::read_or_new(&path, tokenizer, "me")?;
/// # assert_eq!(again.pool().map(|pool| pool.sequences()), Some(1));
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Memory {
    file: PoolFile,
    pool: Option<SharedPool>,
    datastore: Option<Datastore>,
    calibration: Calibration,
}

impl Memory {
    /// Nothing but an empty pool of a scope.
    pub fn new(tokenizer: TokenizerHash, scope: impl Into<String>) -> Self {
        Self {
            file: PoolFile::new(tokenizer),
            pool: empty_pool(scope),
            datastore: None,
            calibration: Calibration::default(),
        }
    }

    /// What a file holds, for tokens of `tokenizer`. A calibration that cannot be read counts as none.
    ///
    /// # Errors
    /// As [`PoolFile::read_for`].
    pub fn read(path: impl AsRef<Path>, tokenizer: TokenizerHash) -> Result<Self, PoolFileError> {
        let file = PoolFile::read_for(path, tokenizer)?;
        let calibration = file.section(CALIBRATION);
        let calibration = calibration.and_then(|json| serde_json::from_slice(json).ok());
        let (pool, datastore) = (file.pool(), file.datastore());
        Ok(Self { file, pool, datastore, calibration: calibration.unwrap_or_default() })
    }

    /// The same, or [`new`](Self::new) if there is no file. A file that holds no pool is given an empty one.
    ///
    /// # Errors
    /// As [`read`](Self::read), for a file that is there, and if its pool belongs to another scope.
    pub fn read_or_new(
        path: impl AsRef<Path>,
        tokenizer: TokenizerHash,
        scope: impl Into<String>,
    ) -> Result<Self, PoolFileError> {
        let (path, scope) = (path.as_ref(), scope.into());
        if !path.exists() {
            return Ok(Self::new(tokenizer, scope));
        }
        let mut memory = Self::read(path, tokenizer)?;
        match &memory.pool {
            Some(pool) if pool.scope() != scope => Err(PoolFileError::Scope {
                path: path.to_owned(),
                wanted: scope,
                found: pool.scope().to_owned(),
            }),
            _ => {
                memory.begin_pool(scope);
                Ok(memory)
            }
        }
    }

    /// An empty pool of a scope, if there is none.
    pub fn begin_pool(&mut self, scope: impl Into<String>) {
        if self.pool.is_none() {
            self.pool = empty_pool(scope);
        }
    }

    /// Writes all of it, what it does not know included; whole or not at all. What others wrote there since it was read is
    /// replaced: a file has one writer at a time.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&mut self, path: impl AsRef<Path>) -> Result<(), PoolFileError> {
        if let Some(pool) = &self.pool {
            self.file.set_pool(pool);
        }
        if let Ok(json) = serde_json::to_vec(&self.calibration) {
            self.file.set_section(CALIBRATION, json);
        }
        self.file.write(path)
    }

    /// What was said; sources that have it publish there.
    pub fn pool(&self) -> Option<&SharedPool> {
        self.pool.as_ref()
    }

    /// The corpus.
    pub fn datastore(&self) -> Option<&Datastore> {
        self.datastore.as_ref()
    }

    /// What claims have turned out to be worth.
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// Keeps what a decoder has learned.
    pub fn set_calibration(&mut self, calibration: &Calibration) {
        self.calibration = calibration.clone();
    }

    /// A strategy that guesses from all of this, too: the pool [as `Spec` says](Spec::build_with), the corpus as one more source.
    pub fn source(&self, spec: &Spec) -> Box<dyn CandidateSource> {
        let source = self.pool.as_ref().map_or_else(|| spec.build(), |pool| spec.build_with(pool));
        match &self.datastore {
            None => source,
            Some(store) => {
                let corpus: Box<dyn CandidateSource> = Box::new(Retrieval::of(store.clone()));
                Box::new(vec![source, corpus])
            }
        }
    }
}

/// The default settings are valid, so there is one.
fn empty_pool(scope: impl Into<String>) -> Option<SharedPool> {
    SharedPool::new(scope, SharedPoolConfig::default()).ok()
}

/// Tells a model's tokens from those of others.
#[cfg(feature = "candle")]
pub fn tokenizer_hash(tokenizer: &foretoken_candle::Tokenizer) -> TokenizerHash {
    let tokens = 0..tokenizer.vocabulary_size() as u32;
    TokenizerHash::of_vocabulary(tokens.map(|token| tokenizer.token_bytes(token)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_of_one_scope() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.pool");
        let tokenizer = TokenizerHash::from(7);
        Memory::read_or_new(&path, tokenizer, "bob").unwrap().write(&path).unwrap();
        let again = Memory::read_or_new(&path, tokenizer, "bob").unwrap();
        assert_eq!(again.pool().map(SharedPool::scope), Some("bob"));
        let error = Memory::read_or_new(&path, tokenizer, "alice").unwrap_err();
        assert!(matches!(error, PoolFileError::Scope { .. }), "{error}");
        assert!(error.to_string().contains("\"bob\""), "{error}");
    }

    #[test]
    fn a_file_without_a_pool_gets_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("texts.pool");
        let tokenizer = TokenizerHash::from(7);
        PoolFile::new(tokenizer).write(&path).unwrap();
        assert!(Memory::read(&path, tokenizer).unwrap().pool().is_none());
        let memory = Memory::read_or_new(&path, tokenizer, "bob").unwrap();
        assert_eq!(memory.pool().map(SharedPool::scope), Some("bob"));
    }
}
