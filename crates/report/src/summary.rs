//! What all records come to, by strategy and task.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::record::{Record, Run};

/// All figures.
#[derive(Debug, Serialize, Deserialize)]
pub struct Summary {
    /// In the order of the setting, plain decoding first.
    pub strategies: Vec<Strategy>,
}

/// One strategy's.
#[derive(Debug, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the names are those of the file")]
pub struct Strategy {
    /// Its name.
    pub strategy: String,
    /// By kind of task.
    pub tasks: BTreeMap<String, Figures>,
    /// Of all prompts.
    pub overall: Figures,
}

/// Totals: all tokens over all time, so that slow prompts count as much as they take.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Outputs counted.
    pub prompts: usize,
    /// Tokens of all outputs.
    pub tokens: usize,
    /// Time of decoding, prefill apart.
    pub seconds: f64,
    /// The time of plain decoding over the strategy's.
    pub speedup: f64,
    /// The same, up to where outputs begin to repeat themselves for good.
    pub speedup_loops_cut: f64,
    /// Tokens a verifying pass.
    pub tokens_per_step: f64,
    /// Nodes a verifying pass, the root included.
    pub nodes_per_step: f64,
    /// Whether every output is that of plain decoding.
    pub identical: bool,
    /// The speedup that 5% of the prompts fall below.
    pub speedup_p5: f64,
    /// The share of the time that goes into proposing and observing.
    pub overhead: f64,
}

impl Summary {
    /// The figures of `strategies`, the first of which is plain decoding.
    pub fn new(records: &[Record], strategies: &[String]) -> Self {
        let plain = strategies.first().map_or("", String::as_str);
        let summed = strategies.iter().map(|strategy| {
            let all: Vec<&Record> = records.iter().collect();
            let mut tasks: BTreeMap<String, Vec<&Record>> = BTreeMap::new();
            for record in records {
                tasks.entry(record.task.clone()).or_default().push(record);
            }
            let figures = |records: &[&Record]| Figures::of(records, strategy, plain);
            Strategy {
                strategy: strategy.clone(),
                overall: figures(&all),
                tasks: tasks
                    .iter()
                    .map(|(task, records)| (task.clone(), figures(records)))
                    .collect(),
            }
        });
        Self { strategies: summed.collect() }
    }
}

impl Figures {
    fn of(records: &[&Record], strategy: &str, plain: &str) -> Self {
        let run = |record: &Record, name: &str| -> Option<Run> {
            record.runs.iter().find(|run| run.strategy == name).cloned()
        };
        let mut figures = Self { identical: true, ..Self::default() };
        let (mut plain_seconds, mut cut, mut plain_cut) = (0.0, 0.0, 0.0);
        let (mut steps, mut nodes, mut around) = (0, 0, 0.0);
        let mut speedups = Vec::new();
        for record in records {
            let (Some(one), Some(other)) = (run(record, strategy), run(record, plain)) else {
                continue;
            };
            figures.prompts += 1;
            figures.tokens += record.tokens.len();
            figures.seconds += one.seconds;
            figures.identical &= one.identical;
            plain_seconds += other.seconds;
            cut += one.seconds_loops_cut;
            plain_cut += other.seconds_loops_cut;
            steps += one.steps;
            nodes += one.nodes;
            around += one.propose_seconds + one.observe_seconds;
            speedups.push(other.seconds / one.seconds);
        }
        speedups.sort_by(f64::total_cmp);
        figures.speedup = plain_seconds / figures.seconds;
        figures.speedup_loops_cut = plain_cut / cut;
        figures.tokens_per_step = figures.tokens as f64 / steps as f64;
        figures.nodes_per_step = nodes as f64 / steps as f64;
        figures.speedup_p5 = speedups.get(speedups.len() / 20).copied().unwrap_or(f64::NAN);
        figures.overhead = around / figures.seconds;
        figures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_over_all_time() {
        let run = |strategy: &str, seconds: f64| Run {
            strategy: strategy.to_owned(),
            identical: true,
            seconds,
            prefill_seconds: 0.0,
            forward_seconds: 0.0,
            walk_seconds: 0.0,
            commit_seconds: 0.0,
            seconds_loops_cut: seconds / 2.0,
            steps: 2,
            nodes: 6,
            propose_seconds: 0.0,
            observe_seconds: seconds / 10.0,
            sources: Vec::new(),
        };
        let record = |id: &str, plain, fast| Record {
            id: id.to_owned(),
            task: id.to_owned(),
            turn: 0,
            prompt_tokens: 1,
            tokens: vec![1, 2, 3, 4],
            loop_start: None,
            runs: vec![run("plain", plain), run("fast", fast)],
        };
        let records = [record("slow", 9.0, 9.0), record("quick", 1.0, 0.25)];
        let summary = Summary::new(&records, &["plain".to_owned(), "fast".to_owned()]);
        let fast = &summary.strategies[1];
        // Not the mean of 1 and 4.
        assert!((fast.overall.speedup - 10.0 / 9.25).abs() < 1e-12);
        assert_eq!(fast.tasks["quick"].speedup, 4.0);
        assert_eq!((fast.overall.tokens_per_step, fast.overall.nodes_per_step), (2.0, 3.0));
        assert!((fast.overall.overhead - 0.1).abs() < 1e-12);
    }
}
