//! How guesses are verified.

use clap::{Args, ValueEnum};
use foretoken::decoder::BudgetMode;

/// How guesses are verified. None of it changes what is said.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Which guesses are verified: those that are worth their time, or all within --max-nodes.
    #[arg(long, value_name = "MODE", value_enum, default_value = "adaptive")]
    pub(crate) budget: Budget,
    /// Most guesses in one pass.
    #[arg(long, value_name = "N", default_value_t = VerifyArgs::default().max_nodes)]
    #[arg(value_parser = clap::value_parser!(u16).range(0..=1024))]
    pub(crate) max_nodes: u16,
}

/// How guesses are chosen.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Budget {
    Adaptive,
    Fixed,
}

impl From<Budget> for BudgetMode {
    fn from(budget: Budget) -> Self {
        match budget {
            Budget::Adaptive => Self::Adaptive,
            Budget::Fixed => Self::Fixed,
        }
    }
}

impl Default for VerifyArgs {
    fn default() -> Self {
        Self { budget: Budget::Adaptive, max_nodes: 64 }
    }
}
