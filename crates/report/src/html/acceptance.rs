//! How often a source's guesses are right, by their depth: a small chart for each strategy.

use foretoken_core::DepthCount;
use serde::Serialize;

use super::{
    axis::Axis,
    chart::Frame,
    folder::Folder,
    looks::{Look, Looks},
    svg::Svg,
    wording::{count, percent},
};

/// Deeper guesses are few.
const DEEPEST: usize = 8;

/// Shares of fewer guesses than this say nothing.
const FEWEST: usize = 20;

/// One strategy's chart.
#[derive(Debug, Serialize)]
pub(super) struct Panel {
    look: Look,
    /// Of lines that have enough guesses.
    picture: Option<String>,
    /// Every source's line, in words.
    sources: Vec<Line>,
}

/// One source's part in a strategy.
#[derive(Debug, Serialize)]
struct Line {
    look: Look,
    text: String,
    /// A piece of its line.
    key: String,
    #[serde(skip)]
    by_depth: Vec<DepthCount>,
}

/// A chart for each strategy whose sources are known.
pub(super) fn panels(folder: &Folder, looks: &Looks) -> Vec<Panel> {
    let panel = |strategy: &String| {
        let lines = lines(folder, strategy, looks);
        let drawn = lines.iter().any(|line| shares(line).next().is_some());
        (!lines.is_empty()).then(|| Panel {
            look: looks.of(strategy).clone(),
            picture: drawn.then(|| draw(strategy, &lines).finish()),
            sources: lines,
        })
    };
    folder.strategies[1..].iter().filter_map(panel).collect()
}

fn lines(folder: &Folder, strategy: &str, looks: &Looks) -> Vec<Line> {
    let mut sums: Vec<(&str, Vec<DepthCount>)> = Vec::new();
    for source in folder.runs(strategy).flat_map(|(_, run)| &run.sources) {
        let position = sums.iter().position(|(name, _)| *name == source.name);
        let position = position.unwrap_or_else(|| {
            sums.push((&source.name, Vec::new()));
            sums.len() - 1
        });
        let sum = &mut sums[position].1;
        sum.resize(sum.len().max(source.by_depth.len()), DepthCount::default());
        for (sum, depth) in sum.iter_mut().zip(&source.by_depth) {
            sum.proposed += depth.proposed;
            sum.accepted += depth.accepted;
        }
    }
    let line = |(name, by_depth): (&str, Vec<DepthCount>)| {
        let proposed: usize = by_depth.iter().map(|depth| depth.proposed).sum();
        let accepted: usize = by_depth.iter().map(|depth| depth.accepted).sum();
        let share = percent(accepted as f64 / proposed as f64);
        let text = format!("{share} of {} right", count(proposed, "guess"));
        let look = looks.of(name);
        let key = key(look).finish();
        (proposed > 0).then(|| Line { look: look.clone(), text, key, by_depth })
    };
    sums.into_iter().filter_map(line).collect()
}

fn draw(strategy: &str, lines: &[Line]) -> Svg {
    let frame = Frame { left: 40.0, top: 12.0, right: 296.0, bottom: 150.0 };
    let x = Axis::straight((1.0, DEEPEST as f64), (frame.left + 8.0, frame.right - 20.0));
    let y = Axis::straight((0.0, 100.0), (frame.bottom, frame.top));
    let described = lines.iter().map(|line| {
        let shares: Vec<String> = shares(line).map(|(_, share)| percent(share)).collect();
        format!(" {}: {}.", line.look.name, shares.join(", "))
    });
    let label = format!("Line chart for {strategy}: share of right guesses by depth.")
        + &described.collect::<String>();
    let mut svg = Svg::new(300.0, 194.0, &label);
    for value in [0.0, 50.0, 100.0] {
        let at = y.at(value);
        svg.line("grid", (frame.left, at), (frame.right, at));
        svg.text("tick end", (frame.left - 6.0, at + 4.0), &format!("{value}%"));
    }
    let depths: Vec<f64> = (1..=DEEPEST).map(|depth| depth as f64).collect();
    frame.columns(&mut svg, &x, &depths, "depth of the guess");
    for line in lines {
        let points: Vec<(f64, f64)> =
            shares(line).map(|(depth, share)| (x.at(depth as f64), y.at(share * 100.0))).collect();
        svg.polyline(&format!("line {}", line.look.class), &points);
        for &point in &points {
            svg.mark(&format!("mark {}", line.look.class), line.look.shape, point, 3.5);
        }
    }
    svg
}

fn key(look: &Look) -> Svg {
    let mut svg = Svg::new(34.0, 12.0, &format!("the line of {}", look.name));
    svg.line(&format!("line {}", look.class), (0.0, 6.0), (34.0, 6.0));
    svg.mark(&format!("mark {}", look.class), look.shape, (17.0, 6.0), 4.0);
    svg
}

/// Depths with enough guesses, and which share of them was right.
fn shares(line: &Line) -> impl Iterator<Item = (usize, f64)> {
    let depths = line.by_depth.iter().enumerate().take(DEEPEST);
    depths
        .filter(|(_, depth)| depth.proposed >= FEWEST)
        .map(|(index, depth)| (index + 1, depth.accepted as f64 / depth.proposed as f64))
}
