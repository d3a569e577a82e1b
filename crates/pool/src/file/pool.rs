use std::path::Path;

use super::bytes::Reader;
use super::error::Problem;
use super::{PoolFile, PoolFileError, TokenizerHash};
use crate::SharedPoolConfig;
use crate::shared::{Row, SharedPool, WIDTH};

/// The section that a shared pool is kept in.
const SECTION: &str = "shared-pool";

impl SharedPool {
    /// Writes the pool to a file of its own. See [`PoolFile::write`].
    ///
    /// # Errors
    ///
    /// If the file cannot be written; what was there before is still there then.
    pub fn save(
        &self,
        path: impl AsRef<Path>,
        tokenizer: TokenizerHash,
    ) -> Result<(), PoolFileError> {
        let mut file = PoolFile::new(tokenizer);
        file.set_pool(self);
        file.write(path)
    }

    /// Reads the pool of a file, for tokens of `tokenizer`.
    ///
    /// # Errors
    ///
    /// As [`PoolFile::read_for`], or if the file holds no pool.
    pub fn load(path: impl AsRef<Path>, tokenizer: TokenizerHash) -> Result<Self, PoolFileError> {
        let file = PoolFile::read_for(&path, tokenizer)?;
        let pool = file.parse_pool().and_then(|pool| pool.ok_or(Problem::NoPool));
        pool.map_err(|problem| problem.at(path.as_ref()))
    }
}

impl PoolFile {
    /// Puts a pool into the file, as it is now.
    pub fn set_pool(&mut self, pool: &SharedPool) {
        self.set_section(SECTION, to_bytes(pool));
    }

    /// The pool in the file, if there is one. `None` also if the section of
    /// that name holds something else.
    pub fn pool(&self) -> Option<SharedPool> {
        self.parse_pool().ok().flatten()
    }

    fn parse_pool(&self) -> Result<Option<SharedPool>, Problem> {
        let Some(data) = self.section(SECTION) else { return Ok(None) };
        parse(Reader::new(data)).map(Some).ok_or(Problem::Damaged)
    }
}

/// Scope, settings, the number of sequences, the number of contexts; then for
/// each its hash, epoch, total count, the number of continuations, and these.
fn to_bytes(pool: &SharedPool) -> Vec<u8> {
    let config = pool.config();
    let rows = pool.rows();
    let mut bytes = Vec::new();
    bytes.extend((pool.scope().len() as u64).to_le_bytes());
    bytes.extend(pool.scope().as_bytes());
    for setting in [config.order, config.capacity, config.half_life] {
        bytes.extend((setting as u32).to_le_bytes());
    }
    bytes.extend(pool.sequences().to_le_bytes());
    bytes.extend((rows.len() as u64).to_le_bytes());
    for (context, row) in rows {
        bytes.extend(context.to_le_bytes());
        bytes.extend(row.epoch.to_le_bytes());
        bytes.extend(row.total.to_le_bytes());
        bytes.push(row.next.len() as u8);
        for (token, count) in row.next {
            bytes.extend(token.to_le_bytes());
            bytes.extend(count.to_le_bytes());
        }
    }
    bytes
}

fn parse(mut reader: Reader<'_>) -> Option<SharedPool> {
    let length = usize::try_from(reader.u64()?).ok()?;
    let scope = String::from_utf8(reader.take(length)?.to_vec()).ok()?;
    let mut setting = || reader.u32().map(|setting| setting as usize);
    let config = SharedPoolConfig::default()
        .with_order(setting()?)
        .with_capacity(setting()?)
        .with_half_life(setting()?);
    let sequences = reader.u32()?;
    let contexts = reader.u64()?;
    let rows: Option<Vec<(u64, Row)>> = (0..contexts).map(|_| row(&mut reader)).collect();
    let rows = rows.filter(|_| reader.is_empty())?;
    SharedPool::with_rows(scope, config, sequences, rows).ok()
}

fn row(reader: &mut Reader<'_>) -> Option<(u64, Row)> {
    let (context, epoch, total) = (reader.u64()?, reader.u32()?, reader.count()?);
    let length = reader.u8().map(usize::from).filter(|length| (1..=WIDTH).contains(length))?;
    let next: Option<Vec<_>> =
        (0..length).map(|_| Some((reader.u32()?, reader.count()?))).collect();
    Some((context, Row { epoch, total, next: next? }))
}
