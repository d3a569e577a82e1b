//! Which guesses are worth a row of the pass.

mod budgeter;
mod calibration;
mod choice;
mod curve;
mod experience;
mod mixer;
mod rate;
mod rest;

pub(crate) use budgeter::Budgeter;
pub use calibration::Calibration;
pub use experience::Experience;
