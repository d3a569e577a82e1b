//! What all records come to, by strategy and task.

mod bootstrap;
mod figures;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::record::Record;

pub use figures::{Figures, Phases};

/// All figures. They come from the records alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// In the order of the setting, plain decoding first.
    pub strategies: Vec<Strategy>,
}

/// One strategy's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Strategy {
    /// Its name.
    pub strategy: String,
    /// By kind of task.
    pub tasks: BTreeMap<String, Figures>,
    /// Of all prompts.
    pub overall: Figures,
}

impl Summary {
    /// The figures of `strategies`, the first of which is plain decoding.
    pub fn new(records: &[Record], strategies: &[String]) -> Self {
        let plain = strategies.first().map_or("", String::as_str);
        let all: Vec<&Record> = records.iter().collect();
        let mut tasks: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
        for record in records {
            tasks.entry(&record.task).or_default().push(record);
        }
        let summed = strategies.iter().map(|strategy| {
            let figures = |records: &[&Record]| Figures::of(records, strategy, plain);
            let of_task =
                |(&task, records): (&&str, &Vec<&Record>)| (task.to_owned(), figures(records));
            Strategy {
                strategy: strategy.clone(),
                overall: figures(&all),
                tasks: tasks.iter().map(of_task).collect(),
            }
        });
        Self { strategies: summed.collect() }
    }

    /// Whether every strategy said what plain decoding says, to every prompt.
    pub fn identical(&self) -> bool {
        self.strategies.iter().all(|strategy| strategy.overall.identical)
    }
}

#[cfg(test)]
mod tests {
    use foretoken_core::{DepthCount, SourceStatistics};

    use super::*;
    use crate::record::Run;

    fn source(proposed: usize, depths: &[(usize, usize)]) -> SourceStatistics {
        let mut source = SourceStatistics::default();
        source.name = "suffix".to_owned();
        source.proposed = proposed;
        let count = |&(proposed, accepted): &_| DepthCount { proposed, accepted };
        source.by_depth = depths.iter().map(count).collect();
        source
    }

    fn run(strategy: &str, seconds: f64, source: Option<SourceStatistics>) -> Run {
        Run {
            strategy: strategy.to_owned(),
            identical: true,
            seconds,
            prefill_seconds: if strategy == "plain" { 0.25 } else { 0.5 },
            seconds_loops_cut: seconds / 2.0,
            steps: 2,
            nodes: 6,
            steps_loops_cut: 1,
            nodes_loops_cut: 4,
            forward_seconds: seconds * 0.75,
            observe_seconds: seconds / 10.0,
            sources: source.into_iter().collect(),
            ..Run::default()
        }
    }

    fn record(id: &str, turn: usize, plain: f64, fast: f64) -> Record {
        let source = source(3, &[(2, 1), (1, 0)][..=turn]);
        Record {
            id: id.to_owned(),
            task: id.to_owned(),
            turn,
            prompt_tokens: 1,
            tokens: vec![1, 2, 3, 4],
            loop_start: Some(3),
            runs: vec![run("plain", plain, None), run("fast", fast, Some(source))],
            resumed: false,
        }
    }

    fn strategies() -> [String; 2] {
        ["plain".to_owned(), "fast".to_owned()]
    }

    #[test]
    fn totals_are_over_all_time() {
        let records = [record("slow", 0, 9.0, 9.0), record("quick", 0, 1.0, 0.25)];
        let summary = Summary::new(&records, &strategies());
        let fast = &summary.strategies[1];
        // Not the mean of 1 and 4.
        assert!((fast.overall.speedup - 10.0 / 9.25).abs() < 1e-12);
        assert_eq!(fast.tasks["quick"].speedup, 4.0);
        assert_eq!((fast.overall.tokens_per_step, fast.overall.nodes_per_step), (2.0, 3.0));
        let cut = (fast.overall.tokens_per_step_loops_cut, fast.overall.nodes_per_step_loops_cut);
        assert_eq!(cut, (3.0, 4.0));
        assert!((fast.overall.overhead - 0.1).abs() < 1e-12);
        assert!((fast.overall.phases.forward - 0.75 * 9.25).abs() < 1e-12);
        assert_eq!(fast.overall.prefill_seconds, 1.0);
        assert!((fast.overall.speedup_with_prefill - 10.5 / 10.25).abs() < 1e-12);
        assert_eq!(summary.strategies[0].overall.speedup_interval, [1.0, 1.0]);
        assert!(summary.identical());
    }

    #[test]
    fn turns_of_a_conversation_are_one_prompt() {
        let records =
            [record("a", 0, 1.0, 1.0), record("a", 1, 3.0, 1.0), record("b", 0, 1.0, 1.0)];
        let fast = &Summary::new(&records, &strategies()).strategies[1];
        assert_eq!((fast.overall.prompts, fast.overall.turns), (2, 3));
        assert_eq!((fast.tasks["a"].speedup, fast.tasks["a"].speedup_interval), (2.0, [2.0, 2.0]));
        assert!((fast.overall.speedup_median - 1.5).abs() < 1e-12);
        assert!((fast.overall.speedup_p95 - 1.95).abs() < 1e-12);
        // All three draws of two prompts: twice the one, the one and the other, twice the other.
        assert_eq!(fast.overall.speedup_interval, [1.0, 2.0]);
    }

    #[test]
    fn sources_are_added_up_by_depth() {
        let records = [record("a", 0, 1.0, 1.0), record("a", 1, 3.0, 1.0)];
        let overall = &Summary::new(&records, &strategies()).strategies[1].overall;
        assert_eq!(overall.sources, [source(6, &[(4, 2), (1, 0)])]);
    }

    #[test]
    fn a_difference_shows_and_a_file_says_the_same() {
        let mut records = [record("a", 0, 1.0, 1.0), record("b", 0, 1.0, 0.5)];
        records[1].runs[1].identical = false;
        let summary = Summary::new(&records, &strategies());
        assert!(!summary.identical() && summary.strategies[0].overall.identical);
        assert!(summary.strategies[1].tasks["a"].identical);
        let text = serde_json::to_string(&summary).unwrap();
        assert_eq!(serde_json::from_str::<Summary>(&text).unwrap(), summary);
        // Nothing measured is no number that JSON lacks.
        let none = Summary::new(&[], &strategies());
        let text = serde_json::to_string(&none).unwrap();
        assert_eq!(serde_json::from_str::<Summary>(&text).unwrap(), none);
    }
}
