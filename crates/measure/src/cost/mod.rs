//! The time of a pass, by its nodes and its context.

mod machine;
mod measuring;
mod plan;
mod store;
mod table;

pub use machine::machine;
pub use measuring::calibrate;
pub use plan::Plan;
pub use store::{Store, Subject};
pub use table::{ContextCosts, CostTable};
