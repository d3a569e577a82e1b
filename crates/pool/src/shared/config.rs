use serde::{Deserialize, Serialize};

use super::recent::ORDER;
use crate::ConfigError;
use crate::config::within;

/// What a [`SharedPool`](crate::SharedPool) keeps.
///
/// Validated by [`SharedPool::new`](crate::SharedPool::new).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SharedPoolConfig {
    /// The longest context, 1 to 8 tokens. Default 4. A published token costs
    /// an entry for each length; more than 4 did not pay where it was measured.
    pub order: usize,
    /// The most contexts that are kept, 1 to 2^26. Default 524288; each takes
    /// some 100 bytes. Those with the smallest decayed counts make room.
    pub capacity: usize,
    /// The published sequences after which a count has half its weight, 1 to
    /// 2^20. Default 256.
    pub half_life: usize,
}

impl Default for SharedPoolConfig {
    fn default() -> Self {
        Self { order: 4, capacity: 1 << 19, half_life: 256 }
    }
}

impl SharedPoolConfig {
    /// The same with a longer or shorter longest context.
    #[must_use]
    pub fn with_order(mut self, tokens: usize) -> Self {
        self.order = tokens;
        self
    }

    /// The same with a larger or smaller pool.
    #[must_use]
    pub fn with_capacity(mut self, contexts: usize) -> Self {
        self.capacity = contexts;
        self
    }

    /// The same with slower or faster decay.
    #[must_use]
    pub fn with_half_life(mut self, sequences: usize) -> Self {
        self.half_life = sequences;
        self
    }

    pub(super) fn validate(self) -> Result<Self, ConfigError> {
        within("order", self.order, 1..=ORDER, "1 to 8")?;
        within("capacity", self.capacity, 1..=1 << 26, "1 to 67108864")?;
        within("half_life", self.half_life, 1..=1 << 20, "1 to 1048576")?;
        Ok(self)
    }
}
