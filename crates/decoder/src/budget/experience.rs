use foretoken_core::CostTable;

use super::{Budgeter, Calibration};

/// What a decoder learns about its sources and its model: what claims are
/// worth, what passes cost, and how fast it is.
///
/// It outlives a decoder: whoever makes one per request hands it on.
#[derive(Clone, Debug, Default)]
pub struct Experience {
    pub(crate) budgeter: Budgeter,
}

impl Experience {
    /// None yet, but a measured t(n) and what claims of these sources were
    /// worth elsewhere.
    pub fn new(cost: CostTable, calibration: Calibration) -> Self {
        Self { budgeter: Budgeter::new(cost) }.with_calibration(calibration)
    }

    /// The same with what claims were worth elsewhere.
    #[must_use]
    pub fn with_calibration(mut self, calibration: Calibration) -> Self {
        self.budgeter.calibration = calibration;
        self
    }

    /// What claims are worth; it can be saved.
    pub fn calibration(&self) -> &Calibration {
        &self.budgeter.calibration
    }
}
