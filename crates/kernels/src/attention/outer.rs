//! The one product that attention is made of: tiles of queries times rows of vectors.

use crate::cache::Element;
use crate::lanes::{Kernel, LANES, Lanes};

/// The right operand: rows of vectors in a cache. Row `k` starts at element `k * LANES`.
#[derive(Clone, Copy)]
pub(super) struct Right<'a, E> {
    pub(super) elements: &'a [E],
    /// Elements from one vector of a row to the next.
    pub(super) vector_step: usize,
    /// Vectors in a row.
    pub(super) vectors: usize,
    /// What is likely to be loaded next: a hint, never read.
    pub(super) next: *const E,
}

/// The most rows of the left operand that share each load of the right one: the largest [`Lanes::TILE`].
pub(super) const MAX_TILE: usize = 6;

/// Rows of the left operand, and where their results go.
#[derive(Clone, Copy)]
pub(super) struct Job {
    /// The left rows' first values, as many as `size`.
    pub(super) left: [*const f32; MAX_TILE],
    pub(super) size: usize,
    /// The row of the right operand that the first values are multiplied with, and how many there are.
    pub(super) start: usize,
    pub(super) count: usize,
    /// The first result row, and how far one is from the next.
    pub(super) into: *mut f32,
    pub(super) step: usize,
    /// Whether sums start from zero rather than from what is there.
    pub(super) fresh: bool,
}

/// Vectors of the right operand that go through all jobs before the next ones do, at most.
const MAX_WIDTH: usize = 4;

/// Floats that [`multiply`] needs to unpack up to `rows` rows.
pub(super) const fn unpacked(rows: usize) -> usize {
    MAX_WIDTH * rows * LANES
}

/// For each job and its left rows `t`: `into[t] += sum over k of left[t][k] * row (start + k) of right`, taken in order of
/// `k` by fused multiply-adds.
///
/// That order depends neither on the jobs, nor on the number of vectors, so a row's result has the same bits in any company.
/// A few vectors of the right operand go through all jobs while they are in the nearest cache, unpacked once if there are
/// several jobs.
///
/// # Safety
/// For every job:
/// - `size` is in `1..=L::TILE`, each left pointer is to `count` readable values, and `into` to rows of
///   `right.vectors * LANES` writable ones;
/// - rows `start..start + count` have all their vectors within `right.elements`;
/// - `room` has [`unpacked`] floats for as many rows as lie between the lowest `start` and the highest `start + count`.
#[inline(always)]
pub(super) unsafe fn multiply<L: Lanes, E: Element>(
    lanes: L,
    jobs: &[Option<Job>],
    right: Right<'_, E>,
    room: &mut [f32],
) {
    lanes.call(Multiply { jobs, right, room });
}

/// What [`multiply`] does, its promises given.
struct Multiply<'a, E> {
    jobs: &'a [Option<Job>],
    right: Right<'a, E>,
    room: &'a mut [f32],
}

impl<E: Element> Kernel for Multiply<'_, E> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let Self { jobs, right, room } = self;
        let size = jobs.iter().flatten().map(|job| job.size).max().unwrap_or(0);
        let mut first = 0;
        macro_rules! step {
            ($($width:literal)*) => {
                $(while (size * $width <= L::ACCUMULATORS || $width == 1) && right.vectors - first >= $width {
                    // SAFETY: vectors `first..first + width` exist; the rest was promised.
                    unsafe { columns::<L, E, $width>(lanes, jobs, right, first, room) };
                    first += $width;
                })*
            };
        }
        step!(4 2 1);
    }
}

/// [`multiply`] for the vectors `first..first + V`.
///
/// # Safety
/// As [`multiply`], and these vectors exist.
#[inline(always)]
unsafe fn columns<L: Lanes, E: Element, const V: usize>(
    lanes: L,
    jobs: &[Option<Job>],
    right: Right<'_, E>,
    first: usize,
    room: &mut [f32],
) {
    let ahead = if first + V < right.vectors {
        right.elements.as_ptr().wrapping_add((first + V) * right.vector_step)
    } else {
        right.next
    };
    let ahead = Ahead { start: ahead.cast(), bytes: V * right.vector_step * size_of::<E>() };
    if E::NARROW && jobs.iter().flatten().nth(1).is_some() {
        let low = jobs.iter().flatten().map(|job| job.start).min().unwrap_or(0);
        let high = jobs.iter().flatten().map(|job| job.start + job.count).max().unwrap_or(0);
        let rows = high - low;
        let room = &mut room[..V * rows * LANES];
        lanes.call(Unpack { from: Columns::<E, V>::new(right, first, low), room });
        let from = Columns::<f32, V> { start: room.as_ptr(), step: rows * LANES, lowest: low };
        // SAFETY: the same rows and vectors, unpacked; the rest the caller promises.
        unsafe { each(lanes, jobs, from, first, ahead) };
    } else {
        // SAFETY: what the caller promises.
        unsafe { each(lanes, jobs, Columns::<E, V>::new(right, first, 0), first, ahead) };
    }
}

/// `V` neighbouring vectors of the right operand's rows, from row `lowest` on.
#[derive(Clone, Copy)]
struct Columns<E, const V: usize> {
    start: *const E,
    step: usize,
    lowest: usize,
}

impl<E: Element, const V: usize> Columns<E, V> {
    fn new(right: Right<'_, E>, first: usize, lowest: usize) -> Self {
        let start =
            right.elements.as_ptr().wrapping_add(first * right.vector_step + lowest * LANES);
        Self { start, step: right.vector_step, lowest }
    }
}

struct Unpack<'a, E, const V: usize> {
    from: Columns<E, V>,
    /// Room for whole columns of the rows wanted.
    room: &'a mut [f32],
}

impl<E: Element, const V: usize> Kernel for Unpack<'_, E, V> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let rows = self.room.len() / (V * LANES);
        for (v, column) in self.room.chunks_exact_mut(rows * LANES).enumerate() {
            let from = self.from.start.wrapping_add(v * self.from.step);
            for (k, vector) in column.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
                // SAFETY: `multiply` was promised these rows with all their vectors.
                lanes.store(
                    E::load(lanes, unsafe { &*from.add(k * LANES).cast::<[E; LANES]>() }),
                    vector,
                );
            }
        }
    }
}

/// Memory that is fetched while other memory is computed with.
#[derive(Clone, Copy)]
struct Ahead {
    start: *const u8,
    bytes: usize,
}

const CACHE_LINE: usize = 64;

impl Ahead {
    /// How far to move on in each of `rows` rows, so that the fetches are as far apart as they can be: a core waits for
    /// memory if it has asked for more lines than it can keep track of.
    fn step(&self, rows: usize) -> usize {
        self.bytes.div_ceil(rows.max(1)).min(CACHE_LINE)
    }
}

/// All jobs with `V` vectors of the right operand.
///
/// # Safety
/// As [`multiply`], and `right` has the rows of all jobs.
#[inline(always)]
unsafe fn each<L: Lanes, E: Element, const V: usize>(
    lanes: L,
    jobs: &[Option<Job>],
    right: Columns<E, V>,
    first: usize,
    mut ahead: Ahead,
) {
    let ahead_step = ahead.step(jobs.iter().flatten().map(|job| job.count).sum());
    for job in jobs.iter().flatten() {
        macro_rules! tile {
            ($($size:literal)*) => {
                match job.size {
                    $($size => {
                        if const { $size <= L::TILE && ($size * V <= L::ACCUMULATORS || V == 1) } {
                            let ahead = ahead.start;
                            lanes.call(Tile::<E, $size, V> { job, right, first, ahead, ahead_step });
                        }
                    })*
                    size => unreachable!("a tile of {size} queries"),
                }
            };
        }
        tile!(1 2 3 4 5 6);
        ahead.start = ahead.start.wrapping_add(job.count * ahead_step);
    }
}

/// `V` vectors of the right operand for the `T` rows of a job, all sums in registers. What it points to was promised to
/// [`multiply`].
struct Tile<'a, E, const T: usize, const V: usize> {
    job: &'a Job,
    right: Columns<E, V>,
    first: usize,
    /// What to fetch with the first row, and how much further with each next one.
    ahead: *const u8,
    ahead_step: usize,
}

impl<E: Element, const T: usize, const V: usize> Kernel for Tile<'_, E, T, V> {
    type Output = ();

    // Indices keep the sums in registers, and the operands' order plain.
    #[allow(clippy::needless_range_loop)]
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let Job { left, start, count, into, step, fresh, .. } = *self.job;
        // SAFETY: within the rows of results that were promised; nothing else refers to them now.
        let place = |t: usize, v: usize| unsafe {
            &mut *into.add(t * step + (self.first + v) * LANES).cast::<[f32; LANES]>()
        };
        let mut sums = [[lanes.splat(0.0); V]; T];
        if !fresh {
            for t in 0..T {
                for v in 0..V {
                    sums[t][v] = lanes.load(place(t, v));
                }
            }
        }
        let mut row = self.right.start.wrapping_add((start - self.right.lowest) * LANES);
        let (mut ahead, ahead_step) = (self.ahead, self.ahead_step);
        for k in 0..count {
            lanes.prefetch(ahead);
            ahead = ahead.wrapping_add(ahead_step);
            let mut vectors = [lanes.splat(0.0); V];
            for v in 0..V {
                // SAFETY: the rows' vectors were promised to be there.
                vectors[v] =
                    E::load(lanes, unsafe { &*row.add(v * self.right.step).cast::<[E; LANES]>() });
            }
            for t in 0..T {
                // SAFETY: `count` values were promised.
                let x = lanes.splat(unsafe { *left[t].add(k) });
                for v in 0..V {
                    sums[t][v] = lanes.mul_add(x, vectors[v], sums[t][v]);
                }
            }
            row = row.wrapping_add(LANES);
        }
        for t in 0..T {
            for v in 0..V {
                lanes.store(sums[t][v], place(t, v));
            }
        }
    }
}
