//! Results of decoding many prompts with several strategies: what was measured, what it comes to, and a page that shows it.
//!
//! A folder of results holds
//!
//! | file | content | type |
//! |---|---|---|
//! | `setting.json` | what was measured, where and how | [`Setting`] |
//! | `results.jsonl` | a line for each turn of each prompt, with every strategy's run | [`Record`] |
//! | `steps.jsonl` | a line for each of a few generations: every step's tree | [`Steps`] |
//! | `summary.json` | totals | [`Summary`] |
//! | `report.html` | all of it, to look at | |
//!
//! Architecture invariant: this crate knows no model and runs none; `foretoken bench` does, and writes these files.

mod record;
mod setting;
mod steps;
mod summary;

pub use record::{Record, Run, append, open};
pub use setting::{Setting, save};
pub use steps::{Node, StepTree, Steps, append_steps, open_steps};
pub use summary::{Figures, Phases, Strategy, Summary};
