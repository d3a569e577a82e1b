use std::num::NonZeroUsize;

use foretoken_kernels::{KvType, Level};

/// How the CPU engine computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CpuOptions {
    /// Threads that compute, the calling one included. Default: one for each core that the process may use. Results do
    /// not depend on it.
    pub threads: Option<NonZeroUsize>,
    /// The instruction set. Default: the best of the machine. Logits may differ between levels in their last bits.
    pub level: Option<Level>,
    /// How keys and values are kept. Default: F32. F16 halves a cache's memory and traffic and rounds each key and
    /// value once.
    pub cache: KvType,
}

impl CpuOptions {
    /// Computes with so many threads.
    #[must_use]
    pub fn with_threads(mut self, threads: NonZeroUsize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Computes at an instruction-set level.
    #[must_use]
    pub fn with_level(mut self, level: Level) -> Self {
        self.level = Some(level);
        self
    }

    /// Keeps keys and values in this type.
    #[must_use]
    pub fn with_cache(mut self, cache: KvType) -> Self {
        self.cache = cache;
        self
    }
}
