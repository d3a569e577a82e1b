//! Strategies by name: `lookahead:w=5,n=4,g=5+prompt-lookup`.
//!
//! A strategy string names sources with `+` between them; each may be followed
//! by a colon and its options. [`Spec`] parses one, prints it back and builds
//! the source; [`by_name`] does it in one go.

#[cfg(all(feature = "lookahead", feature = "pool"))]
mod auto;
mod registry;
mod spec;

#[cfg(all(feature = "lookahead", feature = "pool"))]
pub use auto::Auto;
pub use registry::{Entry, all};
pub use spec::{Spec, SpecError};

use crate::CandidateSource;

/// The source that a strategy string describes.
///
/// # Errors
///
/// If a name or an option is unknown, or a value is not valid; the message
/// lists what there is.
pub fn by_name(spec: &str) -> Result<Box<dyn CandidateSource>, SpecError> {
    spec.parse::<Spec>().map(|spec| spec.build())
}
