//! What runs leave to one another.

use std::path::PathBuf;

use clap::Args;

/// What runs leave to one another.
#[derive(Debug, Args)]
#[command(next_help_heading = "Pool")]
pub(crate) struct MemoryArgs {
    /// Guess from a pool file, too: what earlier runs said, texts, or both (see `foretoken pool`).
    #[arg(long, value_name = "POOL")]
    pub(crate) pool: Option<PathBuf>,
    /// Add to the pool file what this run says, and what its guesses were worth; a file that is not there is begun.
    #[arg(long, requires = "pool")]
    pub(crate) learn: bool,
}
