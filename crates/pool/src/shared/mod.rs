//! What sequences of one scope share.

mod config;
mod counts;
mod recent;

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use foretoken_core::Token;

pub use config::SharedPoolConfig;
pub(crate) use counts::{Row, WIDTH};
pub(crate) use recent::Recent;

use self::counts::Counts;
use self::recent::suffix_hashes;
use crate::ConfigError;
use crate::hash::Mixed;

/// Pools of fewer contexts are one part, so that their bound is exact.
const UNDIVIDED: usize = 1 << 12;
/// The parts of a larger pool, each with its lock.
const PARTS: usize = 16;

/// A context with so small a count says nothing any more.
const FORGOTTEN: f32 = 1e-3;

/// What followed which last tokens in sequences that are over, with counts.
///
/// A handle: clones are the same pool. Any number of sequences may read while
/// others publish.
///
/// A pool belongs to one *scope*, a tenant or a user, say. What one sequence
/// said becomes a guess for all sequences with a source that has the pool,
/// and how fast guesses come true can be seen from outside; so give two
/// sources one pool only if either may know what the other says.
///
/// A sequence counts once for each context and continuation, however often it
/// repeats them: one that ran into a loop has no more weight than others.
/// Counts decay with the number of sequences that were published since.
/// Contexts are told apart by a hash of 64 bits.
#[derive(Clone)]
pub struct SharedPool(Arc<Shared>);

struct Shared {
    scope: String,
    config: SharedPoolConfig,
    /// The number of published sequences: the time in which counts decay.
    epoch: AtomicU32,
    parts: Vec<RwLock<Counts>>,
}

/// Two pools of different scopes were to be mixed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a pool of the scope {other:?} cannot be merged into one of the scope {scope:?}")]
pub struct ScopeError {
    scope: String,
    other: String,
}

impl SharedPool {
    /// An empty pool.
    ///
    /// # Errors
    ///
    /// If a setting is out of range.
    pub fn new(scope: impl Into<String>, config: SharedPoolConfig) -> Result<Self, ConfigError> {
        let config = config.validate()?;
        let parts = if config.capacity < UNDIVIDED { 1 } else { PARTS };
        let part = || RwLock::new(Counts::new(config.capacity / parts, config.half_life));
        Ok(Self(Arc::new(Shared {
            scope: scope.into(),
            config,
            epoch: AtomicU32::new(0),
            parts: std::iter::repeat_with(part).take(parts).collect(),
        })))
    }

    /// The scope.
    pub fn scope(&self) -> &str {
        &self.0.scope
    }

    /// The settings.
    pub fn config(&self) -> SharedPoolConfig {
        self.0.config
    }

    /// The number of contexts.
    pub fn len(&self) -> usize {
        self.0.parts.iter().map(|part| read(part).len()).sum()
    }

    /// Whether nothing was published yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many sequences were published.
    pub fn sequences(&self) -> u32 {
        self.0.epoch.load(Ordering::Relaxed)
    }

    /// Adds the tokens of `sequence` from index `from` on, each after the
    /// tokens before it, as one sequence.
    pub fn publish(&self, sequence: &[Token], from: usize) {
        let from = from.max(1);
        if from >= sequence.len() {
            return;
        }
        let mut seen = HashSet::<(u64, Token), Mixed>::default();
        let mut by_part = vec![Vec::new(); self.0.parts.len()];
        for (end, &token) in sequence.iter().enumerate().skip(from) {
            for context in suffix_hashes(&sequence[..end]).take(self.0.config.order) {
                if seen.insert((context, token)) {
                    by_part[self.part_of(context)].push((context, token));
                }
            }
        }
        let now = self.0.epoch.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        for (part, entries) in self.0.parts.iter().zip(by_part) {
            let mut part = write(part);
            for (context, token) in entries {
                part.add(context, token, 1.0, now);
            }
        }
    }

    /// Adds all counts of `other`, decayed as they are there.
    ///
    /// # Errors
    ///
    /// If the scopes differ: nothing is merged then.
    pub fn merge(&self, other: &Self) -> Result<(), ScopeError> {
        if self.scope() != other.scope() {
            return Err(ScopeError { scope: self.scope().into(), other: other.scope().into() });
        }
        let (now, then) = (self.sequences(), other.sequences());
        for part in &other.0.parts {
            // A copy, so that no two locks are ever held at once.
            let counts = read(part).clone();
            for (context, row) in counts.sorted() {
                let decay = counts.decay(row.epoch, then);
                let mut part = write(&self.0.parts[self.part_of(context)]);
                for &(token, count) in &row.next {
                    part.add(context, token, count * decay, now);
                }
                let kept: f32 = row.next.iter().map(|(_, count)| count).sum();
                part.add_rest(context, (row.total - kept).max(0.0) * decay);
            }
        }
        Ok(())
    }

    /// Reads what is known of the contexts that `recent` ends with into
    /// `known`, the shortest first.
    pub(crate) fn look_up(&self, recent: &Recent, known: &mut Known) {
        known.contexts.clear();
        known.next.clear();
        let now = self.sequences();
        for (index, hash) in recent.hashes().take(self.0.config.order).enumerate() {
            let part = read(&self.0.parts[self.part_of(hash)]);
            // What is known of a context is known of its suffixes.
            let Some(row) = part.get(hash) else { break };
            let decay = part.decay(row.epoch, now);
            if row.total * decay < FORGOTTEN {
                break;
            }
            let start = known.next.len();
            known.next.extend(row.next.iter().map(|&(token, count)| (token, count * decay)));
            known.contexts.push(Context {
                length: index + 1,
                followed: row.total * decay,
                degree: row.degree(),
                next: start..known.next.len(),
            });
        }
    }

    fn part_of(&self, context: u64) -> usize {
        // The map uses the low and the highest bits.
        (context >> 40) as usize % self.0.parts.len()
    }

    /// All contexts of all parts, for a file.
    pub(crate) fn rows(&self) -> Vec<(u64, Row)> {
        let part = |part| -> Vec<(u64, Row)> {
            let counts = read(part);
            counts.sorted().into_iter().map(|(hash, row)| (hash, row.clone())).collect()
        };
        self.0.parts.iter().flat_map(part).collect()
    }

    /// A pool with these contexts, from a file.
    pub(crate) fn with_rows(
        scope: String,
        config: SharedPoolConfig,
        sequences: u32,
        rows: impl IntoIterator<Item = (u64, Row)>,
    ) -> Result<Self, ConfigError> {
        let pool = Self::new(scope, config)?;
        pool.0.epoch.store(sequences, Ordering::Relaxed);
        for (context, row) in rows {
            write(&pool.0.parts[pool.part_of(context)]).insert(context, row);
        }
        Ok(pool)
    }
}

impl fmt::Debug for SharedPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedPool")
            .field("scope", &self.0.scope)
            .field("config", &self.0.config)
            .field("sequences", &self.sequences())
            .finish_non_exhaustive()
    }
}

/// What a pool knows of the contexts of one path, the shortest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    contexts: Vec<Context>,
    next: Vec<(Token, f32)>,
}

/// One context of a path, with decayed counts.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) length: usize,
    pub(crate) followed: f32,
    pub(crate) degree: f32,
    next: Range<usize>,
}

impl Known {
    /// The contexts that say more than longer ones do, the longest first, with
    /// how often which token followed.
    pub(crate) fn contexts(&self) -> impl Iterator<Item = (&Context, &[(Token, f32)])> {
        let mut followed = 0.0;
        let news = move |context: &&Context| {
            // Seen as often as with more tokens before it: seen at the same places.
            let news = context.followed > followed * 1.001;
            followed = context.followed.max(followed);
            news
        };
        self.contexts
            .iter()
            .rev()
            .filter(news)
            .map(|context| (context, &self.next[context.next.clone()]))
    }
}

// A thread that panicked in between has left counts that are at worst incomplete.
fn read(part: &RwLock<Counts>) -> RwLockReadGuard<'_, Counts> {
    part.read().unwrap_or_else(PoisonError::into_inner)
}

fn write(part: &RwLock<Counts>) -> RwLockWriteGuard<'_, Counts> {
    part.write().unwrap_or_else(PoisonError::into_inner)
}
