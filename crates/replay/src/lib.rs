//! Recorded generations, replayed to score strategies without their model.
//!
//! A [`Trace`] holds a prompt, what plain decoding made of it, and the most
//! likely tokens at every position. A [`ReplayModel`] is a
//! [`Model`](foretoken_core::Model) that answers from a trace and claims to
//! take the time that a [`CostTable`](foretoken_core::CostTable) says. The
//! decoder, the sources and the budget that run on it are the real ones, so a
//! replay of hundreds of generations takes seconds and scores exactly what
//! would run.
//!
//! ```
//! use foretoken_core::{CostTable, Request, blocking::BlockingDecoder};
//! use foretoken_decoder::GuessAndVerify;
//! use foretoken_pool::PromptLookup;
//! use foretoken_replay::{ReplayModel, record};
//! use foretoken_testkit::toy::ToyModel;
//!
//! let trace = record(&mut ToyModel::default(), &[1, 2, 3], 40, 8)?;
//! let mut model = ReplayModel::new(&trace, CostTable::linear(0.01, 0.2)?);
//! let mut decoder = GuessAndVerify::new(&mut model, PromptLookup::default());
//! let output = decoder.decode_blocking(&trace.request(), &mut ())?;
//! assert_eq!(output.tokens, trace.tokens);
//! println!("{} tokens a second", 40.0 / output.statistics.forward_time.as_secs_f64());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! *Where it is exact, where not.* For sources that look at the text only,
//! tokens per step are exactly those of the real model. Beside the recorded
//! text a replay does not know what the model would say; there it answers with
//! what it said last after the same token. Sources that learn from such
//! predictions (token recycling, Jacobi, lookahead) are scored approximately.

mod error;
mod loops;
mod model;
mod record;
mod trace;

pub use error::TraceError;
pub use loops::loop_start;
pub use model::ReplayModel;
pub use record::record;
pub use trace::{Ranked, Trace, TraceHeader, read, write, write_header, write_trace};
