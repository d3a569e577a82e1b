//! Steps of the network in one pass each, with their gradients.
//!
//! Composed of candle's elementary operations, these would take ten passes over memory each and
//! most of a training step. All work on contiguous `f32` rows in the CPU's memory.

use std::sync::Arc;

use candle_core::{
    CpuStorage, CustomOp1, CustomOp2, CustomOp3, Layout, Result, Shape, Tensor, bail,
};

fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&storage.as_slice::<f32>()?[start..end]),
        None => bail!("a fused step takes contiguous values"),
    }
}

fn last(layout: &Layout) -> usize {
    layout.dims().last().copied().unwrap_or(1).max(1)
}

/// Root-mean-square normalisation of rows, times a weight for each column.
pub(super) struct RmsNorm {
    pub(super) epsilon: f32,
}

impl RmsNorm {
    fn inverse(&self, row: &[f32]) -> f32 {
        let squares: f32 = row.iter().map(|x| x * x).sum();
        1.0 / (squares / row.len() as f32 + self.epsilon).sqrt()
    }
}

impl CustomOp2 for RmsNorm {
    fn name(&self) -> &'static str {
        "rms-norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, weight) = (values(x, x_layout)?, values(weight, weight_layout)?);
        let mut out = Vec::with_capacity(x.len());
        for row in x.chunks_exact(weight.len()) {
            let inverse = self.inverse(row);
            out.extend(row.iter().zip(weight).map(|(x, w)| x * inverse * w));
        }
        Ok((CpuStorage::F32(out), x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let rows = RmsNormGradient { epsilon: self.epsilon, of_weight: false };
        let columns = RmsNormGradient { epsilon: self.epsilon, of_weight: true };
        let to_x = x.apply_op3_no_bwd(weight, &grad, &rows)?;
        let to_weight = x.apply_op3_no_bwd(weight, &grad, &columns)?;
        Ok((Some(to_x), Some(to_weight)))
    }
}

struct RmsNormGradient {
    epsilon: f32,
    of_weight: bool,
}

impl CustomOp3 for RmsNormGradient {
    fn name(&self) -> &'static str {
        "rms-norm-gradient"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        grad: &CpuStorage,
        grad_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, weight) = (values(x, x_layout)?, values(weight, weight_layout)?);
        let grad = values(grad, grad_layout)?;
        let width = weight.len();
        let norm = RmsNorm { epsilon: self.epsilon };
        let rows = x.chunks_exact(width).zip(grad.chunks_exact(width));
        if self.of_weight {
            let mut sums = vec![0.0; width];
            for (x, grad) in rows {
                let inverse = norm.inverse(x);
                for ((sum, x), grad) in sums.iter_mut().zip(x).zip(grad) {
                    *sum += x * inverse * grad;
                }
            }
            return Ok((CpuStorage::F32(sums), weight_layout.shape().clone()));
        }
        let mut out = Vec::with_capacity(x.len());
        for (x, grad) in rows {
            let inverse = norm.inverse(x);
            let dot: f32 = x.iter().zip(weight).zip(grad).map(|((x, w), g)| x * w * g).sum();
            let pull = dot * inverse * inverse / width as f32;
            out.extend(
                x.iter().zip(weight).zip(grad).map(|((x, w), g)| inverse * (w * g - x * pull)),
            );
        }
        Ok((CpuStorage::F32(out), x_layout.shape().clone()))
    }
}

/// Rotary embedding of `[batch, positions, heads, head_dim]`, neighbouring values turned together.
#[derive(Clone)]
pub(super) struct Rotate {
    /// For each position, `head_dim / 2` pairs of cosine and sine.
    pub(super) angles: Arc<[(f32, f32)]>,
    /// Turns back.
    pub(super) back: bool,
}

impl Rotate {
    /// The angles of `positions` positions.
    pub(super) fn new(positions: usize, head_dim: usize, base: f64) -> Self {
        let angles = (0..positions)
            .flat_map(|position| {
                (0..head_dim / 2).map(move |pair| {
                    let frequency = base.powf(-2.0 * pair as f64 / head_dim as f64);
                    let (sin, cos) = (position as f64 * frequency).sin_cos();
                    (cos as f32, sin as f32)
                })
            })
            .collect();
        Self { angles, back: false }
    }
}

impl CustomOp1 for Rotate {
    fn name(&self) -> &'static str {
        "rotate"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (_, positions, heads, head_dim) = layout.shape().dims4()?;
        let x = values(x, layout)?;
        let pairs = head_dim / 2;
        let mut out = vec![0.0; x.len()];
        let rows = x.chunks_exact(head_dim).zip(out.chunks_exact_mut(head_dim));
        for (row, (x, out)) in rows.enumerate() {
            let position = row / heads % positions;
            let angles = &self.angles[position * pairs..(position + 1) * pairs];
            let both = x.chunks_exact(2).zip(out.chunks_exact_mut(2));
            for ((x, out), &(cos, sin)) in both.zip(angles) {
                let sin = if self.back { -sin } else { sin };
                out[0] = x[0] * cos - x[1] * sin;
                out[1] = x[0] * sin + x[1] * cos;
            }
        }
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let back = Self { back: !self.back, ..self.clone() };
        Ok(Some(grad.contiguous()?.apply_op1_no_bwd(&back)?))
    }
}

/// Softmax of scaled attention scores `[.., rows, positions]`, where a row at position
/// `row % positions` sees itself and what is before it.
pub(super) struct CausalSoftmax {
    pub(super) scale: f32,
}

impl CustomOp1 for CausalSoftmax {
    fn name(&self) -> &'static str {
        "causal-softmax"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let positions = last(layout);
        let x = values(x, layout)?;
        let mut out = vec![0.0; x.len()];
        let rows = x.chunks_exact(positions).zip(out.chunks_exact_mut(positions));
        for (row, (x, out)) in rows.enumerate() {
            let seen = row % positions + 1;
            softmax(&x[..seen], &mut out[..seen], self.scale);
        }
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, result: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let gradient = SoftmaxGradient { scale: self.scale };
        Ok(Some(result.apply_op2_no_bwd(&grad.contiguous()?, &gradient)?))
    }
}

struct SoftmaxGradient {
    scale: f32,
}

impl CustomOp2 for SoftmaxGradient {
    fn name(&self) -> &'static str {
        "causal-softmax-gradient"
    }

    fn cpu_fwd(
        &self,
        y: &CpuStorage,
        layout: &Layout,
        grad: &CpuStorage,
        grad_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let positions = last(layout);
        let (y, grad) = (values(y, layout)?, values(grad, grad_layout)?);
        let mut out = vec![0.0; y.len()];
        let rows = y.chunks_exact(positions).zip(grad.chunks_exact(positions));
        for (row, ((y, grad), out)) in rows.zip(out.chunks_exact_mut(positions)).enumerate() {
            let seen = row % positions + 1;
            let (y, grad) = (&y[..seen], &grad[..seen]);
            let dot: f32 = y.iter().zip(grad).map(|(y, g)| y * g).sum();
            for ((out, y), g) in out.iter_mut().zip(y).zip(grad) {
                *out = self.scale * y * (g - dot);
            }
        }
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}

/// `silu(gate) * up`.
pub(super) struct Gate;

impl CustomOp2 for Gate {
    fn name(&self) -> &'static str {
        "gate"
    }

    fn cpu_fwd(
        &self,
        gate: &CpuStorage,
        layout: &Layout,
        up: &CpuStorage,
        up_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (gate, up) = (values(gate, layout)?, values(up, up_layout)?);
        let out = gate.iter().zip(up).map(|(g, u)| g * sigmoid(*g) * u).collect();
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }

    fn bwd(
        &self,
        gate: &Tensor,
        up: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let to_gate = gate.apply_op3_no_bwd(up, &grad, &GateGradient { of_up: false })?;
        let to_up = gate.apply_op3_no_bwd(up, &grad, &GateGradient { of_up: true })?;
        Ok((Some(to_gate), Some(to_up)))
    }
}

struct GateGradient {
    of_up: bool,
}

impl CustomOp3 for GateGradient {
    fn name(&self) -> &'static str {
        "gate-gradient"
    }

    fn cpu_fwd(
        &self,
        gate: &CpuStorage,
        layout: &Layout,
        up: &CpuStorage,
        up_layout: &Layout,
        grad: &CpuStorage,
        grad_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (gate, up) = (values(gate, layout)?, values(up, up_layout)?);
        let both = gate.iter().zip(values(grad, grad_layout)?);
        let out = if self.of_up {
            both.map(|(g, grad)| grad * g * sigmoid(*g)).collect()
        } else {
            both.zip(up)
                .map(|((g, grad), u)| {
                    let s = sigmoid(*g);
                    grad * u * s * (1.0 + g * (1.0 - s))
                })
                .collect()
        };
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}

/// The mean over rows of the negative log-likelihood of each row's target.
pub(super) struct CrossEntropy;

impl CustomOp2 for CrossEntropy {
    fn name(&self) -> &'static str {
        "cross-entropy"
    }

    fn cpu_fwd(
        &self,
        logits: &CpuStorage,
        layout: &Layout,
        targets: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let width = last(layout);
        let targets = targets.as_slice::<u32>()?;
        let logits = values(logits, layout)?;
        let sum: f64 = logits
            .chunks_exact(width)
            .zip(targets)
            .map(|(row, &target)| {
                let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let total: f32 = row.iter().map(|x| exp(x - largest)).sum();
                f64::from(total.ln() + largest - row[target as usize])
            })
            .sum();
        let mean = (sum / targets.len() as f64) as f32;
        Ok((CpuStorage::F32(vec![mean]), Shape::from(())))
    }

    fn bwd(
        &self,
        logits: &Tensor,
        targets: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let gradient = CrossEntropyGradient { grad: grad.to_scalar()? };
        Ok((Some(logits.apply_op2_no_bwd(targets, &gradient)?), None))
    }
}

struct CrossEntropyGradient {
    grad: f32,
}

impl CustomOp2 for CrossEntropyGradient {
    fn name(&self) -> &'static str {
        "cross-entropy-gradient"
    }

    fn cpu_fwd(
        &self,
        logits: &CpuStorage,
        layout: &Layout,
        targets: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let width = last(layout);
        let targets = targets.as_slice::<u32>()?;
        let logits = values(logits, layout)?;
        let share = self.grad / targets.len() as f32;
        let mut out = vec![0.0; logits.len()];
        let rows = logits.chunks_exact(width).zip(out.chunks_exact_mut(width));
        for ((row, out), &target) in rows.zip(targets) {
            softmax(row, out, 1.0);
            out[target as usize] -= 1.0;
            for x in out {
                *x *= share;
            }
        }
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}

fn softmax(x: &[f32], out: &mut [f32], scale: f32) {
    let largest = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for (out, x) in out.iter_mut().zip(x) {
        *out = exp((x - largest) * scale);
    }
    let total: f32 = out.iter().sum();
    let inverse = 1.0 / total;
    for x in out {
        *x *= inverse;
    }
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// `e^x` within 2e-7 of its value, in steps that the compiler turns into vectors; the platform's is a call for
/// each element.
fn exp(x: f32) -> f32 {
    // Adding and taking away this rounds to a whole number.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 88.0);
    let whole = (x * std::f32::consts::LOG2_E + ROUND) - ROUND;
    let rest = x - whole * 0.693_359_4 + whole * 2.121_944_4e-4;
    let series = 1.0
        + rest
            * (1.0
                + rest
                    * (0.5
                        + rest
                            * (0.166_666_55
                                + rest * (0.041_665_8 + rest * (0.008_333_3 + rest * 0.001_4)))));
    series * f32::from_bits(((whole as i32 + 127) as u32) << 23)
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    #[test]
    fn exp_is_exp() {
        for step in -800..800 {
            let x = step as f32 / 10.0;
            let right = f64::from(x).exp();
            assert!((f64::from(exp(x)) / right - 1.0).abs() < 3e-6, "{x}");
        }
    }

    /// A gradient against the change that a small step makes.
    fn check(vars: &[&Var], loss: impl Fn() -> Result<Tensor>) -> Result<()> {
        let grads = loss()?.backward()?;
        for var in vars {
            let grad = grads.get(var).unwrap().flatten_all()?.to_vec1::<f32>()?;
            let whole = var.flatten_all()?.to_vec1::<f32>()?;
            for place in (0..whole.len()).step_by(3) {
                let at = |delta: f32| -> Result<f32> {
                    let mut moved = whole.clone();
                    moved[place] += delta;
                    var.set(&Tensor::from_vec(moved, var.shape(), &Device::Cpu)?)?;
                    loss()?.to_scalar::<f32>()
                };
                let slope = (at(1e-2)? - at(-1e-2)?) / 2e-2;
                var.set(&Tensor::from_vec(whole.clone(), var.shape(), &Device::Cpu)?)?;
                let gap = (slope - grad[place]).abs();
                assert!(
                    gap < 2e-3 + 0.02 * slope.abs(),
                    "{place}: {slope} against {}",
                    grad[place]
                );
            }
        }
        Ok(())
    }

    fn random(shape: impl Into<Shape>) -> Var {
        Var::randn(0f32, 1f32, shape, &Device::Cpu).unwrap()
    }

    fn weigh(x: &Tensor) -> Result<Tensor> {
        let count = x.elem_count();
        let weights: Vec<f32> = (0..count).map(|i| ((i * 7 % 11) as f32 - 5.0) / 7.0).collect();
        (x * Tensor::from_vec(weights, x.shape(), &Device::Cpu)?)?.sum_all()
    }

    #[test]
    fn gradients_are_slopes() -> Result<()> {
        let (x, w) = (random((3, 8)), random(8));
        check(&[&x, &w], || weigh(&x.apply_op2(&w, RmsNorm { epsilon: 1e-5 })?))?;
        let x = random((2, 3, 2, 4));
        check(&[&x], || weigh(&x.apply_op1(Rotate::new(3, 4, 100.0))?))?;
        let x = random((2, 8, 4));
        check(&[&x], || weigh(&x.apply_op1(CausalSoftmax { scale: 0.7 })?))?;
        let (gate, up) = (random((2, 5)), random((2, 5)));
        check(&[&gate, &up], || weigh(&gate.apply_op2(&up, Gate)?))?;
        let logits = random((4, 6));
        let targets = Tensor::new(&[1u32, 0, 5, 2], &Device::Cpu)?;
        check(&[&logits], || logits.apply_op2(&targets, CrossEntropy))
    }
}
