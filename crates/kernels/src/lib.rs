//! Row-invariant CPU kernels: small-batch quantized products and tree attention
