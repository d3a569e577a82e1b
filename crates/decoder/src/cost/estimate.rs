use std::time::Duration;

use foretoken_core::CostTable;

/// The numbers of nodes at which the table is corrected one by one.
const KNOTS: [usize; 14] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 128, 256];

/// The least weight of a new timing: some twenty of the latest count.
const LATEST: f64 = 0.05;

/// How far, as a logarithm, one timing may pull if the one before it did not
/// say so too: a pass that the operating system interrupted says nothing about
/// passes.
const PULL: f64 = 0.25;

/// t(n) as a table says, corrected by the timings of passes.
///
/// One factor for all passes follows the machine; one for each number of nodes
/// follows the shape of the curve.
#[derive(Clone, Debug)]
pub(crate) struct CostEstimate {
    table: CostTable,
    overall: Factor,
    knots: [Factor; KNOTS.len()],
}

/// A running mean of logarithms.
#[derive(Clone, Copy, Debug, Default)]
struct Factor {
    log: f64,
    count: f64,
    /// The error before this one.
    before: f64,
}

impl Factor {
    /// `held`: so many imagined timings say that there is nothing to correct.
    fn learn(&mut self, error: f64, weight: f64, held: f64) {
        if weight <= 0.0 {
            return;
        }
        let before = std::mem::replace(&mut self.before, error);
        let pull = if self.count == 0.0 {
            error
        } else {
            error.clamp(before.min(-PULL), before.max(PULL))
        };
        self.count += weight;
        self.log += pull * weight * (1.0 / (self.count + held)).max(LATEST);
    }
}

impl CostEstimate {
    pub(crate) fn new(table: CostTable) -> Self {
        Self { table, overall: Factor::default(), knots: [Factor::default(); KNOTS.len()] }
    }

    /// The seconds that a pass over `nodes` nodes after `context` tokens is expected to take.
    pub(crate) fn seconds(&self, nodes: usize, context: usize) -> f64 {
        let (low, share) = knot(nodes);
        let shape = self.knots[low].log * (1.0 - share)
            + self.knots[(low + 1).min(KNOTS.len() - 1)].log * share;
        self.table.seconds(nodes, context) * (self.overall.log + shape).exp()
    }

    /// Learns from a pass that took `time`.
    pub(crate) fn learn(&mut self, nodes: usize, context: usize, time: Duration) {
        let time = time.as_secs_f64();
        if time <= 0.0 {
            return;
        }
        self.overall.learn((time / self.seconds(nodes, context)).ln(), 1.0, 0.0);
        // Of the shape, a timing says only what the machine's speed leaves open: nothing, if it is the first.
        let error = (time / self.seconds(nodes, context)).ln();
        let (low, share) = knot(nodes);
        self.knots[low].learn(error, 1.0 - share, 2.0);
        if let Some(high) = self.knots.get_mut(low + 1) {
            high.learn(error, share, 2.0);
        }
    }
}

/// The knot at or below `nodes`, and how far it is from there to the next, 0 to 1.
fn knot(nodes: usize) -> (usize, f64) {
    let low = KNOTS.partition_point(|&knot| knot <= nodes).saturating_sub(1);
    let Some(&next) = KNOTS.get(low + 1) else { return (low, 0.0) };
    let share = nodes.saturating_sub(KNOTS[low]) as f64 / (next - KNOTS[low]) as f64;
    (low, share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_a_machine_that_is_not_like_the_table() {
        // A GPU: 2 ms however many nodes.
        let mut cost = CostEstimate::new(crate::cost_prior());
        for step in 0..3000 {
            cost.learn(1 + step * 7 % 32, 100, Duration::from_millis(2));
        }
        for nodes in [1, 5, 16, 30] {
            let seconds = cost.seconds(nodes, 100);
            assert!((seconds / 0.002 - 1.0).abs() < 0.1, "{nodes}: {seconds}");
        }
    }

    #[test]
    fn a_machine_of_another_speed_keeps_the_shape() {
        for milliseconds in [0.1, 1000.0] {
            let mut cost = CostEstimate::new(crate::cost_prior());
            for _ in 0..30 {
                cost.learn(1, 0, Duration::from_secs_f64(milliseconds / 1000.0));
                let ratio = cost.seconds(2, 0) / cost.seconds(1, 0);
                assert!((ratio - 1.15).abs() < 0.01, "{milliseconds} ms: {ratio}");
            }
        }
    }

    #[test]
    fn one_interrupted_pass_changes_little() {
        let mut cost = CostEstimate::new(CostTable::linear(0.01, 0.2).unwrap());
        for _ in 0..50 {
            cost.learn(1, 0, Duration::from_millis(10));
        }
        cost.learn(1, 0, Duration::from_secs(1));
        assert!(cost.seconds(1, 0) < 0.0103);
    }
}
