//! SVG as text: all that is written is escaped.

use std::fmt::Write;

use super::wording::escape;

/// A point, in the units of the picture.
pub(super) type Point = (f64, f64);

/// A picture on its way.
///
/// It has no ids, so a page can hold any number of them, and no colours, which the style sheet gives to its classes.
#[derive(Debug)]
pub(super) struct Svg(String);

impl Svg {
    /// An empty picture; `label` says in words what it shows.
    pub(super) fn new(width: f64, height: f64, label: &str) -> Self {
        let (w, h, label) = (number(width), number(height), escape(label));
        Self(format!(
            "<svg viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" role=\"img\" aria-label=\"{label}\">"
        ))
    }

    /// A straight line.
    pub(super) fn line(&mut self, class: &str, from: Point, to: Point) {
        let [x1, y1, x2, y2] = [from.0, from.1, to.0, to.1].map(number);
        self.element(format_args!(
            "<line class=\"{}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>",
            escape(class)
        ));
    }

    /// Lines from point to point.
    pub(super) fn polyline(&mut self, class: &str, points: &[Point]) {
        let points: Vec<String> =
            points.iter().map(|point| format!("{},{}", number(point.0), number(point.1))).collect();
        self.element(format_args!(
            "<polyline class=\"{}\" points=\"{}\"/>",
            escape(class),
            points.join(" ")
        ));
    }

    /// Many dots at the cost of one element, as wide as the style sheet's stroke.
    pub(super) fn dots(&mut self, class: &str, width: f64, points: &[Point]) {
        let dots: Vec<String> = points
            .iter()
            .map(|point| format!("M{} {}h0", number(point.0), number(point.1)))
            .collect();
        self.element(format_args!(
            "<path class=\"{}\" stroke-width=\"{}\" d=\"{}\"/>",
            escape(class),
            number(width),
            dots.concat()
        ));
    }

    /// A rectangle from its upper left corner.
    pub(super) fn rect(&mut self, class: &str, at: Point, width: f64, height: f64) {
        let [x, y, width, height] = [at.0, at.1, width, height].map(number);
        self.element(format_args!(
            "<rect class=\"{}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>",
            escape(class)
        ));
    }

    /// Words; classes `middle` and `end` move them to the left of the point.
    pub(super) fn text(&mut self, class: &str, at: Point, text: &str) {
        let [x, y] = [at.0, at.1].map(number);
        self.element(format_args!(
            "<text class=\"{}\" x=\"{x}\" y=\"{y}\">{}</text>",
            escape(class),
            escape(text)
        ));
    }

    /// One of several shapes around a point.
    pub(super) fn mark(&mut self, class: &str, shape: usize, at: Point, radius: f64) {
        // Corners in units of the radius; areas are about equal.
        let corners: &[Point] = match shape % 7 {
            0 => return self.circle(class, at, radius),
            1 => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
            2 => &[(0.0, -1.25), (1.15, 0.85), (-1.15, 0.85)],
            3 => &[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)],
            4 => &[(0.0, 1.25), (1.15, -0.85), (-1.15, -0.85)],
            5 => &[(-0.5, -1.2), (0.5, -1.2), (0.5, 1.2), (-0.5, 1.2)],
            _ => &[(-1.3, -0.6), (1.3, -0.6), (1.3, 0.6), (-1.3, 0.6)],
        };
        let points: Vec<String> = corners
            .iter()
            .map(|(x, y)| format!("{},{}", number(at.0 + x * radius), number(at.1 + y * radius)))
            .collect();
        self.element(format_args!(
            "<polygon class=\"{}\" points=\"{}\"/>",
            escape(class),
            points.join(" ")
        ));
    }

    fn circle(&mut self, class: &str, at: Point, radius: f64) {
        let [x, y, r] = [at.0, at.1, radius].map(number);
        self.element(format_args!(
            "<circle class=\"{}\" cx=\"{x}\" cy=\"{y}\" r=\"{r}\"/>",
            escape(class)
        ));
    }

    fn element(&mut self, element: std::fmt::Arguments<'_>) {
        self.0.write_fmt(element).expect("writing to a string does not fail");
    }

    /// The text of it.
    pub(super) fn finish(self) -> String {
        self.0 + "</svg>"
    }
}

/// One digit after the point is a tenth of a pixel.
fn number(value: f64) -> String {
    let text = format!("{:.1}", if value.is_finite() { value } else { 0.0 });
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_escaped() {
        let hostile = "\"><img src=x onerror=alert(1)>";
        let mut svg = Svg::new(10.0, 5.0, hostile);
        svg.text(hostile, (1.0, 2.25), hostile);
        svg.mark(hostile, 0, (0.0, 0.0), 1.0);
        svg.mark(hostile, 2, (0.0, 0.0), 1.0);
        svg.line(hostile, (0.0, 0.0), (1.0, f64::NAN));
        svg.polyline(hostile, &[(0.0, 0.0)]);
        svg.dots(hostile, 1.0, &[(0.0, -0.01)]);
        svg.rect(hostile, (0.0, 0.0), 1.0, 1.0);
        let text = svg.finish();
        assert!(!text.contains("<img"), "{text}");
        assert_eq!(text.matches("&lt;img").count(), 9, "{text}");
        assert!(text.contains("x=\"1\" y=\"2.2\"") && text.contains("M0 0h0"), "{text}");
    }
}
