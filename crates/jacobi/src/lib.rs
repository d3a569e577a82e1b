//! Jacobi decoding: fixed-point iteration over a window of guesses
