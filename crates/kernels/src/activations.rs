//! The input of products: rows of single-precision values, quantized once for all matrices that multiply them.

use std::ops::Range;

use crate::blocks::PART;
use crate::error::{Kind, KernelError};
use crate::level::Level;
use crate::quantize::{self, Quantized};
use crate::shared::Shared;
use crate::threads::{ThreadPool, share};

/// Below this many columns a row is not split among workers.
const CHUNK: usize = 256;

/// Writes the columns in the range of one input row: `fill(row, columns, out)` with one element of `out` for each column.
///
/// Ranges start at multiples of 32. How rows are split into ranges depends on the number of rows and threads, so for row invariance a value
/// must depend on its row and column only.
pub type Fill<'a> = dyn Fn(usize, Range<usize>, &mut [f32]) + Sync + 'a;

/// Rows of input values for products, kept in single precision and quantized to 8 bits.
///
/// The buffer is reused: after the largest input was seen, filling it again allocates nothing. Quantization maps each block of 32 columns to
/// integers in -127..=127 (nearest, ties to even) with a scale of its own, the largest magnitude over 127, so each value is off by at most
/// half a scale. A row's integers and scales depend on that row alone. A block with an infinity or a NaN gets the scale NaN, which carries
/// into every output; a block whose magnitudes are all below 2^-119 counts as zeros.
#[derive(Debug)]
pub struct Activations {
    level: Level,
    rows: usize,
    cols: usize,
    quantized: bool,
    floats: Vec<f32>,
    codes: Vec<[i8; PART]>,
    scales: Vec<f32>,
    sums: Vec<f32>,
    totals: Vec<f32>,
    halves: Vec<[i16; 2]>,
    centres: Vec<[i32; 2]>,
}

impl Activations {
    /// An empty buffer for matrices of the same level.
    ///
    /// # Errors
    /// If this machine lacks the level.
    pub fn new(level: Level) -> Result<Self, KernelError> {
        Ok(Self {
            level: level.require()?,
            rows: 0,
            cols: 0,
            quantized: false,
            floats: Vec::new(),
            codes: Vec::new(),
            scales: Vec::new(),
            sums: Vec::new(),
            totals: Vec::new(),
            halves: Vec::new(),
            centres: Vec::new(),
        })
    }

    /// The level of the matrices that may multiply this input.
    pub fn level(&self) -> Level {
        self.level
    }

    /// The number of rows of the current input.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns of the current input.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Allocates for inputs up to this size now.
    pub fn reserve(&mut self, rows: usize, cols: usize) {
        self.resize(rows, cols);
        self.resize(0, 0);
    }

    /// Takes over rows of `cols` values each, and quantizes them.
    ///
    /// # Errors
    /// If the values are not whole rows.
    pub fn load(&mut self, pool: &ThreadPool, cols: usize, values: &[f32]) -> Result<(), KernelError> {
        if cols == 0 || !values.len().is_multiple_of(cols) {
            return Err(Kind::Size { what: "values of input rows", expected: values.len().next_multiple_of(cols.max(1)), got: values.len() }.into());
        }
        self.fill(pool, values.len() / cols, cols, &|row, columns, out| {
            out.copy_from_slice(&values[row * cols..][columns]);
        });
        Ok(())
    }

    /// Replaces the input by `rows` rows of `cols` values that `fill` writes, in parallel, and quantizes them.
    pub fn fill(&mut self, pool: &ThreadPool, rows: usize, cols: usize, fill: &Fill<'_>) {
        let filling = self.start(pool, rows, cols, true, fill);
        pool.run(&|worker| filling.work(worker));
    }

    fn resize(&mut self, rows: usize, cols: usize) {
        let parts = rows * cols.div_ceil(PART);
        self.rows = rows;
        self.cols = cols;
        self.quantized = false;
        self.floats.resize(rows * cols, 0.0);
        self.codes.resize(parts, [0; PART]);
        self.scales.resize(parts, 0.0);
        self.sums.resize(parts, 0.0);
        self.totals.resize(parts, 0.0);
        self.halves.resize(parts, [0; 2]);
        self.centres.resize(parts, [0; 2]);
    }

    /// Makes room for an input that the workers of one task will write.
    pub(crate) fn start<'a>(&'a mut self, pool: &ThreadPool, rows: usize, cols: usize, quantize: bool, fill: &'a Fill<'a>) -> Filling<'a> {
        self.resize(rows, cols);
        // Only whole parts can be multiplied by quantized weights.
        self.quantized = quantize && cols.is_multiple_of(PART);
        let threads = pool.threads();
        let pieces = if rows >= 2 * threads { 1 } else { threads.min(cols / CHUNK).max(1) };
        Filling {
            fill,
            threads,
            chunk: cols.div_ceil(pieces).next_multiple_of(PART),
            level: self.level,
            rows,
            cols,
            quantized: self.quantized,
            floats: Shared::new(&mut self.floats),
            codes: Shared::new(&mut self.codes),
            scales: Shared::new(&mut self.scales),
            sums: Shared::new(&mut self.sums),
            totals: Shared::new(&mut self.totals),
            halves: Shared::new(&mut self.halves),
            centres: Shared::new(&mut self.centres),
        }
    }

    pub(crate) fn view(&self) -> Input<'_> {
        Input {
            level: self.level,
            rows: self.rows,
            cols: self.cols,
            quantized: self.quantized,
            floats: &self.floats,
            codes: &self.codes,
            scales: &self.scales,
            sums: &self.sums,
            totals: &self.totals,
            halves: &self.halves,
            centres: &self.centres,
        }
    }
}

/// An input that is being written by the workers of a task.
pub(crate) struct Filling<'a> {
    fill: &'a Fill<'a>,
    threads: usize,
    /// Columns that one call of `fill` writes.
    chunk: usize,
    level: Level,
    rows: usize,
    cols: usize,
    quantized: bool,
    floats: Shared<'a, f32>,
    codes: Shared<'a, [i8; PART]>,
    scales: Shared<'a, f32>,
    sums: Shared<'a, f32>,
    totals: Shared<'a, f32>,
    halves: Shared<'a, [i16; 2]>,
    centres: Shared<'a, [i32; 2]>,
}

impl<'a> Filling<'a> {
    /// Writes the worker's share.
    pub(crate) fn work(&self, worker: usize) {
        let chunks = self.cols.div_ceil(self.chunk.max(1));
        for unit in share(self.rows * chunks, worker, self.threads) {
            let (row, chunk) = (unit / chunks, unit % chunks);
            let start = chunk * self.chunk;
            let columns = start..self.cols.min(start + self.chunk);
            // SAFETY: units are distinct pairs of row and column range, each of one worker.
            let floats = unsafe { self.floats.part(row * self.cols + columns.start..row * self.cols + columns.end) };
            (self.fill)(row, columns, floats);
            if self.quantized {
                self.quantize(row, start / PART, floats);
            }
        }
    }

    fn quantize(&self, row: usize, first_part: usize, floats: &[f32]) {
        let group = Group::of(self.level, self.rows, row);
        let parts = self.cols / PART;
        quantize::parts(self.level, floats, |part, quantized: &Quantized| {
            let at = group.start * parts + (first_part + part) * group.rows + (row - group.start);
            // SAFETY: one row and part is one index, and of one worker; the same holds for all arrays below.
            unsafe {
                self.codes.part(at..at + 1)[0] = quantized.codes;
                self.scales.part(at..at + 1)[0] = quantized.scale;
                self.sums.part(at..at + 1)[0] = quantized.sum;
                self.totals.part(at..at + 1)[0] = quantized.total;
                self.halves.part(at..at + 1)[0] = quantized.halves;
                self.centres.part(at..at + 1)[0] = quantized.centres;
            }
        });
    }

    /// The written input.
    ///
    /// # Safety
    /// Every worker must have finished [`work`](Self::work), with a barrier after it.
    pub(crate) unsafe fn view(&self) -> Input<'a> {
        // SAFETY: nobody writes any more, by the caller's promise.
        unsafe {
            Input {
                level: self.level,
                rows: self.rows,
                cols: self.cols,
                quantized: self.quantized,
                floats: self.floats.whole(),
                codes: self.codes.whole(),
                scales: self.scales.whole(),
                sums: self.sums.whole(),
                totals: self.totals.whole(),
                halves: self.halves.whole(),
                centres: self.centres.whole(),
            }
        }
    }
}

/// Rows that a kernel runs together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) start: usize,
    pub(crate) rows: usize,
}

impl Group {
    /// The group that `row` is in.
    pub(crate) fn of(level: Level, rows: usize, row: usize) -> Self {
        let start = row / level.group_rows() * level.group_rows();
        Self { start, rows: level.group_rows().min(rows - start) }
    }
}

/// A filled input. Everything quantized is in groups of rows; within a group first by part, then by row.
#[derive(Clone, Copy)]
pub(crate) struct Input<'a> {
    pub(crate) level: Level,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    pub(crate) quantized: bool,
    pub(crate) floats: &'a [f32],
    codes: &'a [[i8; PART]],
    scales: &'a [f32],
    sums: &'a [f32],
    totals: &'a [f32],
    halves: &'a [[i16; 2]],
    centres: &'a [[i32; 2]],
}

impl<'a> Input<'a> {
    /// The rows of one group.
    pub(crate) fn group(&self, group: Group) -> GroupInput<'a> {
        let floats = &self.floats[group.start * self.cols..][..group.rows * self.cols];
        let parts = if self.quantized { self.cols / PART } else { 0 };
        let range = group.start * parts..(group.start + group.rows) * parts;
        GroupInput {
            rows: group.rows,
            floats,
            codes: &self.codes[range.clone()],
            scales: &self.scales[range.clone()],
            sums: &self.sums[range.clone()],
            totals: &self.totals[range.clone()],
            halves: &self.halves[range.clone()],
            centres: &self.centres[range],
        }
    }
}

/// The rows of one group: floats by row, everything else first by part, then by row.
#[derive(Clone, Copy)]
pub(crate) struct GroupInput<'a> {
    pub(crate) rows: usize,
    pub(crate) floats: &'a [f32],
    pub(crate) codes: &'a [[i8; PART]],
    pub(crate) scales: &'a [f32],
    /// Scale times the sum of the part's codes.
    pub(crate) sums: &'a [f32],
    /// The sum of the part's codes.
    pub(crate) totals: &'a [f32],
    /// The sums of the codes of the part's halves.
    pub(crate) halves: &'a [[i16; 2]],
    /// The sums of the halves times -32.
    pub(crate) centres: &'a [[i32; 2]],
}
