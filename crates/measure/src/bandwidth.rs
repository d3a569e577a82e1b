//! How fast this machine reads memory.

use std::{
    hint::black_box,
    num::NonZeroUsize,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

/// Bytes read in a round, all threads together: more than the caches of today's processors hold.
const BYTES: usize = 256 << 20;

const ROUNDS: usize = 7;

/// Numbers added up side by side, so that the additions wait for memory and not for each other.
const LANES: usize = 32;

/// Bytes a second that so many threads read from memory together, each its own part from front to end.
///
/// The best of several rounds, since it is to be a bound: a pass that reads a model's weights once takes at least their
/// bytes divided by it. Takes about a quarter of a second and 256 MiB of memory.
pub fn bandwidth(threads: NonZeroUsize) -> f64 {
    measure(threads, BYTES, ROUNDS)
}

fn measure(threads: NonZeroUsize, bytes: usize, rounds: usize) -> f64 {
    let words = bytes / size_of::<u64>() / threads;
    let start = Barrier::new(threads.get());
    let times: Vec<Vec<Duration>> = thread::scope(|scope| {
        let worker = || {
            // Zeros might all lie in one page of the system's.
            let part = vec![0x5555_5555_5555_5555u64; words];
            let time = |_| {
                start.wait();
                let started = Instant::now();
                black_box(sum(black_box(&part)));
                started.elapsed()
            };
            (0..rounds).map(time).collect()
        };
        let workers: Vec<_> = (0..threads.get()).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).collect()
    });
    let slowest = |round: usize| times.iter().map(|times| times[round]).max().unwrap_or_default();
    let best = (0..rounds).map(slowest).min().unwrap_or_default();
    let read = words * size_of::<u64>() * threads.get();
    read as f64 / best.as_secs_f64().max(1e-9)
}

fn sum(words: &[u64]) -> u64 {
    let mut sums = [0u64; LANES];
    for words in words.as_chunks::<LANES>().0 {
        for (sum, word) in sums.iter_mut().zip(words) {
            *sum = sum.wrapping_add(*word);
        }
    }
    sums.into_iter().fold(0, u64::wrapping_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_plausible_rate() {
        for threads in [1, 3] {
            let rate = measure(NonZeroUsize::new(threads).unwrap(), 8 << 20, 3);
            assert!((1e7..1e13).contains(&rate), "{rate} bytes a second");
        }
    }

    #[test]
    fn every_word_is_read() {
        let words: Vec<u64> = (0..4 * LANES as u64).collect();
        assert_eq!(sum(&words), words.iter().sum::<u64>());
    }
}
