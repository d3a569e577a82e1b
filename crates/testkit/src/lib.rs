//! Toy models, an independent oracle, hostile sources and assert_lossless!
