//! The input of products: rows of single-precision values, quantized once for all matrices that multiply them.

use std::ops::Range;

use crate::blocks::PART;
use crate::error::{KernelError, Kind};
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
    parts: Vec<Quantized>,
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
            parts: Vec::new(),
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
    pub fn load(
        &mut self,
        pool: &ThreadPool,
        cols: usize,
        values: &[f32],
    ) -> Result<(), KernelError> {
        if cols == 0 || !values.len().is_multiple_of(cols) {
            return Err(Kind::Size {
                what: "values of input rows",
                expected: values.len().next_multiple_of(cols.max(1)),
                got: values.len(),
            }
            .into());
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
        self.rows = rows;
        self.cols = cols;
        self.quantized = false;
        self.floats.resize(rows * cols, 0.0);
        self.parts.resize(rows * (cols / PART), Quantized::ZERO);
    }

    /// Makes room for an input that the workers of one task will write.
    pub(crate) fn start<'a>(
        &'a mut self,
        pool: &ThreadPool,
        rows: usize,
        cols: usize,
        quantize: bool,
        fill: &'a Fill<'a>,
    ) -> Filling<'a> {
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
            parts: Shared::new(&mut self.parts),
        }
    }

    pub(crate) fn view(&self) -> Input<'_> {
        Input {
            level: self.level,
            rows: self.rows,
            cols: self.cols,
            quantized: self.quantized,
            floats: &self.floats,
            parts: &self.parts,
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
    parts: Shared<'a, Quantized>,
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
            let floats = unsafe {
                self.floats.part(row * self.cols + columns.start..row * self.cols + columns.end)
            };
            (self.fill)(row, columns, floats);
            if self.quantized {
                self.quantize(row, start / PART, floats);
            }
        }
    }

    fn quantize(&self, row: usize, first_part: usize, floats: &[f32]) {
        let group = Group::of(self.level, self.rows, row);
        let first =
            group.start * (self.cols / PART) + first_part * group.rows + (row - group.start);
        quantize::parts(self.level, floats, |part, quantized| {
            let at = first + part * group.rows;
            // SAFETY: each index is one part of one row, and written by the one worker that quantizes it.
            unsafe { self.parts.part(at..at + 1)[0] = quantized };
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
                parts: self.parts.whole(),
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

/// A filled input.
#[derive(Clone, Copy)]
pub(crate) struct Input<'a> {
    pub(crate) level: Level,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    pub(crate) quantized: bool,
    floats: &'a [f32],
    parts: &'a [Quantized],
}

impl<'a> Input<'a> {
    /// The rows of one group.
    pub(crate) fn group(&self, group: Group) -> GroupInput<'a> {
        let parts = if self.quantized { self.cols / PART } else { 0 };
        GroupInput {
            rows: group.rows,
            floats: &self.floats[group.start * self.cols..][..group.rows * self.cols],
            parts: &self.parts[group.start * parts..][..group.rows * parts],
        }
    }
}

/// The rows of one group.
#[derive(Clone, Copy)]
pub(crate) struct GroupInput<'a> {
    pub(crate) rows: usize,
    /// By row, then by column.
    pub(crate) floats: &'a [f32],
    /// By part, then by row.
    pub(crate) parts: &'a [Quantized],
}
