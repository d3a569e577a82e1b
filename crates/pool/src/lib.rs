//! Candidates from pools: prompt lookup and n-gram pools
