//! What a contest showed, as JSON and as a table.

use console::Style;
use foretoken::Token;
use serde::Serialize;

use super::contest::{Contest, Contestant};
use crate::{session::Session, table::Table};

/// What `--json` prints.
#[derive(Serialize)]
pub(crate) struct Report {
    model: String,
    file_type: String,
    threads: usize,
    prompt_tokens: usize,
    /// What speedups are ratios to.
    baseline: String,
    /// Measured runs of each strategy, of which medians are taken.
    rounds: usize,
    pub(crate) interrupted: bool,
    /// The text of plain decoding's tokens.
    text: Option<String>,
    /// Plain decoding's passes over the prompt.
    prefill_seconds: Option<f64>,
    pub(crate) runs: Vec<Entry>,
}

/// One strategy. Times are of decoding only, but for the prefill's.
#[derive(Serialize)]
pub(crate) struct Entry {
    strategy: String,
    /// Whether every run's tokens are those of plain decoding.
    identical: bool,
    pub(crate) tokens: Vec<Token>,
    seconds: f64,
    tokens_per_second: f64,
    speedup: f64,
    steps: usize,
    tokens_per_step: f64,
    nodes_per_step: f64,
    prefill_seconds: f64,
    /// Each run's time, in the order of running.
    all_seconds: Vec<f64>,
    /// The first place where a run's tokens differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    differs_at: Option<usize>,
}

impl Report {
    pub(crate) fn new(session: &Session, contest: &Contest<'_>) -> Self {
        let baseline = &contest.contestants[contest.baseline];
        let reference = baseline.runs.first().map(|run| run.generation.tokens.as_slice());
        let plain_seconds = seconds(baseline);
        let entry =
            |contestant: &Contestant<'_>| Some(Entry::new(contestant, reference?, plain_seconds));
        let runs: Vec<Entry> = contest
            .contestants
            .iter()
            .filter(|contestant| !contestant.runs.is_empty())
            .filter_map(entry)
            .collect();
        Self {
            model: session.name.clone(),
            file_type: session.description.file_type.clone(),
            threads: session.threads,
            prompt_tokens: session.prompt.len(),
            baseline: baseline.strategy.text.clone(),
            rounds: contest.rounds,
            interrupted: contest.interrupted,
            text: reference.map(|tokens| session.tokenizer.decode(tokens)),
            prefill_seconds: reference.map(|_| prefill_seconds(baseline)),
            runs,
        }
    }

    /// Several prompts as one: tokens, times and steps add up. The strategies must be the same.
    pub(crate) fn add(&mut self, other: Self) {
        self.prompt_tokens += other.prompt_tokens;
        self.interrupted |= other.interrupted;
        for (run, other) in self.runs.iter_mut().zip(other.runs) {
            run.add(other);
        }
        let plain_seconds = self.plain().map_or(0.0, |run| run.seconds);
        for run in &mut self.runs {
            run.speedup = plain_seconds / run.seconds;
        }
    }

    fn plain(&self) -> Option<&Entry> {
        self.runs.iter().find(|run| run.strategy == self.baseline)
    }

    /// How many tokens plain decoding yields a second.
    pub(crate) fn plain_rate(&self) -> Option<f64> {
        self.plain().map(|run| run.tokens_per_second)
    }

    /// Whether any strategy's tokens are not those of plain decoding.
    pub(crate) fn differs(&self) -> bool {
        self.runs.iter().any(|run| !run.identical)
    }

    /// A sentence on each strategy whose tokens differ.
    pub(crate) fn differences(&self) -> impl Iterator<Item = String> + '_ {
        self.runs.iter().filter_map(|run| {
            let place = run.differs_at? + 1;
            Some(format!("{} differs from {} at token {place}", run.strategy, self.baseline))
        })
    }

    /// What plain decoding said.
    pub(crate) fn answer(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// The entries as rows; the fastest in bold.
    pub(crate) fn table(&self) -> Table {
        let mut table = Table::new([
            "strategy",
            "tokens/s",
            "speedup",
            "tokens/step",
            "nodes/step",
            "identical",
        ]);
        let fastest = self.runs.iter().map(|run| run.speedup).fold(0.0, f64::max);
        for run in &self.runs {
            let style = match run.identical {
                false => Style::new().red(),
                true if run.speedup == fastest => Style::new().bold(),
                true => Style::new(),
            };
            let cells = [
                run.strategy.clone(),
                format!("{:.1}", run.tokens_per_second),
                format!("{:.2}x", run.speedup),
                format!("{:.2}", run.tokens_per_step),
                format!("{:.2}", run.nodes_per_step),
                if run.identical { "yes" } else { "NO" }.to_owned(),
            ];
            table.row(cells, style);
        }
        table
    }
}

impl Entry {
    fn new(contestant: &Contestant<'_>, reference: &[Token], plain_seconds: f64) -> Self {
        let different = |tokens: &[Token]| {
            let common =
                tokens.iter().zip(reference).take_while(|(own, plain)| own == plain).count();
            (common < tokens.len().max(reference.len())).then_some(common)
        };
        let differing =
            contestant.runs.iter().find_map(|run| Some((run, different(&run.generation.tokens)?)));
        // The run that differs is the one to show.
        let shown = differing.map_or(&contestant.runs[0], |(run, _)| run);
        let statistics = &shown.generation.statistics;
        let tokens = shown.generation.tokens.clone();
        let seconds = seconds(contestant);
        Self {
            strategy: contestant.strategy.text.clone(),
            identical: differing.is_none(),
            seconds,
            tokens_per_second: tokens.len() as f64 / seconds,
            speedup: plain_seconds / seconds,
            steps: statistics.steps,
            tokens_per_step: statistics.tokens_per_step(),
            nodes_per_step: statistics.nodes_per_step(),
            prefill_seconds: prefill_seconds(contestant),
            all_seconds: contestant.runs.iter().map(|run| run.decoding.as_secs_f64()).collect(),
            differs_at: differing.map(|(_, place)| place),
            tokens,
        }
    }
}

impl Entry {
    fn add(&mut self, other: Self) {
        let nodes = |entry: &Self| entry.nodes_per_step * entry.steps as f64;
        let nodes = nodes(self) + nodes(&other);
        self.identical &= other.identical;
        self.differs_at =
            self.differs_at.or(other.differs_at.map(|place| self.tokens.len() + place));
        self.tokens.extend(other.tokens);
        self.seconds += other.seconds;
        self.prefill_seconds += other.prefill_seconds;
        self.steps += other.steps;
        let (tokens, steps) = (self.tokens.len() as f64, self.steps.max(1) as f64);
        self.tokens_per_second = tokens / self.seconds;
        self.tokens_per_step = tokens / steps;
        self.nodes_per_step = nodes / steps;
        self.all_seconds.truncate(other.all_seconds.len());
        for (all, more) in self.all_seconds.iter_mut().zip(other.all_seconds) {
            *all += more;
        }
    }
}

fn seconds(contestant: &Contestant<'_>) -> f64 {
    median(contestant.runs.iter().map(|run| run.decoding.as_secs_f64()))
}

fn prefill_seconds(contestant: &Contestant<'_>) -> f64 {
    median(contestant.runs.iter().map(|run| run.generation.statistics.prefill_time.as_secs_f64()))
}

/// The middle value, or the mean of the two middle ones; 0 of none.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        length if length % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use foretoken::Generation;

    use super::*;
    use crate::{
        compare::contest::Run,
        strategy_list::{self, Named},
    };

    fn run(tokens: &[Token], milliseconds: u64) -> Run {
        let mut generation = Generation::default();
        generation.tokens = tokens.to_vec();
        generation.statistics.generated_tokens = tokens.len();
        generation.statistics.steps = 2;
        generation.statistics.nodes = 8;
        Run { generation, decoding: Duration::from_millis(milliseconds) }
    }

    fn strategy() -> Named {
        strategy_list::parse(&["jacobi".to_owned()]).unwrap().remove(0)
    }

    #[test]
    fn entries_show_medians() {
        let strategy = strategy();
        let runs = vec![run(&[1, 2, 3, 4], 400), run(&[1, 2, 3, 4], 100), run(&[1, 2, 3, 4], 200)];
        let entry = Entry::new(&Contestant::new(&strategy, runs), &[1, 2, 3, 4], 0.5);
        assert!(entry.identical);
        assert_eq!((entry.seconds, entry.speedup, entry.tokens_per_second), (0.2, 2.5, 20.0));
        assert_eq!((entry.steps, entry.tokens_per_step, entry.nodes_per_step), (2, 2.0, 4.0));
        assert_eq!(entry.all_seconds, [0.4, 0.1, 0.2]);
    }

    #[test]
    fn one_run_that_differs_is_enough() {
        let strategy = strategy();
        for (other, place) in
            [(vec![1, 9, 3], 1), (vec![1, 2], 2), (vec![1, 2, 3, 4], 3), (vec![], 0)]
        {
            let runs = vec![run(&[1, 2, 3], 100), run(&other, 100)];
            let entry = Entry::new(&Contestant::new(&strategy, runs), &[1, 2, 3], 0.1);
            assert_eq!(
                (entry.identical, entry.differs_at, entry.tokens),
                (false, Some(place), other)
            );
        }
    }

    #[test]
    fn prompts_add_up() {
        let strategy = strategy();
        let entry = |tokens: &[Token], milliseconds| {
            let runs = vec![run(tokens, milliseconds)];
            Entry::new(&Contestant::new(&strategy, runs), tokens, 1.0)
        };
        let mut sum = entry(&[1, 2, 3, 4], 400);
        sum.add(entry(&[5, 6], 100));
        assert_eq!((sum.seconds, sum.tokens_per_second, sum.steps), (0.5, 12.0, 4));
        assert_eq!((sum.tokens_per_step, sum.nodes_per_step), (1.5, 4.0));
        assert!(sum.identical && sum.tokens == [1, 2, 3, 4, 5, 6]);
        let differing = vec![run(&[1, 9], 100)];
        sum.add(Entry::new(&Contestant::new(&strategy, differing), &[1, 2], 1.0));
        assert_eq!((sum.identical, sum.differs_at), (false, Some(7)));
    }

    #[test]
    fn medians() {
        let of = |values: &[f64]| median(values.iter().copied());
        assert_eq!(
            (of(&[]), of(&[3.0]), of(&[4.0, 1.0]), of(&[9.0, 1.0, 2.0])),
            (0.0, 3.0, 2.5, 2.0)
        );
    }
}
