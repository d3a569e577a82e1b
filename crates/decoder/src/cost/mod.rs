//! What a pass costs.

mod estimate;
mod table;

pub(crate) use estimate::CostEstimate;
pub use table::{CostRow, CostTable};
