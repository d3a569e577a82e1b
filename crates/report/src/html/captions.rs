//! Places for the names of points: beside them, and not on top of each other.

use super::{chart::Frame, svg::Point};

/// The height of a line, and what a letter is wide on average.
const LINE: f64 = 15.0;
const LETTER: f64 = 7.4;

/// Where a name goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Caption {
    /// The left end of its middle line.
    pub(super) at: Point,
    width: f64,
    /// Whether it is so far from its point that a line must lead there.
    pub(super) far: bool,
}

impl Caption {
    /// Whether the two are nowhere on each other.
    fn clear_of(&self, other: &Self) -> bool {
        (self.at.1 - other.at.1).abs() >= LINE
            || self.at.0 + self.width + 4.0 <= other.at.0
            || other.at.0 + other.width + 4.0 <= self.at.0
    }

    /// Whether a mark of some 7 pixels around the point is not under it.
    fn clear_of_mark(&self, mark: Point) -> bool {
        (self.at.1 - mark.1).abs() >= LINE * 0.5 + 7.0
            || self.at.0 - 9.0 >= mark.0
            || self.at.0 + self.width + 9.0 <= mark.0
    }
}

/// A place for each name, the first that is free: to the right, to the left, then further up and down.
///
/// Where there is none, names overlap.
pub(super) fn place(points: &[(Point, String)], frame: &Frame, right: f64) -> Vec<Caption> {
    let mut placed: Vec<Caption> = Vec::new();
    for (at, text) in points {
        let width = text.chars().count() as f64 * LETTER;
        let candidates =
            [0.0, -1.0, 1.0, -2.0, 2.0, -3.0, 3.0, -4.0, 4.0].into_iter().flat_map(|lines| {
                [at.0 + 12.0, at.0 - 12.0 - width].map(|left| Caption {
                    at: (left, at.1 + lines * (LINE + 1.0)),
                    width,
                    far: lines != 0.0,
                })
            });
        let inside = |caption: &Caption| {
            caption.at.0 >= frame.left + 2.0
                && caption.at.0 + caption.width <= right
                && caption.at.1 >= frame.top - LINE
                && caption.at.1 <= frame.bottom - LINE * 0.5
        };
        let free = |caption: &Caption| {
            placed.iter().all(|other| caption.clear_of(other))
                && points.iter().all(|(mark, _)| caption.clear_of_mark(*mark))
        };
        let mut inside: Vec<Caption> = candidates.clone().filter(inside).collect();
        let chosen = inside.iter().position(free).unwrap_or(0);
        let fallback = Caption { at: (frame.left + 2.0, at.1 - LINE), width, far: true };
        placed.push(if inside.is_empty() { fallback } else { inside.swap_remove(chosen) });
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_points_at_one_place_do_not_overlap() {
        let frame = Frame { left: 40.0, top: 20.0, right: 400.0, bottom: 300.0 };
        let points: Vec<(Point, String)> =
            (0..5).map(|index| ((200.0, 150.0), format!("strategy-{index} 1.50×"))).collect();
        let placed = place(&points, &frame, 400.0);
        for (index, caption) in placed.iter().enumerate() {
            assert!(placed[..index].iter().all(|other| caption.clear_of(other)), "{placed:?}");
            assert!(caption.clear_of_mark((200.0, 150.0)));
        }
        assert!(!placed[0].far && !placed[1].far && placed[4].far);
    }
}
