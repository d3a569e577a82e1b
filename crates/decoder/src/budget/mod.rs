//! Which guesses are worth a row of the pass.

mod budgeter;
mod calibration;
mod choice;
mod curve;
mod rate;

pub(crate) use budgeter::Budgeter;
pub use calibration::Calibration;
