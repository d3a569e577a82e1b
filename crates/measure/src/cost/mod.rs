//! The time of a pass, by its nodes and its context.

mod machine;
mod measuring;
mod plan;
mod store;

pub use foretoken_core::{ContextCosts, CostTable};
pub use machine::machine;
pub use measuring::calibrate;
pub use plan::Plan;
pub use store::{Store, Subject};
