//! Lossless parallel decoding for language models: swap strategies in one line
