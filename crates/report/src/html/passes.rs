//! t(n): the time of a pass by its nodes, over the floor that memory sets.

use serde::Serialize;

use super::{
    axis::Axis,
    chart::{Chart, Frame},
    svg::Svg,
    wording::{percent, ratio, three_digits},
};
use crate::Setting;

/// The section's content.
#[derive(Debug, Serialize)]
pub(super) struct Passes {
    chart: Chart,
    /// What it says, in a sentence.
    takeaway: String,
    /// The times of every context, as a table.
    rows: Vec<Vec<String>>,
    contexts: Vec<usize>,
}

impl Passes {
    /// `None` without measured times.
    pub(super) fn new(setting: Option<&Setting>) -> Option<Self> {
        let setting = setting?;
        let costs = setting.costs.as_ref()?;
        let floor = floor(setting);
        let mut nodes: Vec<usize> =
            costs.contexts().iter().flat_map(|context| &context.points).map(|p| p.0).collect();
        nodes.sort_unstable();
        nodes.dedup();
        let rows = nodes.iter().map(|&nodes| {
            let times = costs.contexts().iter().map(|context| {
                let point = context.points.iter().find(|point| point.0 == nodes);
                point.map_or("–".to_owned(), |point| three_digits(point.1 * 1e3))
            });
            std::iter::once(nodes.to_string()).chain(times).collect()
        });
        let first = costs.contexts().first()?;
        let one = costs.seconds(1, first.context);
        let mut takeaway = format!(
            "Behind {} tokens, a pass over 8 nodes takes {} times one over a single node",
            first.context,
            ratio(costs.seconds(8, first.context) / one)
        );
        takeaway += &floor.map_or(".".to_owned(), |floor| {
            format!("; reading the weights alone is {} of that one.", percent(floor / one))
        });
        Some(Self {
            chart: Chart::new(|width| draw(width, setting, floor)),
            takeaway,
            rows: rows.collect(),
            contexts: costs.contexts().iter().map(|context| context.context).collect(),
        })
    }
}

/// Seconds for reading the weights.
fn floor(setting: &Setting) -> Option<f64> {
    let floor = setting.weight_bytes as f64 / (setting.bandwidth_gb_s? * 1e9);
    (floor.is_finite() && floor > 0.0).then_some(floor)
}

fn draw(width: f64, setting: &Setting, floor: Option<f64>) -> Svg {
    let contexts = setting.costs.as_ref().map_or(&[][..], |costs| costs.contexts());
    let points = || contexts.iter().flat_map(|context| &context.points);
    let most_nodes = points().map(|point| point.0).max().unwrap_or(1).max(2) as f64;
    let longest = points().map(|point| point.1).fold(floor.unwrap_or(0.0), f64::max) * 1e3;
    let frame = Frame { left: 44.0, top: 34.0, right: width - 92.0, bottom: 310.0 };
    let x = Axis::logarithmic((1.0, most_nodes), (frame.left, frame.right));
    let y = Axis::straight((0.0, longest * 1.05), (frame.bottom, frame.top));
    let label = format!(
        "Line chart: milliseconds of a pass against its nodes, from 1 to {most_nodes}, for {} lengths of context.",
        contexts.len()
    );
    let mut svg = Svg::new(width, 356.0, &label);
    frame.rows(&mut svg, &y, &y.ticks(7), "time of a pass, ms");
    let powers = (0..).map(|power| f64::from(1 << power));
    let ticks: Vec<f64> = powers.take_while(|&nodes| nodes <= most_nodes).collect();
    frame.columns(&mut svg, &x, &ticks, "nodes of a pass");
    let mut labels = Vec::new();
    if let Some(floor) = floor {
        let at = y.at(floor * 1e3);
        svg.line("floor", (frame.left, at), (frame.right, at));
        let text = format!("memory {}", three_digits(floor * 1e3));
        labels.push(((frame.right, at), "quiet".to_owned(), text));
    }
    for (index, context) in contexts.iter().enumerate() {
        let line: Vec<(f64, f64)> =
            context.points.iter().map(|p| (x.at(p.0 as f64), y.at(p.1 * 1e3))).collect();
        let class = format!("context{}", index % 4);
        svg.polyline(&format!("line {class}"), &line);
        for &point in &line {
            svg.mark(&format!("mark {class}"), index, point, 3.5);
        }
        if let Some(&last) = line.last() {
            labels.push((last, String::new(), format!("{} tokens", context.context)));
        }
    }
    frame.labels(&mut svg, &labels, frame.right + 14.0);
    svg
}
