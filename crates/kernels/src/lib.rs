//! Row-invariant CPU kernels: small-batch quantized products and tree attention
#![allow(unsafe_code)]
// Only what is inlined into a function compiled for a level uses that level's instructions.
#![allow(clippy::inline_always)]
// One index runs over several arrays of registers at once; unaligned loads and stores take pointers to vector types.
#![allow(clippy::needless_range_loop, clippy::cast_ptr_alignment)]

mod activations;
mod attention;
mod blocks;
mod cache;
mod elementwise;
mod error;
mod exp;
mod format;
mod gate;
mod kernel;
mod lanes;
mod level;
mod matrix;
mod norm;
mod packed;
mod pass;
mod product;
mod quantize;
mod readout;
mod rotary;
mod shared;
mod threads;

pub use activations::{Activations, Fill};
pub use attention::{
    Ancestors, Attention, AttentionPass, AttentionScratch, AttentionShape, AttentionStep,
};
pub use cache::{KvCache, KvShape, KvType};
pub use error::KernelError;
pub use exp::exp_in_place;
pub use format::Format;
pub use gate::{add, gelu_gate, scale, silu_gate, soft_cap};
pub use level::{LEVEL_VARIABLE, Level};
pub use matrix::{Matrix, MatrixBuilder};
pub use norm::RmsNorm;
pub use product::{Product, fill_and_multiply, multiply};
pub use readout::{MOST_BEST, Readout, Scored, Want};
pub use rotary::{Rotary, RotaryAngles, RotaryStyle};
pub use threads::{ThreadPool, share};
