//! Speedups prompt by prompt: how they are spread, and the worst of them.

use serde::Serialize;

use super::{
    axis::Axis,
    chart::{Chart, Frame},
    folder::Folder,
    looks::{Look, Looks},
    svg::{Point, Svg},
    wording::{ratio, task, thousands},
};

/// How many of the worst are listed.
const WORST: usize = 10;

/// Height of a strategy's strip.
const STRIP: f64 = 78.0;

/// The section's content.
#[derive(Debug, Serialize)]
pub(super) struct Prompts {
    chart: Chart,
    /// One list for each strategy, the recommended one's first.
    worst: Vec<Worst>,
}

#[derive(Debug, Serialize)]
struct Worst {
    look: Look,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    task: String,
    speedup: String,
    tokens: String,
    tokens_per_step: String,
    /// Whether it ended in going round in circles.
    loops: bool,
}

impl Prompts {
    /// `None` without a strategy beside plain decoding.
    pub(super) fn new(folder: &Folder, looks: &Looks) -> Option<Self> {
        let strips: Vec<(&str, Vec<f64>)> = folder.strategies[1..]
            .iter()
            .map(|name| {
                let mut speedups: Vec<f64> =
                    folder.speedups(name).into_iter().map(|(_, speedup)| speedup).collect();
                speedups.sort_by(f64::total_cmp);
                (name.as_str(), speedups)
            })
            .filter(|(_, speedups)| !speedups.is_empty())
            .collect();
        if strips.is_empty() {
            return None;
        }
        let best = super::answer::recommended(&folder.summary).map(|best| best.strategy.as_str());
        let mut names: Vec<&str> = strips.iter().map(|(name, _)| *name).collect();
        names.sort_by_key(|name| Some(*name) != best);
        Some(Self {
            chart: Chart::new(|width| draw(width, &strips, looks)),
            worst: names.into_iter().map(|name| worst(folder, name, looks)).collect(),
        })
    }
}

fn worst(folder: &Folder, strategy: &str, looks: &Looks) -> Worst {
    let mut all = folder.speedups(strategy);
    all.sort_by(|a, b| a.1.total_cmp(&b.1));
    let row = |(record, speedup): (&crate::Record, f64)| {
        let steps = super::folder::run(record, strategy).map_or(0, |run| run.steps);
        let turn =
            if record.turn == 0 { String::new() } else { format!(", turn {}", record.turn + 1) };
        Row {
            id: format!("{}{turn}", record.id),
            task: task(&record.task),
            speedup: ratio(speedup),
            tokens: thousands(record.tokens.len()),
            tokens_per_step: ratio(record.tokens.len() as f64 / steps as f64),
            loops: record.loop_start.is_some(),
        }
    };
    Worst { look: looks.of(strategy).clone(), rows: all.into_iter().take(WORST).map(row).collect() }
}

fn draw(width: f64, strips: &[(&str, Vec<f64>)], looks: &Looks) -> Svg {
    let all = || strips.iter().flat_map(|(_, speedups)| speedups.iter().copied());
    let low = all().fold(0.8, f64::min) * 0.97;
    let high = all().fold(1.5, f64::max) * 1.03;
    let bottom = strips.len() as f64 * STRIP + 4.0;
    let frame = Frame { left: 6.0, top: 0.0, right: width - 6.0, bottom };
    let x = Axis::logarithmic((low, high), (frame.left, frame.right));
    let mut svg = Svg::new(
        width,
        bottom + 46.0,
        "Dots: every prompt's speedup, a strip for each strategy, with the median and the 5% point.",
    );
    let ticks = [0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0];
    let ticks: Vec<f64> = ticks.into_iter().filter(|&tick| tick >= low && tick <= high).collect();
    frame.columns(&mut svg, &x, &ticks, "speedup of a prompt (equal ratios equally long)");
    for (index, (name, speedups)) in strips.iter().enumerate() {
        let base = (index + 1) as f64 * STRIP - 6.0;
        for &value in &ticks {
            let class = if value == 1.0 { "even" } else { "grid" };
            svg.line(class, (x.at(value), base - STRIP + 32.0), (x.at(value), base + 4.0));
        }
        let (dots, size) = stack(speedups, &x, base, STRIP - 34.0);
        let look = looks.of(name);
        svg.dots(&format!("dots {}", look.class), size, &dots);
        let at = |share: f64| speedups[((speedups.len() - 1) as f64 * share).round() as usize];
        let (median, low) = (at(0.5), at(0.05));
        for (value, class) in [(median, "median"), (low, "fifth")] {
            svg.line(class, (x.at(value), base + 4.0), (x.at(value), base - STRIP + 34.0));
        }
        let text = format!("{name}: median {}, 5% below {}", ratio(median), ratio(low));
        svg.text("label", (0.0, base - STRIP + 24.0), &text);
    }
    svg
}

/// Dots on top of each other where speedups are alike, as high as they may be at most, and their width.
fn stack(speedups: &[f64], x: &Axis, base: f64, height: f64) -> (Vec<Point>, f64) {
    for size in [7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.5, 1.0] {
        let mut highest = 0.0f64;
        let (mut column, mut level) = (f64::MIN, 0.0);
        let dots: Vec<Point> = speedups
            .iter()
            .map(|&speedup| {
                let here = (x.at(speedup) / (size + 0.5)).round();
                level = if here == column { level + 1.0 } else { 0.0 };
                column = here;
                highest = highest.max(level * size);
                (here * (size + 0.5), base - size / 2.0 - level * size)
            })
            .collect();
        if highest + size <= height || size == 1.0 {
            return (dots, size - 0.5);
        }
    }
    (Vec::new(), 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_stack_within_their_strip() {
        let x = Axis::logarithmic((0.5, 4.0), (0.0, 600.0));
        let speedups: Vec<f64> = (0..400).map(|index| 1.4 + f64::from(index) * 1e-3).collect();
        let (dots, size) = stack(&speedups, &x, 100.0, 44.0);
        assert_eq!(dots.len(), 400);
        assert!(dots.iter().all(|dot| dot.1 < 100.0 && dot.1 >= 56.0), "{size}");
        assert!(dots.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
