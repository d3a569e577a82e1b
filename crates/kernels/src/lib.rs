//! Row-invariant CPU kernels: small-batch quantized products and tree attention
#![allow(unsafe_code)]

mod activations;
mod blocks;
mod error;
mod format;
mod kernel;
mod level;
mod matrix;
mod packed;
mod pass;
mod portable;
mod product;
mod quantize;
mod readout;
mod shared;
mod threads;

pub use activations::{Activations, Fill};
pub use error::KernelError;
pub use format::Format;
pub use level::{LEVEL_VARIABLE, Level};
pub use matrix::{Matrix, MatrixBuilder};
pub use product::{Product, fill_and_multiply, multiply};
pub use readout::{MOST_BEST, Readout, Scored, Want};
pub use threads::{ThreadPool, share};
