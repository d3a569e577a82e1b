//! Rotary position embedding (Su et al., 2021) of queries and keys.

use crate::elementwise::padded;
use crate::error::{KernelError, Kind};
use crate::lanes::{Kernel, LANES, Lanes, dispatch};
use crate::level::Level;

/// Which two dimensions of a head turn together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotaryStyle {
    /// Dimensions `2i` and `2i + 1`, as the weights of Llama models in GGUF files are ordered.
    Interleaved,
    /// Dimensions `i` and `i + n`, `n` being the number of frequencies: checkpoints in safetensors, and other GGUF models.
    HalfSplit,
}

/// The frequencies of a model, one for each pair of turning dimensions.
#[derive(Clone, Debug)]
pub struct Rotary {
    style: RotaryStyle,
    inverse_frequencies: Box<[f32]>,
}

impl Rotary {
    /// Pair `i` turns by `position * inverse_frequencies[i]` radians; whoever scales a model's context does so here.
    ///
    /// The first `2 * inverse_frequencies.len()` dimensions of a head turn, the others stay.
    ///
    /// # Errors
    /// If there is no frequency, or one is not finite.
    pub fn new(
        style: RotaryStyle,
        inverse_frequencies: impl Into<Box<[f32]>>,
    ) -> Result<Self, KernelError> {
        let inverse_frequencies = inverse_frequencies.into();
        if inverse_frequencies.is_empty()
            || inverse_frequencies.iter().any(|frequency| !frequency.is_finite())
        {
            return Err(Kind::Refused {
                what: "rotary frequencies must be finite, and at least one",
            }
            .into());
        }
        Ok(Self { style, inverse_frequencies })
    }

    /// How many dimensions of a head turn.
    pub fn dimensions(&self) -> usize {
        2 * self.inverse_frequencies.len()
    }
}

/// The cosines and sines of one pass: those of each row's position, shared by all heads and layers with these frequencies.
///
/// Filling takes some tens of nanoseconds a pair, once a pass, so no table of the whole context is kept; nothing is
/// allocated once a pass of this many rows has been seen. Angles are computed in `f64` and their cosines and sines rounded
/// once to `f32`.
#[derive(Clone, Debug)]
pub struct RotaryAngles {
    style: RotaryStyle,
    dimensions: usize,
    rows: usize,
    /// For each row and dimension its own cosine, and the sine that its partner is multiplied by, sign included.
    cosines: Vec<f32>,
    sines: Vec<f32>,
}

impl Default for RotaryAngles {
    fn default() -> Self {
        let (cosines, sines) = (Vec::new(), Vec::new());
        Self { style: RotaryStyle::HalfSplit, dimensions: 0, rows: 0, cosines, sines }
    }
}

impl RotaryAngles {
    /// Computes the angles of a pass whose rows stand at `positions`.
    pub fn fill(&mut self, rotary: &Rotary, positions: impl IntoIterator<Item = usize>) {
        self.style = rotary.style;
        self.dimensions = rotary.dimensions();
        self.rows = 0;
        self.cosines.clear();
        self.sines.clear();
        for position in positions {
            let start = self.cosines.len();
            self.cosines.resize(start + self.dimensions, 0.0);
            self.sines.resize(start + self.dimensions, 0.0);
            for (i, frequency) in rotary.inverse_frequencies.iter().enumerate() {
                let (sine, cosine) = (position as f64 * f64::from(*frequency)).sin_cos();
                let (first, second) = match self.style {
                    RotaryStyle::Interleaved => (start + 2 * i, start + 2 * i + 1),
                    RotaryStyle::HalfSplit => (start + i, start + i + self.dimensions / 2),
                };
                self.cosines[first] = cosine as f32;
                self.cosines[second] = cosine as f32;
                self.sines[first] = -sine as f32;
                self.sines[second] = sine as f32;
            }
            self.rows += 1;
        }
    }

    /// How many rows were filled.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many dimensions of a head turn.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Turns `heads`, consecutive heads of `head_dim` values each, to the position of row `row`.
    ///
    /// # Panics
    /// If there is no such row, `heads` is not whole heads, or fewer dimensions than turn make a head.
    pub fn rotate(&self, level: Level, row: usize, heads: &mut [f32], head_dim: usize) {
        assert!(row < self.rows, "row {row} of {} rows of angles", self.rows);
        assert!(
            head_dim >= self.dimensions,
            "{} dimensions turn in heads of {head_dim}",
            self.dimensions
        );
        assert!(
            heads.len().is_multiple_of(head_dim),
            "{} values are not heads of {head_dim}",
            heads.len()
        );
        dispatch(level, Rotate { angles: self, row, heads, head_dim });
    }

    /// [`rotate`](Self::rotate), within a kernel.
    #[inline(always)]
    pub(crate) fn rotate_with<L: Lanes>(
        &self,
        lanes: L,
        row: usize,
        heads: &mut [f32],
        head_dim: usize,
    ) {
        let span = row * self.dimensions..(row + 1) * self.dimensions;
        let (cosines, sines) = (&self.cosines[span.clone()], &self.sines[span]);
        for head in heads.chunks_exact_mut(head_dim) {
            let head = &mut head[..self.dimensions];
            match self.style {
                RotaryStyle::Interleaved => interleaved(lanes, head, cosines, sines),
                RotaryStyle::HalfSplit => half_split(lanes, head, cosines, sines),
            }
        }
    }
}

struct Rotate<'a> {
    angles: &'a RotaryAngles,
    row: usize,
    heads: &'a mut [f32],
    head_dim: usize,
}

impl Kernel for Rotate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        self.angles.rotate_with(lanes, self.row, self.heads, self.head_dim);
    }
}

/// `x cos + partner sin`, the second product rounded first.
#[inline(always)]
fn turn<L: Lanes>(
    lanes: L,
    x: L::V,
    partner: L::V,
    cosine: &[f32; LANES],
    sine: &[f32; LANES],
) -> L::V {
    lanes.mul_add(x, lanes.load(cosine), lanes.mul(partner, lanes.load(sine)))
}

#[inline(always)]
fn interleaved<L: Lanes>(lanes: L, head: &mut [f32], cosines: &[f32], sines: &[f32]) {
    let (whole, rest) = head.as_chunks_mut::<LANES>();
    let (whole_cosines, rest_cosines) = cosines.as_chunks::<LANES>();
    let (whole_sines, rest_sines) = sines.as_chunks::<LANES>();
    for ((head, cosine), sine) in whole.iter_mut().zip(whole_cosines).zip(whole_sines) {
        let x = lanes.load(head);
        lanes.store(turn(lanes, x, lanes.swap_pairs(x), cosine, sine), head);
    }
    if !rest.is_empty() {
        let mut part = padded(rest);
        let x = lanes.load(&part);
        let turned =
            turn(lanes, x, lanes.swap_pairs(x), &padded(rest_cosines), &padded(rest_sines));
        lanes.store(turned, &mut part);
        rest.copy_from_slice(&part[..rest.len()]);
    }
}

#[inline(always)]
fn half_split<L: Lanes>(lanes: L, head: &mut [f32], cosines: &[f32], sines: &[f32]) {
    let half = head.len() / 2;
    let (first, second) = head.split_at_mut(half);
    // Both halves have the same cosines, and sines of opposite sign.
    let (cosines, sines) = (&cosines[half..], &sines[half..]);
    let zero = lanes.splat(0.0);
    let mut start = 0;
    while start < half {
        let span = start..half.min(start + LANES);
        let (mut a, mut b) = (padded(&first[span.clone()]), padded(&second[span.clone()]));
        let (cosine, sine) = (padded(&cosines[span.clone()]), padded(&sines[span.clone()]));
        let (x, y) = (lanes.load(&a), lanes.load(&b));
        lanes.store(turn(lanes, x, lanes.sub(zero, y), &cosine, &sine), &mut a);
        lanes.store(turn(lanes, y, x, &cosine, &sine), &mut b);
        first[span.clone()].copy_from_slice(&a[..span.len()]);
        second[span.clone()].copy_from_slice(&b[..span.len()]);
        start += LANES;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pair(style: RotaryStyle, i: usize, pairs: usize) -> (usize, usize) {
        match style {
            RotaryStyle::Interleaved => (2 * i, 2 * i + 1),
            RotaryStyle::HalfSplit => (i, i + pairs),
        }
    }

    proptest! {
        #[test]
        fn pairs_turn_by_their_angle(
            x in prop::collection::vec(-3.0f32..3.0, 240),
            interleaved: bool,
            pairs in 1usize..60,
            positions in prop::collection::vec(0usize..5000, 1..4),
        ) {
            let style = if interleaved { RotaryStyle::Interleaved } else { RotaryStyle::HalfSplit };
            let frequencies: Vec<f32> = (0..pairs).map(|i| 10_000f32.powf(-(i as f32) / pairs as f32)).collect();
            let mut angles = RotaryAngles::default();
            angles.fill(&Rotary::new(style, frequencies.clone()).unwrap(), [7, 8, 9, 10, 11]);
            angles.fill(&Rotary::new(style, frequencies.clone()).unwrap(), positions.iter().copied());
            prop_assert_eq!(angles.rows(), positions.len());
            let head_dim = 120;
            for (row, position) in positions.iter().enumerate() {
                let mut portable = x.clone();
                angles.rotate(Level::Portable, row, &mut portable, head_dim);
                for head in 0..2 {
                    let (before, after) = (&x[head * head_dim..], &portable[head * head_dim..]);
                    for (i, frequency) in frequencies.iter().enumerate() {
                        let (a, b) = pair(style, i, pairs);
                        let (sine, cosine) = (*position as f64 * f64::from(*frequency)).sin_cos();
                        let (x, y) = (f64::from(before[a]), f64::from(before[b]));
                        prop_assert!((f64::from(after[a]) - (x * cosine - y * sine)).abs() < 1e-6);
                        prop_assert!((f64::from(after[b]) - (y * cosine + x * sine)).abs() < 1e-6);
                    }
                    prop_assert_eq!(&before[2 * pairs..head_dim], &after[2 * pairs..head_dim]);
                }
                for level in Level::available() {
                    let mut turned = x.clone();
                    angles.rotate(level, row, &mut turned, head_dim);
                    prop_assert!(turned.iter().zip(&portable).all(|(a, b)| a.to_bits() == b.to_bits()));
                }
            }
        }
    }

    #[test]
    fn frequencies_must_be_finite() {
        assert!(Rotary::new(RotaryStyle::HalfSplit, Vec::new()).is_err());
        assert!(Rotary::new(RotaryStyle::HalfSplit, vec![f32::NAN]).is_err());
    }
}
