use serde::{Deserialize, Serialize};

/// Measured times of passes: t(n), for several contexts.
///
/// Times between the measured ones are interpolated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct CostTable {
    contexts: Vec<ContextCosts>,
}

/// Times of passes behind so many committed tokens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContextCosts {
    /// Committed tokens before the pass.
    pub context: usize,
    /// Nodes of a pass, the root among them, and its time in seconds; ascending in the nodes.
    pub points: Vec<(usize, f64)>,
}

/// A cost table that is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a cost table is not valid: {0}")]
pub struct CostTableError(&'static str);

#[derive(Deserialize)]
struct Unchecked {
    contexts: Vec<ContextCosts>,
}

impl TryFrom<Unchecked> for CostTable {
    type Error = CostTableError;

    fn try_from(table: Unchecked) -> Result<Self, CostTableError> {
        Self::new(table.contexts)
    }
}

impl CostTable {
    /// A table of these times.
    ///
    /// # Errors
    /// No contexts, or one without points; contexts or nodes that do not ascend; a pass over no node; a time that is
    /// not a positive number.
    pub fn new(contexts: Vec<ContextCosts>) -> Result<Self, CostTableError> {
        let refuse = |what| Err(CostTableError(what));
        if contexts.is_empty() || contexts.iter().any(|costs| costs.points.is_empty()) {
            return refuse("it has no times");
        }
        let ascending = |costs: &ContextCosts| costs.points.is_sorted_by(|a, b| a.0 < b.0);
        if !contexts.is_sorted_by(|a, b| a.context < b.context) || !contexts.iter().all(ascending) {
            return refuse("its contexts or its nodes do not ascend");
        }
        let mut points = contexts.iter().flat_map(|costs| &costs.points);
        if points.any(|&(nodes, seconds)| nodes == 0 || !(seconds > 0.0 && seconds.is_finite())) {
            return refuse("it has a pass over no node, or a time that is not positive");
        }
        Ok(Self { contexts })
    }

    /// A pass over one node takes `first` seconds, and each further node adds
    /// `share` of that, at any context.
    ///
    /// # Errors
    /// A `first` that is not a positive number, a `share` that is negative or no number.
    pub fn linear(first: f64, share: f64) -> Result<Self, CostTableError> {
        if share.is_nan() || share < 0.0 {
            return Err(CostTableError("a further node cannot take less than no time"));
        }
        let points = vec![(1, first), (2, first * (1.0 + share))];
        Self::new(vec![ContextCosts { context: 0, points }])
    }

    /// The measured times, ascending in the context.
    pub fn contexts(&self) -> &[ContextCosts] {
        &self.contexts
    }

    /// Seconds of a pass over so many nodes behind so many committed tokens.
    ///
    /// Linear between the measured points and, along the last two of them, beyond; before the first it is the first.
    /// It never falls below the time of the point before. 0 nodes cost nothing.
    pub fn seconds(&self, nodes: usize, context: usize) -> f64 {
        if nodes == 0 {
            return 0.0;
        }
        let at = |costs: &ContextCosts| line(nodes, costs.points.iter().copied());
        line(context, self.contexts.iter().map(|costs| (costs.context, at(costs))))
    }
}

/// The height at `x` of the line through `points`, which ascend in `x` and of which there is at least one.
fn line(x: usize, points: impl Iterator<Item = (usize, f64)>) -> f64 {
    let mut points = points.peekable();
    let mut before = points.next().unwrap_or_default();
    if x <= before.0 {
        return before.1;
    }
    while let Some(after) = points.next() {
        if x <= after.0 || points.peek().is_none() {
            let slope = (after.1 - before.1) / (after.0 - before.0) as f64;
            let height = before.1 + slope * (x - before.0) as f64;
            return if x <= after.0 { height } else { height.max(after.1) };
        }
        before = after;
    }
    before.1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn costs(context: usize, points: &[(usize, f64)]) -> ContextCosts {
        ContextCosts { context, points: points.to_vec() }
    }

    #[test]
    fn times_lie_on_lines_between_the_points() {
        let table = CostTable::new(vec![
            costs(100, &[(1, 1.0), (4, 4.0), (8, 6.0)]),
            costs(200, &[(1, 2.0), (4, 5.0), (8, 5.0)]),
        ])
        .unwrap();
        for (nodes, context, seconds) in [
            (1, 100, 1.0),
            (1, 0, 1.0),
            (2, 100, 2.0),
            (6, 100, 5.0),
            (10, 100, 7.0),
            (1, 150, 1.5),
            (1, 300, 3.0),
            (6, 200, 5.0),
            (100, 200, 5.0),
            (0, 100, 0.0),
        ] {
            assert_eq!(table.seconds(nodes, context), seconds, "{nodes} nodes at {context}");
        }
        // The longer context is quicker here: noise must not make a pass free far out.
        assert!(table.seconds(8, 1_000_000) >= 5.0);
        let one = CostTable::new(vec![costs(5, &[(3, 2.0)])]).unwrap();
        assert_eq!((one.seconds(1, 0), one.seconds(9, 90)), (2.0, 2.0));
    }

    #[test]
    fn tables_are_checked_when_they_are_made_and_read() {
        for contexts in [
            vec![],
            vec![costs(1, &[])],
            vec![costs(2, &[(1, 1.0)]), costs(1, &[(1, 1.0)])],
            vec![costs(1, &[(2, 1.0), (2, 1.0)])],
            vec![costs(1, &[(0, 1.0)])],
            vec![costs(1, &[(1, 0.0)])],
            vec![costs(1, &[(1, f64::NAN)])],
        ] {
            assert!(CostTable::new(contexts).is_err());
        }
        let table = CostTable::new(vec![costs(7, &[(1, 0.5), (2, 0.75)])]).unwrap();
        let text = serde_json::to_string(&table).unwrap();
        assert_eq!(text, r#"{"contexts":[{"context":7,"points":[[1,0.5],[2,0.75]]}]}"#);
        assert_eq!(serde_json::from_str::<CostTable>(&text).unwrap(), table);
        assert!(serde_json::from_str::<CostTable>(&text.replace("0.75", "-1.0")).is_err());
    }
}
