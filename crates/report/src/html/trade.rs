//! What a step yields against what it costs: a point for each strategy, lines of equal speedup.

use super::{
    axis::{Axis, tick},
    captions,
    chart::{Chart, Frame},
    folder::Folder,
    looks::{Look, Looks},
    svg::{Point, Svg},
    wording::ratio,
};

/// One strategy's place.
struct Place<'a> {
    look: &'a Look,
    /// The time of a step, in those of plain decoding.
    cost: f64,
    /// Tokens of a step.
    yields: f64,
    speedup: f64,
}

/// The chart; `None` without a strategy beside plain decoding.
pub(super) fn chart(folder: &Folder, looks: &Looks) -> Option<Chart> {
    let step = |name: &str| {
        let (mut seconds, mut steps, mut tokens) = (0.0, 0, 0);
        for (record, run) in folder.runs(name) {
            seconds += run.seconds;
            steps += run.steps;
            tokens += record.tokens.len();
        }
        (seconds / steps as f64, tokens as f64 / steps as f64)
    };
    let (plain, each) = step(folder.plain());
    let places: Vec<Place<'_>> = folder.strategies[1..]
        .iter()
        .map(|name| {
            let (seconds, yields) = step(name);
            let cost = seconds / plain;
            Place { look: looks.of(name), cost, yields, speedup: yields / each / cost }
        })
        .filter(|place| place.cost.is_finite() && place.yields.is_finite())
        .collect();
    (!places.is_empty()).then(|| Chart::new(|width| draw(width, &places)))
}

fn draw(width: f64, places: &[Place<'_>]) -> Svg {
    let most = |figure: fn(&Place<'_>) -> f64, least: f64| {
        places.iter().map(figure).fold(least, f64::max) * 1.08
    };
    let least = places.iter().map(|place| place.cost).fold(1.0, f64::min);
    let (most_cost, most_yield) = (most(|place| place.cost, 1.25), most(|place| place.yields, 1.6));
    let low = (least - 0.1).min(0.9);
    let frame = Frame { left: 44.0, top: 34.0, right: width - 52.0, bottom: 330.0 };
    let x = Axis::straight((low, most_cost), (frame.left, frame.right));
    let y = Axis::straight((0.9, most_yield), (frame.bottom, frame.top));
    let described = places.iter().map(|place| {
        let (yields, cost) = (ratio(place.yields), ratio(place.cost));
        format!(" {}: {yields} tokens for {cost} times the time.", place.look.name)
    });
    let label = "Scatter plot: tokens per step against the time of a step.".to_owned()
        + &described.collect::<String>();
    let mut svg = Svg::new(width, 376.0, &label);
    frame.numbers(&mut svg, &y, &y.ticks(6), "tokens per step");
    frame.columns(
        &mut svg,
        &x,
        &x.ticks(if width < 500.0 { 3 } else { 6 }),
        "time of a step, in plain steps",
    );
    for speedup in [0.5_f64, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0] {
        // Plain decoding's tokens per step are 1, so the speedup is the slope.
        let (from, to) = ((0.9 / speedup).max(low), (most_yield / speedup).min(most_cost));
        if to <= from + 0.02 {
            continue;
        }
        let class = if speedup == 1.0 { "even" } else { "iso" };
        let end = (x.at(to), y.at(to * speedup));
        svg.line(class, (x.at(from), y.at(from * speedup)), end);
        let text = format!("{}×", tick(speedup));
        let above = to < most_cost;
        let at = if above { (end.0, end.1 - 6.0) } else { (end.0 + 6.0, end.1 + 4.0) };
        svg.text(if above { "tick middle" } else { "tick" }, at, &text);
    }
    let points: Vec<(Point, String)> = places
        .iter()
        .map(|place| {
            let text = format!("{} {}×", place.look.name, ratio(place.speedup));
            ((x.at(place.cost), y.at(place.yields)), text)
        })
        .collect();
    let captions = captions::place(&points, &frame, width);
    for ((at, _), caption) in points.iter().zip(&captions) {
        if caption.far {
            let near = if caption.at.0 > at.0 { caption.at.0 - 2.0 } else { at.0 - 12.0 };
            svg.line("leader", *at, (near, caption.at.1));
        }
    }
    for (((at, text), caption), place) in points.iter().zip(&captions).zip(places) {
        svg.mark(&format!("mark {}", place.look.class), place.look.shape, *at, 6.0);
        svg.text("label halo", (caption.at.0, caption.at.1 + 4.0), text);
    }
    svg
}
