//! The products in plain Rust: the definition of every kernel's result, operation by operation.
//!
//! With `a` the input's codes of a part and `s` its scale, `w` the codes of the weights less their offset, `d` and `m` the weights' scale and
//! minimum, and `sum` the product of `s` and the sum of `a`, an output starts at zero and takes, part by part in order of columns:
//!
//! - no minimum: `acc = fma(d * s, dot(w, a), acc)`;
//! - with minimum: the same, then `acc = fma(m, sum, acc)`;
//! - `Q4K`, `Q5K`: for each part of a block `inner = fma(scale * dot(w, a), s, inner)` and `low = fma(minimum, sum, low)`, both from zero;
//!   after the block `acc = fma(d, inner, acc)`, then `acc = fma(-m, low, acc)`;
//! - `Q6K`: `inner` of `scale0 * dot(first half) + scale1 * dot(second half)` in the same way, and after the block `acc = fma(d, inner, acc)`;
//! - floating-point weights: `acc = fma(w, x, acc)` for each column.
//!
//! All integers stay below 2^24, so they are exact in single precision, whichever way a level computes them.

use crate::activations::GroupInput;
use crate::blocks::{PART, PARTS, offset};
use crate::format::Format;
use crate::kernel::Tiles;
use crate::packed::Layout;

/// Lanes of the widest level.
const LANES: usize = 16;

/// Computes the outputs.
pub(crate) fn tiles(tiles: Tiles<'_>) {
    let Tiles { layout, weights, input, out, .. } = tiles;
    let lanes = layout.lanes;
    for (group, out) in
        weights.chunks_exact(layout.stride).zip(out.chunks_exact_mut(lanes * input.rows))
    {
        out.fill(0.0);
        if layout.format.is_quantized() {
            quantized(layout, group, input, out);
        } else {
            floating(layout, group, input, out);
        }
    }
}

fn floating(layout: &Layout, group: &[u8], input: &GroupInput<'_>, out: &mut [f32]) {
    let mut weights = [0.0; LANES];
    for col in 0..layout.cols {
        for (lane, weight) in weights[..layout.lanes].iter_mut().enumerate() {
            *weight = layout.weight(group, col, lane);
        }
        for (out, values) in
            out.chunks_exact_mut(layout.lanes).zip(input.floats.chunks_exact(layout.cols))
        {
            for (out, &weight) in out.iter_mut().zip(&weights) {
                *out = weight.mul_add(values[col], *out);
            }
        }
    }
}

fn quantized(layout: &Layout, group: &[u8], input: &GroupInput<'_>, out: &mut [f32]) {
    for lane in 0..layout.lanes {
        for row in 0..input.rows {
            out[row * layout.lanes + lane] = output(layout, group, input, lane, row);
        }
    }
}

fn output(layout: &Layout, group: &[u8], input: &GroupInput<'_>, lane: usize, row: usize) -> f32 {
    let (mut acc, mut inner, mut low) = (0.0f32, 0.0f32, 0.0f32);
    for part in 0..layout.parts() {
        let values = &input.parts[part * input.rows + row];
        let (scale, sum) = (values.scale, values.sum);
        let scales = layout.scales(group, part, lane);
        let (d, m) = (scales.scale.to_f32(), scales.minimum.to_f32());
        let codes = layout.codes(group, part, lane);
        let weight = |i: usize| match layout.format {
            Format::Q8_0 => i32::from(codes[i] as i8),
            format => i32::from(codes[i]) - offset(format),
        };
        let half = |start: usize| {
            (start..start + PART / 2).map(|i| weight(i) * i32::from(values.codes[i])).sum::<i32>()
        };
        let (first, second) = (half(0), half(PART / 2));
        let [own0, own1] = scales.own;
        match layout.format {
            Format::Q4K | Format::Q5K => {
                inner = (((first + second) * i32::from(own0)) as f32).mul_add(scale, inner);
                low = f32::from(own1).mul_add(sum, low);
            }
            Format::Q6K => {
                inner = ((first * i32::from(own0 as i8) + second * i32::from(own1 as i8)) as f32)
                    .mul_add(scale, inner);
            }
            Format::Q4_1 | Format::Q5_1 => {
                acc = (d * scale).mul_add((first + second) as f32, acc);
                acc = m.mul_add(sum, acc);
            }
            _ => acc = (d * scale).mul_add((first + second) as f32, acc),
        }
        if layout.format.block_len() != PART && part % PARTS == PARTS - 1 {
            acc = d.mul_add(inner, acc);
            if layout.format != Format::Q6K {
                acc = (-m).mul_add(low, acc);
            }
            (inner, low) = (0.0, 0.0);
        }
    }
    acc
}
