//! From figures to places in a picture.

/// A direction of a picture, straight or logarithmic.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    /// The figures at its ends.
    domain: (f64, f64),
    /// The places of its ends.
    range: (f64, f64),
    logarithmic: bool,
}

impl Axis {
    /// Equal differences are equally long.
    pub(super) fn straight(domain: (f64, f64), range: (f64, f64)) -> Self {
        Self { domain, range, logarithmic: false }
    }

    /// Equal ratios are equally long; the domain is positive.
    pub(super) fn logarithmic(domain: (f64, f64), range: (f64, f64)) -> Self {
        Self { domain, range, logarithmic: true }
    }

    /// Where a figure is.
    pub(super) fn at(&self, value: f64) -> f64 {
        let scale = |value: f64| if self.logarithmic { value.ln() } else { value };
        let [low, high, value] = [self.domain.0, self.domain.1, value].map(scale);
        let share = if high > low { (value - low) / (high - low) } else { 0.5 };
        self.range.0 + share * (self.range.1 - self.range.0)
    }

    /// About so many round figures between its ends, ascending.
    pub(super) fn ticks(&self, about: usize) -> Vec<f64> {
        let (low, high) = self.domain;
        let step = round_step((high - low) / about.max(1) as f64);
        if !step.is_finite() || step <= 0.0 {
            return vec![low];
        }
        let (first, last) =
            ((low / step - 1e-9).ceil() as i64, (high / step + 1e-9).floor() as i64);
        (first..=last).map(|index| index as f64 * step).collect()
    }
}

/// The next of 1, 2, 2.5, 5 times a power of ten.
fn round_step(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    let round = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|factor| factor * power);
    round.into_iter().find(|&round| round >= step * 0.999).unwrap_or(step)
}

/// The text of a tick: no more digits than it needs.
pub(super) fn tick(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Places near the wanted ones, at least `gap` apart where there is room between `low` and `high`.
pub(super) fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]));
    let mut places = wanted.to_vec();
    let mut least = low;
    for &index in &order {
        places[index] = places[index].max(least);
        least = places[index] + gap;
    }
    let mut most = high;
    for &index in order.iter().rev() {
        places[index] = places[index].min(most);
        most = places[index] - gap;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_places() {
        let axis = Axis::straight((0.0, 10.0), (100.0, 0.0));
        assert_eq!((axis.at(0.0), axis.at(2.5), axis.at(10.0)), (100.0, 75.0, 0.0));
        assert_eq!(axis.ticks(5), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        let axis = Axis::logarithmic((1.0, 64.0), (0.0, 6.0));
        assert!((axis.at(8.0) - 3.0).abs() < 1e-12);
        let empty = Axis::straight((1.0, 1.0), (0.0, 8.0));
        assert_eq!((empty.at(1.0), empty.ticks(4).len()), (4.0, 1));
        assert_eq!([0.5, 1.0, 1.25, 20.0].map(tick), ["0.5", "1", "1.25", "20"]);
    }

    #[test]
    fn labels_keep_apart_and_in_order() {
        let places = spread(&[50.0, 48.0, 49.0, 5.0], 10.0, 0.0, 60.0);
        assert_eq!(places, [60.0, 40.0, 50.0, 5.0]);
    }
}
