//! Row-invariant CPU kernels: products of packed weights with a few rows, tree attention, and what lies between them.
//!
//! *Row-invariant*: the bits of a row's outputs do not depend on how many rows run with it, on its place among them, or on
//! the number of threads. Strategies are lossless on models that are made of such kernels.
//!
//! | type | is |
//! |---|---|
//! | [`Matrix`], [`Activations`], [`Product`] | weights laid out once at load, the rows to multiply, and the product: [`multiply`] |
//! | [`KvCache`], [`Attention`] | keys and values of a sequence; attention of a tree's nodes to them and to each other |
//! | [`RmsNorm`], [`Rotary`], [`silu_gate`] and others | the rest of a transformer block |
//! | [`Readout`] | the output layer: logits, or only the best of them |
//! | [`Level`], [`ThreadPool`] | the instruction set, chosen once; threads that split outputs |
//!
//! ```
//! use foretoken_kernels::{Activations, Format, Level, Matrix, Product, ThreadPool, multiply};
//!
//! let (level, pool) = (Level::detect(), ThreadPool::new(2));
//! let weights: Vec<u8> = (0..64).flat_map(|weight| (weight as f32 / 7.0).to_le_bytes()).collect();
//! let matrix = Matrix::pack(level, Format::F32, 2, 32, &weights)?; // 32 inputs, 2 outputs
//!
//! let rows: Vec<f32> = (0..96).map(|value| (value as f32).sin()).collect();
//! let product = |rows: &[f32]| {
//!     let mut input = Activations::new(level)?;
//!     input.load(&pool, 32, rows)?;
//!     let mut out = vec![0.0; rows.len() / 32 * 2];
//!     multiply(&pool, &input, &mut [Product::new(&matrix, &mut out)])?;
//!     Ok::<_, foretoken_kernels::KernelError>(out)
//! };
//! let (together, alone) = (product(&rows)?, product(&rows[64..])?);
//! assert_eq!(together[4..], alone); // the third row says the same without the others
//! # Ok::<(), foretoken_kernels::KernelError>(())
//! ```
//!
//! *Architecture invariant:* no models here, and all `unsafe` code of the workspace but a memory map.

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
