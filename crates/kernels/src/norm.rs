//! Root-mean-square normalisation of rows (Zhang and Sennrich, 2019).

use std::ops::Range;

use crate::elementwise::padded;
use crate::error::{KernelError, Kind};
use crate::lanes::{Kernel, LANES, Lanes, dispatch};
use crate::level::Level;

/// `y = x / sqrt(mean(x^2) + epsilon) * weight`, row by row.
///
/// A row's bits depend on that row alone: squares are summed in sixteen lanes, element `i` in lane `i % 16`, and the
/// lanes in a fixed tree, at every level.
#[derive(Clone, Debug)]
pub struct RmsNorm {
    weight: Box<[f32]>,
    epsilon: f32,
}

impl RmsNorm {
    /// A normalisation of rows as wide as `weight`, which is multiplied in as it is.
    ///
    /// # Errors
    /// If `weight` is empty.
    pub fn new(weight: impl Into<Box<[f32]>>, epsilon: f32) -> Result<Self, KernelError> {
        let weight = weight.into();
        if weight.is_empty() {
            return Err(Kind::Size { what: "the weight of a norm", expected: 1, got: 0 }.into());
        }
        Ok(Self { weight, epsilon })
    }

    /// As [`new`](Self::new), for checkpoints that store the weight's difference from one (Gemma's safetensors; its GGUF
    /// files store the weight itself).
    ///
    /// # Errors
    /// If `weight` is empty.
    pub fn with_unit_offset(
        weight: impl Into<Box<[f32]>>,
        epsilon: f32,
    ) -> Result<Self, KernelError> {
        let mut norm = Self::new(weight, epsilon)?;
        for weight in &mut norm.weight {
            *weight += 1.0;
        }
        Ok(norm)
    }

    /// The length of a row.
    pub fn width(&self) -> usize {
        self.weight.len()
    }

    /// Normalises the rows of `x` (any number of them) into `out`.
    ///
    /// # Panics
    /// If `x` is not whole rows, or `out` differs from it in length.
    pub fn apply(&self, level: Level, x: &[f32], out: &mut [f32]) {
        assert_eq!(x.len(), out.len(), "a norm's input and output differ in length");
        self.assert_rows(x.len());
        dispatch(level, Apply { norm: self, x, out });
    }

    /// Normalises the rows of `x` in place: whole hidden states, or the heads of queries and keys.
    ///
    /// # Panics
    /// If `x` is not whole rows.
    pub fn apply_in_place(&self, level: Level, x: &mut [f32]) {
        self.assert_rows(x.len());
        dispatch(level, InPlace { norm: self, x });
    }

    /// The residual sum and the next norm in one step: `x += delta`, then `out` is the norm of `x`.
    ///
    /// The bits are those of [`add`](crate::gate::add) followed by [`apply`](Self::apply).
    ///
    /// # Panics
    /// If `x` is not whole rows, or `delta` or `out` differs from it in length.
    pub fn add_and_apply(&self, level: Level, x: &mut [f32], delta: &[f32], out: &mut [f32]) {
        assert_eq!(x.len(), delta.len(), "a residual sum's operands differ in length");
        assert_eq!(x.len(), out.len(), "a norm's input and output differ in length");
        self.assert_rows(x.len());
        dispatch(level, AddAndApply { norm: self, x, delta, out });
    }

    /// Some columns of the norm of one row: those that [`apply`](Self::apply) gives, for a worker that needs no others.
    ///
    /// # Panics
    /// If `x` is not one row, or `out` has not a place for each of the columns.
    pub fn apply_part(&self, level: Level, x: &[f32], columns: Range<usize>, out: &mut [f32]) {
        assert_eq!(x.len(), self.width(), "a part is of one row");
        assert_eq!(columns.len(), out.len(), "a part of a norm and its output differ in length");
        dispatch(level, Part { norm: self, x, columns, out });
    }

    /// [`apply_in_place`](Self::apply_in_place), within a kernel.
    #[inline(always)]
    pub(crate) fn apply_in_place_with<L: Lanes>(&self, lanes: L, x: &mut [f32]) {
        for row in x.chunks_exact_mut(self.width()) {
            let factor = self.factor(lanes, row);
            for (x, weight) in row.iter_mut().zip(&self.weight) {
                *x = *x * factor * weight;
            }
        }
    }

    fn assert_rows(&self, len: usize) {
        assert!(
            len.is_multiple_of(self.width()),
            "{len} elements are not rows of {}",
            self.width()
        );
    }

    /// What a row is multiplied by, before the weight.
    #[inline(always)]
    fn factor<L: Lanes>(&self, lanes: L, row: &[f32]) -> f32 {
        let (whole, rest) = row.as_chunks::<LANES>();
        let mut squares = lanes.splat(0.0);
        for x in whole {
            let x = lanes.load(x);
            squares = lanes.mul_add(x, x, squares);
        }
        if !rest.is_empty() {
            let x = lanes.load(&padded(rest));
            squares = lanes.mul_add(x, x, squares);
        }
        let mean = lanes.sum(squares) / row.len() as f32;
        1.0 / (mean + self.epsilon).sqrt()
    }
}

struct Apply<'a> {
    norm: &'a RmsNorm,
    x: &'a [f32],
    out: &'a mut [f32],
}

impl Kernel for Apply<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let width = self.norm.width();
        for (x, out) in self.x.chunks_exact(width).zip(self.out.chunks_exact_mut(width)) {
            let factor = self.norm.factor(lanes, x);
            for ((out, x), weight) in out.iter_mut().zip(x).zip(&self.norm.weight) {
                *out = x * factor * weight;
            }
        }
    }
}

struct InPlace<'a> {
    norm: &'a RmsNorm,
    x: &'a mut [f32],
}

impl Kernel for InPlace<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        self.norm.apply_in_place_with(lanes, self.x);
    }
}

struct Part<'a> {
    norm: &'a RmsNorm,
    x: &'a [f32],
    columns: Range<usize>,
    out: &'a mut [f32],
}

impl Kernel for Part<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let factor = self.norm.factor(lanes, self.x);
        let x = &self.x[self.columns.clone()];
        for ((out, x), weight) in self.out.iter_mut().zip(x).zip(&self.norm.weight[self.columns]) {
            *out = x * factor * weight;
        }
    }
}

struct AddAndApply<'a> {
    norm: &'a RmsNorm,
    x: &'a mut [f32],
    delta: &'a [f32],
    out: &'a mut [f32],
}

impl Kernel for AddAndApply<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let width = self.norm.width();
        let rows = self.x.chunks_exact_mut(width).zip(self.delta.chunks_exact(width));
        for ((x, delta), out) in rows.zip(self.out.chunks_exact_mut(width)) {
            for (x, delta) in x.iter_mut().zip(delta) {
                *x += delta;
            }
            let factor = self.norm.factor(lanes, x);
            for ((out, x), weight) in out.iter_mut().zip(x.iter()).zip(&self.norm.weight) {
                *out = x * factor * weight;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::add;
    use proptest::prelude::*;

    /// Rows, weight and a second operand of the rows' shape.
    fn rows() -> impl Strategy<Value = (Vec<f32>, Vec<f32>, Vec<f32>)> {
        (1usize..100, 1usize..5).prop_flat_map(|(width, rows)| {
            (
                prop::collection::vec(-8.0f32..8.0, width * rows),
                prop::collection::vec(-2.0f32..2.0, width),
                prop::collection::vec(-8.0f32..8.0, width * rows),
            )
        })
    }

    fn bits(x: &[f32]) -> Vec<u32> {
        x.iter().map(|x| x.to_bits()).collect()
    }

    proptest! {
        #[test]
        fn rows_match_the_definition((x, weight, _) in rows(), offset: bool) {
            let norm = if offset {
                RmsNorm::with_unit_offset(weight.clone(), 1e-5).unwrap()
            } else {
                RmsNorm::new(weight.clone(), 1e-5).unwrap()
            };
            let mut out = vec![0.0; x.len()];
            norm.apply(Level::detect(), &x, &mut out);
            for (x, out) in x.chunks(weight.len()).zip(out.chunks(weight.len())) {
                let mean = x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / x.len() as f64;
                for ((x, weight), out) in x.iter().zip(&weight).zip(out) {
                    let weight = f64::from(*weight) + f64::from(u8::from(offset));
                    let expected = f64::from(*x) / (mean + 1e-5).sqrt() * weight;
                    prop_assert!((f64::from(*out) - expected).abs() <= 1e-6 * expected.abs() + 1e-6);
                }
            }
        }

        #[test]
        fn forms_rows_and_levels_agree_to_the_bit((x, weight, delta) in rows()) {
            let width = weight.len();
            let norm = RmsNorm::new(weight, 1e-6).unwrap();
            let mut sum = x.clone();
            add(Level::Portable, &mut sum, &delta);
            let mut expected = vec![0.0; x.len()];
            norm.apply(Level::Portable, &sum, &mut expected);
            for level in Level::available() {
                let (mut residual, mut out) = (x.clone(), vec![0.0; x.len()]);
                norm.add_and_apply(level, &mut residual, &delta, &mut out);
                prop_assert_eq!(bits(&residual), bits(&sum));
                prop_assert_eq!(bits(&out), bits(&expected));
                norm.apply_in_place(level, &mut residual);
                prop_assert_eq!(bits(&residual), bits(&expected));
                let last = sum.len() - width;
                norm.apply(level, &sum[last..], &mut out[last..]);
                prop_assert_eq!(bits(&out), bits(&expected), "a row alone");
                let part = width / 3..width - width / 4;
                let mut some = vec![0.0; part.len()];
                norm.apply_part(level, &sum[..width], part.clone(), &mut some);
                prop_assert_eq!(bits(&some), bits(&expected[part]), "some columns");
            }
        }
    }

    #[test]
    fn an_empty_weight_is_refused() {
        assert!(RmsNorm::new(Vec::new(), 1e-5).is_err());
    }
}
