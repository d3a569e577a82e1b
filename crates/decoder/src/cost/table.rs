use foretoken_core::DecodeError;
use serde::{Deserialize, Serialize};

/// The time of a pass over `n` nodes, t(n), measured at some context lengths.
///
/// Between and beyond what was measured, times are interpolated linearly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CostTable {
    /// One row per context length, the shortest first.
    pub contexts: Vec<CostRow>,
}

/// t(n) at one context length.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CostRow {
    /// Committed tokens.
    pub context: usize,
    /// Nodes of a pass, the root included, and the seconds it takes; the
    /// smallest number of nodes first.
    pub points: Vec<(usize, f64)>,
}

/// t(n) / t(1) of a quantized model of 135M parameters on two AVX2 cores: what
/// is assumed until passes are timed.
const PRIOR: [(usize, f64); 10] = [
    (1, 1.0),
    (2, 1.15),
    (3, 1.3),
    (4, 1.45),
    (6, 1.95),
    (8, 2.4),
    (12, 3.4),
    (16, 4.4),
    (32, 8.6),
    (64, 17.0),
];

impl Default for CostTable {
    /// Typical of a quantized model on a CPU, with t(1) = 10 ms. A decoder
    /// corrects it by the timings of its own passes.
    fn default() -> Self {
        let points = PRIOR.iter().map(|&(nodes, times)| (nodes, 0.01 * times)).collect();
        Self { contexts: vec![CostRow { context: 0, points }] }
    }
}

impl CostTable {
    /// A table where each node beyond the first costs `share` of t(1), at any context.
    pub fn linear(first: f64, share: f64) -> Self {
        let points = vec![(1, first), (2, first * (1.0 + share))];
        Self { contexts: vec![CostRow { context: 0, points }] }
    }

    /// The seconds of a pass over `nodes` nodes that hang off `context` tokens.
    pub fn seconds(&self, nodes: usize, context: usize) -> f64 {
        let at = |row: &CostRow| interpolate(nodes as f64, &row.points, |&(n, s)| (n as f64, s));
        interpolate(context as f64, &self.contexts, |row| (row.context as f64, at(row)))
    }

    pub(crate) fn validate(&self) -> Result<(), DecodeError> {
        let sorted = self.contexts.is_sorted_by(|a, b| a.context < b.context);
        let sound = |row: &CostRow| {
            row.points.is_sorted_by(|a, b| a.0 < b.0)
                && row
                    .points
                    .iter()
                    .all(|&(n, seconds)| n > 0 && seconds.is_finite() && seconds > 0.0)
                && !row.points.is_empty()
        };
        if self.contexts.is_empty() || !sorted || !self.contexts.iter().all(sound) {
            return Err(DecodeError::config(
                "the cost table is not sound: it needs rows by growing context length, each with \
                 positive times by growing number of nodes",
            ));
        }
        Ok(())
    }
}

/// The value at `x` on the line through the two points of `points` around it,
/// or through the two nearest; at least the smallest value there is.
fn interpolate<T>(x: f64, points: &[T], point: impl Fn(&T) -> (f64, f64)) -> f64 {
    let [.., _, _] = points else { return points.first().map_or(0.0, |only| point(only).1) };
    let after = points.partition_point(|p| point(p).0 < x).clamp(1, points.len() - 1);
    let ((x0, y0), (x1, y1)) = (point(&points[after - 1]), point(&points[after]));
    (y0 + (y1 - y0) * (x - x0) / (x1 - x0)).max(y0.min(y1) * 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpolates_between_and_beyond() {
        let row = |context, first| CostRow { context, points: vec![(1, first), (5, 5.0 * first)] };
        let table = CostTable { contexts: vec![row(100, 1.0), row(300, 2.0)] };
        assert_eq!(table.seconds(3, 100), 3.0);
        assert_eq!(table.seconds(3, 200), 4.5);
        assert_eq!(table.seconds(10, 300), 20.0);
        assert_eq!(CostTable::linear(2.0, 0.5).seconds(9, 1000), 10.0);
    }

    #[test]
    fn unsound_tables_are_refused() {
        assert!(CostTable::default().validate().is_ok());
        let refused = |contexts| CostTable { contexts }.validate().is_err();
        assert!(refused(vec![]));
        assert!(refused(vec![CostRow { context: 0, points: vec![] }]));
        assert!(refused(vec![CostRow { context: 0, points: vec![(1, 0.0)] }]));
        assert!(refused(vec![CostRow { context: 0, points: vec![(2, 1.0), (1, 1.0)] }]));
    }
}
