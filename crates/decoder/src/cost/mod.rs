//! What a pass costs.

mod estimate;
mod prior;

pub(crate) use estimate::CostEstimate;
pub use prior::prior;
