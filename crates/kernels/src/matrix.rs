//! Weight matrices, laid out once at load.

use std::ops::Range;

use crate::blocks::{self, PART};
use crate::error::{KernelError, Kind};
use crate::format::Format;
use crate::level::Level;
use crate::packed::{LINE, Layout, element};

/// A matrix of weights laid out for the products of this crate: rows are outputs, columns the inner dimension.
///
/// It takes the space of the file's tensor, up to some percent for alignment, and holds it in memory of its own: the source may be released.
#[derive(Debug)]
pub struct Matrix {
    level: Level,
    layout: Layout,
    rows: usize,
    lines: Vec<Line>,
}

#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Line([u8; LINE]);

impl Matrix {
    /// Lays out `rows` times `cols` weights from the bytes of a GGUF tensor (row-major, blocks along the row).
    ///
    /// ```
    /// use foretoken_kernels::{Format, Level, Matrix};
    ///
    /// let weights: Vec<u8> = [1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0].iter().flat_map(|weight| weight.to_le_bytes()).collect();
    /// let matrix = Matrix::pack(Level::detect(), Format::F32, 2, 3, &weights)?;
    /// let mut row = [0.0; 3];
    /// matrix.dequantize_row(1, &mut row);
    /// assert_eq!(row, [4.0, 5.0, 6.0]);
    /// # Ok::<(), foretoken_kernels::KernelError>(())
    /// ```
    ///
    /// # Errors
    /// If the machine lacks the level, the columns are no positive multiple of the format's block, there are no rows, the bytes are not
    /// exactly those of the matrix, or a weight or scale is infinite or not a number.
    pub fn pack(
        level: Level,
        format: Format,
        rows: usize,
        cols: usize,
        bytes: &[u8],
    ) -> Result<Self, KernelError> {
        let mut builder = MatrixBuilder::new(level, format, rows, cols)?;
        builder.push_rows(bytes)?;
        builder.finish()
    }

    /// The level that the layout is for; inputs of its products must be of the same level.
    pub fn level(&self) -> Level {
        self.level
    }

    /// The format of the weights.
    pub fn format(&self) -> Format {
        self.layout.format
    }

    /// The number of outputs.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The inner dimension.
    pub fn cols(&self) -> usize {
        self.layout.cols
    }

    /// Bytes that the weights take in memory, all of which a product reads.
    pub fn bytes(&self) -> usize {
        self.lines.len() * LINE
    }

    /// Writes the weights of row `row` as a file reader would dequantize them: the embedding of a token, where rows are tokens.
    ///
    /// # Panics
    /// If there is no such row, or `out` does not have one element for each column.
    pub fn dequantize_row(&self, row: usize, out: &mut [f32]) {
        assert!(row < self.rows, "row {row} of {}", self.rows);
        assert_eq!(out.len(), self.cols(), "a row of {} weights", self.cols());
        let (group, lane) =
            (self.groups_bytes(row / self.lanes()..row / self.lanes() + 1), row % self.lanes());
        if self.format().is_quantized() {
            for (part, out) in out.chunks_exact_mut(PART).enumerate() {
                let codes = self.layout.codes(group, part, lane);
                blocks::weights(self.format(), &codes, self.layout.scales(group, part, lane), out);
            }
        } else {
            for (col, out) in out.iter_mut().enumerate() {
                *out = self.layout.weight(group, col, lane);
            }
        }
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(crate) fn lanes(&self) -> usize {
        self.layout.lanes
    }

    /// The number of row groups.
    pub(crate) fn groups(&self) -> usize {
        self.rows.div_ceil(self.lanes())
    }

    /// The bytes of a range of row groups.
    pub(crate) fn groups_bytes(&self, groups: Range<usize>) -> &[u8] {
        &bytes_of(&self.lines)[groups.start * self.layout.stride..groups.end * self.layout.stride]
    }
}

/// Lays out a matrix from rows that come in pieces, so that the pages of a mapped file can be released as it goes.
#[derive(Debug)]
pub struct MatrixBuilder {
    matrix: Matrix,
    row_bytes: usize,
    pushed: usize,
}

impl MatrixBuilder {
    /// A matrix of `rows` times `cols` weights, none of them given yet.
    ///
    /// # Errors
    /// As [`Matrix::pack`], for the level and the shape.
    pub fn new(
        level: Level,
        format: Format,
        rows: usize,
        cols: usize,
    ) -> Result<Self, KernelError> {
        let level = level.require()?;
        let row_bytes = format.row_bytes(cols).ok_or(Kind::Columns {
            format,
            block: format.block_len(),
            cols,
        })?;
        if rows == 0 {
            return Err(Kind::NoRows.into());
        }
        let too_large = || Kind::TooLarge { format };
        let layout = Layout::new(format, level.lanes(), cols).ok_or_else(too_large)?;
        let bytes = rows
            .div_ceil(layout.lanes)
            .checked_mul(layout.stride)
            .filter(|&bytes| isize::try_from(bytes).is_ok())
            .ok_or_else(too_large)?;
        let lines = vec![Line([0; LINE]); bytes / LINE];
        Ok(Self { matrix: Matrix { level, layout, rows, lines }, row_bytes, pushed: 0 })
    }

    /// Adds the next rows: any number of whole ones.
    ///
    /// # Errors
    /// If the bytes are not whole rows or more than are missing, or a weight or scale is infinite or not a number.
    pub fn push_rows(&mut self, bytes: &[u8]) -> Result<(), KernelError> {
        let (count, rest) = (bytes.len() / self.row_bytes, bytes.len() % self.row_bytes);
        if rest != 0 || count > self.matrix.rows - self.pushed {
            let expected = (self.matrix.rows - self.pushed).saturating_mul(self.row_bytes);
            return Err(
                Kind::Size { what: "bytes of matrix rows", expected, got: bytes.len() }.into()
            );
        }
        let Layout { format, lanes, stride, .. } = self.matrix.layout;
        for row in bytes.chunks_exact(self.row_bytes) {
            let (group, lane) = (self.pushed / lanes, self.pushed % lanes);
            let target = &mut bytes_of_mut(&mut self.matrix.lines)[group * stride..][..stride];
            if !put_row(&self.matrix.layout, target, lane, row) {
                return Err(Kind::NotFinite { format, row: self.pushed }.into());
            }
            self.pushed += 1;
        }
        Ok(())
    }

    /// The matrix.
    ///
    /// # Errors
    /// If rows are missing.
    pub fn finish(self) -> Result<Matrix, KernelError> {
        if self.pushed == self.matrix.rows {
            Ok(self.matrix)
        } else {
            Err(Kind::Size {
                what: "rows of a matrix",
                expected: self.matrix.rows,
                got: self.pushed,
            }
            .into())
        }
    }
}

/// Puts one row of a file into a lane of its group; false if a weight or scale is not finite.
fn put_row(layout: &Layout, group: &mut [u8], lane: usize, row: &[u8]) -> bool {
    // One copy of the loop for each format, so that the format is a constant in it.
    match layout.format {
        Format::Q4_0 => put_blocks(&Layout { format: Format::Q4_0, ..*layout }, group, lane, row),
        Format::Q4_1 => put_blocks(&Layout { format: Format::Q4_1, ..*layout }, group, lane, row),
        Format::Q5_0 => put_blocks(&Layout { format: Format::Q5_0, ..*layout }, group, lane, row),
        Format::Q5_1 => put_blocks(&Layout { format: Format::Q5_1, ..*layout }, group, lane, row),
        Format::Q8_0 => put_blocks(&Layout { format: Format::Q8_0, ..*layout }, group, lane, row),
        Format::Q4K => put_blocks(&Layout { format: Format::Q4K, ..*layout }, group, lane, row),
        Format::Q5K => put_blocks(&Layout { format: Format::Q5K, ..*layout }, group, lane, row),
        Format::Q6K => put_blocks(&Layout { format: Format::Q6K, ..*layout }, group, lane, row),
        Format::F32 | Format::F16 | Format::Bf16 => put_elements(layout, group, lane, row),
    }
}

#[inline(always)]
fn put_blocks(layout: &Layout, group: &mut [u8], lane: usize, row: &[u8]) -> bool {
    let parts = layout.format.block_len() / PART;
    let mut finite = true;
    for (b, block) in row.chunks_exact(layout.format.block_bytes()).enumerate() {
        for part in 0..parts {
            let scales = blocks::scales(layout.format, block, part);
            finite &= scales.scale.is_finite() & scales.minimum.is_finite();
            layout.put(
                group,
                b * parts + part,
                lane,
                &blocks::codes(layout.format, block, part),
                scales,
            );
        }
    }
    finite
}

fn put_elements(layout: &Layout, group: &mut [u8], lane: usize, row: &[u8]) -> bool {
    let size = layout.format.block_bytes();
    let mut finite = true;
    for (col, bytes) in row.chunks_exact(size).enumerate() {
        finite &= element(layout.format, bytes).is_finite();
        group[(col * layout.lanes + lane) * size..][..size].copy_from_slice(bytes);
    }
    finite
}

fn bytes_of(lines: &[Line]) -> &[u8] {
    // SAFETY: a line is 64 bytes without padding, any of which is a valid u8; the result borrows the same memory.
    unsafe { std::slice::from_raw_parts(lines.as_ptr().cast(), lines.len() * LINE) }
}

fn bytes_of_mut(lines: &mut [Line]) -> &mut [u8] {
    // SAFETY: as in `bytes_of`; any bytes are a valid line.
    unsafe { std::slice::from_raw_parts_mut(lines.as_mut_ptr().cast(), lines.len() * LINE) }
}
