//! What all charts share: two widths, a frame with ticks, labels beside lines.

use serde::Serialize;

use super::{
    axis::{Axis, spread, tick},
    svg::{Point, Svg},
};

/// A picture for wide and one for narrow screens; the style sheet shows one of them.
#[derive(Debug, Serialize)]
pub(super) struct Chart {
    wide: String,
    narrow: String,
}

impl Chart {
    /// Draws at both widths.
    pub(super) fn new(draw: impl Fn(f64) -> Svg) -> Self {
        Self { wide: draw(660.0).finish(), narrow: draw(328.0).finish() }
    }
}

/// The area inside the axes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Frame {
    /// Numbers and fine lines for the figures of the vertical axis; its title stands above.
    pub(super) fn rows(&self, svg: &mut Svg, axis: &Axis, ticks: &[f64], title: &str) {
        for &value in ticks {
            let y = axis.at(value);
            svg.line("grid", (self.left, y), (self.right, y));
        }
        self.numbers(svg, axis, ticks, title);
    }

    /// The same without lines, for pictures that have others.
    pub(super) fn numbers(&self, svg: &mut Svg, axis: &Axis, ticks: &[f64], title: &str) {
        for &value in ticks {
            svg.text("tick end", (self.left - 8.0, axis.at(value) + 4.0), &tick(value));
        }
        svg.text("title", (0.0, self.top - 16.0), title);
    }

    /// Numbers and short lines for the figures of the horizontal axis; its title stands below.
    pub(super) fn columns(&self, svg: &mut Svg, axis: &Axis, ticks: &[f64], title: &str) {
        svg.line("axis", (self.left, self.bottom), (self.right, self.bottom));
        for &value in ticks {
            let x = axis.at(value);
            svg.line("axis", (x, self.bottom), (x, self.bottom + 5.0));
            svg.text("tick middle", (x, self.bottom + 20.0), &tick(value));
        }
        svg.text("title end", (self.right, self.bottom + 40.0), title);
    }

    /// Names right of the points that they belong to, moved apart, with a line where one moved.
    pub(super) fn labels(&self, svg: &mut Svg, labels: &[(Point, String, String)], right: f64) {
        let wanted: Vec<f64> = labels.iter().map(|(at, ..)| at.1).collect();
        let places = spread(&wanted, 16.0, self.top, self.bottom);
        for ((at, class, text), y) in labels.iter().zip(places) {
            if (y - at.1).abs() > 3.0 {
                svg.polyline("leader", &[(at.0 + 7.0, at.1), (right - 5.0, y)]);
            }
            svg.text(&format!("label {class}"), (right, y + 4.0), text);
        }
    }
}
