//! Lookahead decoding: a window of trajectories and the n-grams they leave behind
