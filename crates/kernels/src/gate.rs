//! The element-wise steps of a transformer layer: gates, residual sums, scales and soft caps.
//!
//! Each element of a result depends on the same element of the operands alone, and its bits on nothing else: not on its
//! place, its neighbours or the instruction-set level. So a caller may apply these to any part of a row on any worker.

use crate::elementwise::{self, Binary, Unary};
use crate::exp;
use crate::lanes::Lanes;
use crate::level::Level;

struct SiluGate;

impl Binary for SiluGate {
    #[inline(always)]
    fn apply<L: Lanes>(&self, lanes: L, gate: L::V, up: L::V) -> L::V {
        lanes.mul(times_sigmoid(lanes, gate, gate), up)
    }
}

/// `x / (1 + exp(-u))`.
#[inline(always)]
fn times_sigmoid<L: Lanes>(lanes: L, x: L::V, u: L::V) -> L::V {
    let e = exp::exp(lanes, lanes.sub(lanes.splat(0.0), u));
    lanes.div(x, lanes.add(lanes.splat(1.0), e))
}

struct GeluGate;

/// `2 sqrt(2 / pi)`.
const GELU_SCALE: f32 = 2.0 * std::f32::consts::FRAC_2_SQRT_PI * std::f32::consts::FRAC_1_SQRT_2;
/// The cubic coefficient of the tanh form, times [`GELU_SCALE`].
const GELU_CUBIC: f32 = 0.044_715 * GELU_SCALE;

impl Binary for GeluGate {
    #[inline(always)]
    fn apply<L: Lanes>(&self, lanes: L, gate: L::V, up: L::V) -> L::V {
        // x (1 + tanh u) / 2 = x / (1 + exp(-2u)), which loses nothing to cancellation.
        let square = lanes.mul(gate, gate);
        let slope = lanes.mul_add(square, lanes.splat(GELU_CUBIC), lanes.splat(GELU_SCALE));
        lanes.mul(times_sigmoid(lanes, gate, lanes.mul(gate, slope)), up)
    }
}

struct Add;

impl Binary for Add {
    #[inline(always)]
    fn apply<L: Lanes>(&self, lanes: L, x: L::V, y: L::V) -> L::V {
        lanes.add(x, y)
    }
}

struct Scale(f32);

impl Unary for Scale {
    #[inline(always)]
    fn apply<L: Lanes>(&self, lanes: L, x: L::V) -> L::V {
        lanes.mul(x, lanes.splat(self.0))
    }
}

/// `cap * tanh(x / cap)`.
#[derive(Clone, Copy)]
pub(crate) struct SoftCap {
    cap: f32,
    inverse: f32,
}

impl SoftCap {
    pub(crate) fn new(cap: f32) -> Self {
        Self { cap, inverse: cap.recip() }
    }
}

impl Unary for SoftCap {
    #[inline(always)]
    fn apply<L: Lanes>(&self, lanes: L, x: L::V) -> L::V {
        let t = exp::tanh(lanes, lanes.mul(x, lanes.splat(self.inverse)));
        lanes.mul(t, lanes.splat(self.cap))
    }
}

/// `gate[i] = silu(gate[i]) * up[i]`, where `silu(x) = x / (1 + exp(-x))`: the gate of Llama and Qwen.
///
/// # Panics
/// If the slices differ in length.
pub fn silu_gate(level: Level, gate: &mut [f32], up: &[f32]) {
    elementwise::zip(level, &SiluGate, gate, up);
}

/// `gate[i] = gelu(gate[i]) * up[i]`, with gelu's tanh form: the gate of Gemma.
///
/// # Panics
/// If the slices differ in length.
pub fn gelu_gate(level: Level, gate: &mut [f32], up: &[f32]) {
    elementwise::zip(level, &GeluGate, gate, up);
}

/// `x[i] += y[i]`: the residual sum, or a bias.
///
/// # Panics
/// If the slices differ in length.
pub fn add(level: Level, x: &mut [f32], y: &[f32]) {
    elementwise::zip(level, &Add, x, y);
}

/// `x[i] *= factor`.
pub fn scale(level: Level, x: &mut [f32], factor: f32) {
    elementwise::map(level, &Scale(factor), x);
}

/// `x[i] = cap * tanh(x[i] / cap)`, for a positive `cap`; the absolute error is about `1e-7 * cap`.
pub fn soft_cap(level: Level, x: &mut [f32], cap: f32) {
    elementwise::map(level, &SoftCap::new(cap), x);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(got: f32, expected: f64, scale: f64) -> bool {
        (f64::from(got) - expected).abs() <= 4e-7 * expected.abs() + 1e-7 * scale
    }

    fn operands() -> impl Strategy<Value = (Vec<f32>, Vec<f32>)> {
        (1usize..70).prop_flat_map(|n| {
            (
                prop::collection::vec(
                    prop_oneof![-30.0f32..30.0, -1e-3f32..1e-3, Just(0.0), Just(-200.0)],
                    n,
                ),
                prop::collection::vec(-4.0f32..4.0, n),
            )
        })
    }

    proptest! {
        #[test]
        fn gates_match_their_definitions((x, y) in operands()) {
            let mut silu = x.clone();
            silu_gate(Level::detect(), &mut silu, &y);
            let mut gelu = x.clone();
            gelu_gate(Level::detect(), &mut gelu, &y);
            let mut capped = x.clone();
            soft_cap(Level::detect(), &mut capped, 30.0);
            for i in 0..x.len() {
                let (gate, up) = (f64::from(x[i]), f64::from(y[i]));
                prop_assert!(near(silu[i], gate / (1.0 + (-gate).exp()) * up, 1e-30));
                let u = (2.0 / std::f64::consts::PI).sqrt() * (gate + 0.044_715 * gate.powi(3));
                // Far below zero, the exponent's rounding is a relative error; f64 tanh would lose all digits there.
                let sigmoid = 1.0 / (1.0 + (-2.0 * u).exp());
                let relative = 4e-7 * (1.0 + u.abs());
                prop_assert!((f64::from(gelu[i]) - gate * sigmoid * up).abs() <= relative * (gate * sigmoid * up).abs() + 1e-37);
                prop_assert!(near(capped[i], 30.0 * (gate / 30.0).tanh(), 30.0));
            }
        }

        #[test]
        fn levels_and_places_agree_to_the_bit((x, y) in operands(), cut in 0usize..70) {
            type Step = fn(Level, &mut [f32], &[f32]);
            let steps: [Step; 5] = [
                silu_gate,
                gelu_gate,
                add,
                |level, x, _| scale(level, x, 0.7),
                |level, x, _| soft_cap(level, x, 50.0),
            ];
            let cut = cut.min(x.len());
            for step in steps {
                let mut whole = x.clone();
                step(Level::Portable, &mut whole, &y);
                for level in Level::available() {
                    let mut parts = x.clone();
                    step(level, &mut parts[..cut], &y[..cut]);
                    step(level, &mut parts[cut..], &y[cut..]);
                    prop_assert!(parts.iter().zip(&whole).all(|(a, b)| a.to_bits() == b.to_bits()), "{}", level);
                }
            }
        }
    }
}
