//! Where time goes: the time of a token by phase, a bar for each strategy.

use serde::Serialize;

use super::{
    axis::Axis,
    chart::{Chart, Frame},
    folder::Folder,
    looks::{Look, Looks},
    svg::Svg,
    wording::{percent, three_digits},
};
use crate::Run;

/// The phases of a step, and the rest, in the order of the bars; the style sheet has a class for each.
const PHASES: [&str; 6] = ["forward", "propose", "observe", "walk", "commit", "rest"];

/// The section's content.
#[derive(Debug, Serialize)]
pub(super) struct Phases {
    chart: Chart,
    names: [&'static str; 6],
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    look: Look,
    /// Milliseconds of a token.
    total: String,
    shares: Vec<String>,
    #[serde(skip)]
    parts: [f64; 6],
}

impl Phases {
    /// `None` if the records do not say how long passes took.
    pub(super) fn new(folder: &Folder, looks: &Looks) -> Option<Self> {
        let row = |strategy: &String| {
            let (mut parts, mut tokens) = ([0.0; 6], 0);
            for (record, run) in folder.runs(strategy) {
                tokens += record.tokens.len();
                for (sum, part) in parts.iter_mut().zip(phases(run)) {
                    *sum += part;
                }
            }
            let parts = parts.map(|part| part * 1e3 / tokens.max(1) as f64);
            let total: f64 = parts.iter().sum();
            let shares = parts.iter().map(|part| percent(part / total)).collect();
            let look = looks.of(strategy).clone();
            Row { look, total: three_digits(total), shares, parts }
        };
        let rows: Vec<Row> = folder.strategies.iter().map(row).collect();
        if rows.iter().any(|row| row.parts[0] <= 0.0) {
            return None;
        }
        let chart = Chart::new(|width| draw(width, &rows));
        Some(Self { chart, names: PHASES, rows })
    }
}

/// Seconds of each phase.
fn phases(run: &Run) -> [f64; 6] {
    let known = [
        run.forward_seconds,
        run.propose_seconds,
        run.observe_seconds,
        run.walk_seconds,
        run.commit_seconds,
    ];
    let rest = (run.seconds - known.iter().sum::<f64>()).max(0.0);
    let [forward, propose, observe, walk, commit] = known;
    [forward, propose, observe, walk, commit, rest]
}

fn draw(width: f64, rows: &[Row]) -> Svg {
    let most = rows.iter().map(|row| row.parts.iter().sum::<f64>()).fold(0.0, f64::max);
    let frame =
        Frame { left: 1.0, top: 0.0, right: width - 52.0, bottom: rows.len() as f64 * 52.0 + 4.0 };
    let x = Axis::straight((0.0, most), (frame.left, frame.right));
    let mut svg = Svg::new(
        width,
        frame.bottom + 46.0,
        "Stacked bars: milliseconds of a token by phase; the table below has the figures.",
    );
    frame.columns(&mut svg, &x, &x.ticks(if width < 500.0 { 4 } else { 8 }), "time of a token, ms");
    for (index, row) in rows.iter().enumerate() {
        let y = index as f64 * 52.0;
        svg.text("label", (frame.left, y + 16.0), &row.look.name);
        let mut from = 0.0;
        for (part, phase) in row.parts.iter().zip(PHASES) {
            let (left, right) = (x.at(from), x.at(from + part));
            if right - left >= 0.1 {
                svg.rect(&format!("phase {phase}"), (left, y + 22.0), right - left, 20.0);
            }
            from += part;
        }
        svg.text("label", (x.at(from) + 7.0, y + 37.0), &row.total);
    }
    svg
}
