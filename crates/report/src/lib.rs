//! Results of decoding many prompts with several strategies: what was measured, what it comes to, and a page that shows it.
//!
//! A folder of results holds
//!
//! | file | content | type |
//! |---|---|---|
//! | `setting.json` | what was measured, where and how | [`Setting`] |
//! | `results.jsonl` | a line for each turn of each prompt, with every strategy's run | [`Record`] |
//! | `steps.jsonl` | a line for each of a few generations: every step's tree | [`Steps`] |
//! | `learned.json` | what a run that goes on starts from: what guesses have turned out to be worth | |
//! | `summary.json` | totals | [`Summary`] |
//! | `report.html` | all of it, to look at | [`html`] |
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! // Opens what an earlier run measured, to go on with it.
//! let (_file, records) = foretoken_report::open(&folder.join("results.jsonl"))?;
//! let strategies = ["autoregressive", "auto"].map(str::to_owned);
//! let summary = foretoken_report::Summary::new(&records, &strategies);
//! assert_eq!(summary.strategies[1].strategy, "auto");
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Architecture invariant: this crate knows no model and runs none; `foretoken bench` does, and writes these files.

pub mod html;
mod record;
mod setting;
mod steps;
mod summary;

pub use record::{Record, Run, append, open};
pub use setting::{Setting, save};
pub use steps::{Node, StepTree, Steps, append_steps, open_steps};
pub use summary::{Figures, Phases, Strategy, Summary};
