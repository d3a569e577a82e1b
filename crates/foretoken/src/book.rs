//! The code of the README and of the book compiles and runs.
//!
//! A page with Rust code has its entry here; a test of the documentation (`tests/docs/blocks.rs`) misses it otherwise.

#[cfg(all(feature = "lookahead", feature = "pool", feature = "candle"))]
#[doc = include_str!("../../../README.md")]
mod readme {}

#[cfg(all(feature = "testkit", feature = "pool"))]
#[doc = include_str!("../../../docs/custom-source.md")]
mod custom_source {}

#[cfg(all(feature = "testkit", feature = "lookahead", feature = "pool"))]
#[doc = include_str!("../../../docs/first-minute.md")]
mod first_minute {}

#[cfg(feature = "testkit")]
#[doc = include_str!("../../../docs/how-it-works.md")]
mod how_it_works {}

#[cfg(all(feature = "testkit", feature = "grammar", feature = "candle"))]
#[doc = include_str!("../../../docs/structured-output.md")]
mod structured_output {}

#[cfg(feature = "candle")]
#[doc = include_str!("../../../docs/models.md")]
mod models {}
