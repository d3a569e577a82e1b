use std::fmt;

/// A setting of [`Sampling`](crate::Sampling) that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting} is {found}: {needed}")]
pub struct SamplingError {
    setting: &'static str,
    found: String,
    needed: &'static str,
}

impl SamplingError {
    /// `setting` is `found`, where something else is `needed`.
    pub fn new(setting: &'static str, found: impl fmt::Display, needed: &'static str) -> Self {
        Self { setting, found: found.to_string(), needed }
    }

    /// The name of the setting, that of its field.
    pub fn setting(&self) -> &'static str {
        self.setting
    }
}
