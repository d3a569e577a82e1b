//! Speedup by task and strategy, and all figures behind it.

use serde::Serialize;

use super::{
    answer::for_task,
    folder::Folder,
    looks::{Look, Looks},
    wording::{percent, ratio, task, thousands, three_digits},
};
use crate::Figures;

/// Steps of the tint on either side of 1; the style sheet has as many.
const TINTS: f64 = 5.0;

/// The tables, cell by cell.
#[derive(Debug, Serialize)]
pub(super) struct Matrix {
    strategies: Vec<Look>,
    /// All prompts first.
    rows: Vec<Row>,
    intervals: bool,
    details: Vec<Details>,
}

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    /// The task's own name, where it is another.
    dataset: Option<String>,
    prompts: String,
    /// The strategy to use.
    best: Option<Look>,
    plain_rate: String,
    cells: Vec<Cell>,
}

#[derive(Debug, Serialize)]
struct Cell {
    speedup: String,
    interval: Option<String>,
    tint: String,
    best: bool,
    identical: bool,
}

/// One line of the table of all figures.
#[derive(Debug, Serialize)]
struct Details {
    look: Look,
    task: String,
    first: bool,
    figures: Vec<String>,
    identical: bool,
}

impl Matrix {
    pub(super) fn new(folder: &Folder, looks: &Looks) -> Self {
        let summary = &folder.summary;
        let plain = &summary.strategies[0];
        let others = &summary.strategies[1..];
        let row = |name: Option<&str>, cut: bool| {
            let figures = |strategy: &crate::Strategy| match name {
                Some(name) => strategy.tasks.get(name).cloned().unwrap_or_default(),
                None => strategy.overall.clone(),
            };
            let best = match name {
                Some(name) => for_task(summary, name),
                None => super::answer::for_all(summary),
            };
            let cells = others.iter().map(|other| {
                let chosen = best.is_some_and(|best| best.strategy == other.strategy);
                Cell::new(&figures(other), cut, chosen)
            });
            let plain = figures(plain);
            let called = name.map_or("all prompts".to_owned(), task);
            Row {
                dataset: name.filter(|name| *name != called).map(str::to_owned),
                name: if cut { "all, loops cut".to_owned() } else { called },
                prompts: thousands(plain.prompts),
                best: best.filter(|_| !cut).map(|best| looks.of(&best.strategy).clone()),
                plain_rate: three_digits(plain.tokens as f64 / plain.seconds),
                cells: cells.collect(),
            }
        };
        let tasks = plain.tasks.keys().map(|name| row(Some(name), false));
        let rows: Vec<Row> = [row(None, false), row(None, true)].into_iter().chain(tasks).collect();
        let intervals = rows.iter().flat_map(|row| &row.cells).any(|cell| cell.interval.is_some());
        let details = summary.strategies.iter().flat_map(|strategy| {
            let tasks = strategy.tasks.iter().map(|(name, figures)| (task(name), figures));
            let all = std::iter::once(("all".to_owned(), &strategy.overall)).chain(tasks);
            all.enumerate().map(|(index, (task, figures))| Details {
                look: looks.of(&strategy.strategy).clone(),
                task,
                first: index == 0,
                figures: details(figures),
                identical: figures.identical,
            })
        });
        Self {
            strategies: others.iter().map(|other| looks.of(&other.strategy).clone()).collect(),
            rows,
            intervals,
            details: details.collect(),
        }
    }
}

impl Cell {
    fn new(figures: &Figures, cut: bool, best: bool) -> Self {
        let speedup = if cut { figures.speedup_loops_cut } else { figures.speedup };
        let speedup = if figures.prompts > 0 { speedup } else { f64::NAN };
        Self {
            speedup: ratio(speedup),
            interval: interval(figures, cut)
                .map(|(low, high)| format!("{}–{}", ratio(low), ratio(high))),
            tint: tint(speedup),
            best: best && !cut,
            identical: figures.identical || figures.prompts == 0,
        }
    }
}

/// Where the speedup lies with 95% certainty, of summaries that say so.
fn interval(figures: &Figures, cut: bool) -> Option<(f64, f64)> {
    let [low, high] =
        if cut { figures.speedup_loops_cut_interval } else { figures.speedup_interval };
    (high > 0.0).then_some((low, high))
}

/// How far from 1, in a class of the style sheet: `up1` to `up5`, `down1` to `down5`, or none.
fn tint(speedup: f64) -> String {
    let octaves = speedup.log2();
    if !octaves.is_finite() || octaves.abs() < 0.02 {
        return String::new();
    }
    let level = (octaves.abs() / 0.25).ceil().min(TINTS);
    format!("{}{level}", if octaves > 0.0 { "up" } else { "down" })
}

fn details(figures: &Figures) -> Vec<String> {
    vec![
        thousands(figures.tokens),
        three_digits(figures.seconds),
        three_digits(figures.tokens as f64 / figures.seconds),
        ratio(figures.speedup),
        ratio(figures.speedup_loops_cut),
        ratio(figures.speedup_p5),
        ratio(figures.speedup_with_prefill),
        ratio(figures.tokens_per_step),
        ratio(figures.nodes_per_step),
        percent(figures.overhead),
    ]
}

#[cfg(test)]
mod tests {
    use super::tint;

    #[test]
    fn tints_are_stronger_further_from_one() {
        assert_eq!([1.0, 1.01, f64::NAN].map(tint), [""; 3]);
        assert_eq!([1.1, 1.5, 2.0, 9.0, 0.9].map(tint), ["up1", "up3", "up4", "up5", "down1"]);
    }
}
