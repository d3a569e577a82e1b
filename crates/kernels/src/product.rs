//! Products of weight matrices with input rows.

use crate::activations::{Activations, Fill, Group, Input};
use crate::error::{KernelError, Kind};
use crate::matrix::Matrix;
use crate::pass;
use crate::shared::Shared;
use crate::threads::{ThreadPool, share};

/// One matrix to multiply the input by, and where the outputs go.
///
/// The result is row-major, one row of `matrix.rows()` values for each input row.
#[derive(Clone, Copy)]
pub struct Product<'a> {
    matrix: &'a Matrix,
    out: Shared<'a, f32>,
    combine: Combine<'a>,
}

#[derive(Clone, Copy)]
enum Combine<'a> {
    Store,
    Add,
    Bias(&'a [f32]),
}

impl<'a> Product<'a> {
    /// The product replaces what is in `out`.
    pub fn new(matrix: &'a Matrix, out: &'a mut [f32]) -> Self {
        Self { matrix, out: Shared::new(out), combine: Combine::Store }
    }

    /// The product is added to what is in `out`, as a residual connection wants it.
    pub fn added(matrix: &'a Matrix, out: &'a mut [f32]) -> Self {
        Self { combine: Combine::Add, ..Self::new(matrix, out) }
    }

    /// The product plus `bias`, one value for each output, replaces what is in `out`.
    pub fn biased(matrix: &'a Matrix, bias: &'a [f32], out: &'a mut [f32]) -> Self {
        Self { combine: Combine::Bias(bias), ..Self::new(matrix, out) }
    }

    fn check(&self, rows: usize) -> Result<(), KernelError> {
        let expected = rows * self.matrix.rows();
        if self.out.len() != expected {
            return Err(
                Kind::Size { what: "outputs of a product", expected, got: self.out.len() }.into()
            );
        }
        match self.combine {
            Combine::Bias(bias) if bias.len() != self.matrix.rows() => Err(Kind::Size {
                what: "values of a bias",
                expected: self.matrix.rows(),
                got: bias.len(),
            }
            .into()),
            _ => Ok(()),
        }
    }

    /// Puts a tile where it belongs.
    fn take(&self, first_group: usize, group: Group, tile: &[f32]) {
        match self.matrix.lanes() {
            8 => self.take_lanes::<8>(first_group, group, tile),
            _ => self.take_lanes::<16>(first_group, group, tile),
        }
    }

    fn take_lanes<const LANES: usize>(&self, first_group: usize, group: Group, tile: &[f32]) {
        let width = self.matrix.rows();
        let mut lanes = tile.as_chunks::<LANES>().0.iter();
        for first in (first_group * LANES..).step_by(LANES).take(tile.len() / (LANES * group.rows))
        {
            for (row, values) in (group.start..group.start + group.rows).zip(&mut lanes) {
                let count = LANES.min(width - first);
                // SAFETY: the outputs of one row group are written by the one worker that computes them.
                let out =
                    unsafe { self.out.part(row * width + first..row * width + first + count) };
                match <&mut [f32; LANES]>::try_from(&mut *out) {
                    Ok(out) => self.combine.apply(first, values, out),
                    Err(_) => self.combine.apply(first, values, out),
                }
            }
        }
    }
}

impl Combine<'_> {
    /// Puts values into the outputs of one row that begin at index `first`.
    #[inline(always)]
    fn apply(&self, first: usize, values: &[f32], out: &mut [f32]) {
        match self {
            Self::Store => out.iter_mut().zip(values).for_each(|(out, &value)| *out = value),
            Self::Add => out.iter_mut().zip(values).for_each(|(out, value)| *out += value),
            Self::Bias(bias) => {
                let sums = values.iter().zip(&bias[first..]).map(|(value, bias)| value + bias);
                out.iter_mut().zip(sums).for_each(|(out, sum)| *out = sum);
            }
        }
    }
}

/// Multiplies the input rows by several matrices at once.
///
/// Each output is the same sequence of operations whatever the number of rows, the row's index and the number of threads are, and gives the
/// same bits at every level.
///
/// ```
/// use foretoken_kernels::{Activations, Format, Level, Matrix, Product, ThreadPool, multiply};
///
/// let level = Level::detect();
/// let weights: Vec<u8> = (0..64).flat_map(|i| (i as f32).to_le_bytes()).collect();
/// let matrix = Matrix::pack(level, Format::F32, 2, 32, &weights)?;
/// let pool = ThreadPool::new(2);
/// let mut input = Activations::new(level)?;
/// input.load(&pool, 32, &[1.0; 32])?;
/// let mut out = [0.0; 2];
/// multiply(&pool, &input, &mut [Product::new(&matrix, &mut out)])?;
/// assert_eq!(out, [496.0, 1520.0]);
/// # Ok::<(), foretoken_kernels::KernelError>(())
/// ```
///
/// # Errors
/// If a matrix has other columns or another level than the input, or an output or a bias the wrong size.
pub fn multiply(
    pool: &ThreadPool,
    input: &Activations,
    products: &mut [Product<'_>],
) -> Result<(), KernelError> {
    let input = input.view();
    for product in &*products {
        check_input(&input, product.matrix)?;
        product.check(input.rows)?;
    }
    let products = &*products;
    pool.run(&|worker| work(&input, products, worker, pool.threads()));
    Ok(())
}

/// Fills the input and multiplies it, in one task: what [`Activations::fill`] and [`multiply`] do, with one start of the workers less.
///
/// The input is quantized only if one of the matrices is.
///
/// # Errors
/// As [`multiply`]; then the input is unspecified.
pub fn fill_and_multiply(
    pool: &ThreadPool,
    input: &mut Activations,
    rows: usize,
    fill: &Fill<'_>,
    products: &mut [Product<'_>],
) -> Result<(), KernelError> {
    let Some(first) = products.first() else { return Ok(()) };
    let quantize = products.iter().any(|product| product.matrix.format().is_quantized());
    let filling = input.start(pool, rows, first.matrix.cols(), quantize, fill);
    {
        // SAFETY: no worker runs yet; the view is used for its sizes only and dropped here.
        let view = unsafe { filling.view() };
        for product in &*products {
            check_input(&view, product.matrix)?;
            product.check(rows)?;
        }
    }
    let products = &*products;
    pool.run(&|worker| {
        filling.work(worker);
        pool.barrier();
        // SAFETY: all workers are past the barrier, so all have written their shares.
        let view = unsafe { filling.view() };
        work(&view, products, worker, pool.threads());
    });
    Ok(())
}

pub(crate) fn check_input(input: &Input<'_>, matrix: &Matrix) -> Result<(), KernelError> {
    if input.level != matrix.level() {
        return Err(Kind::LevelMismatch { weights: matrix.level(), input: input.level }.into());
    }
    if input.cols != matrix.cols() {
        return Err(Kind::Size {
            what: "columns of the input",
            expected: matrix.cols(),
            got: input.cols,
        }
        .into());
    }
    if matrix.format().is_quantized() && !input.quantized {
        return Err(Kind::FormMissing { format: matrix.format() }.into());
    }
    Ok(())
}

/// Computes the worker's share of all products: contiguous row groups, split so that every worker reads as many bytes.
fn work(input: &Input<'_>, products: &[Product<'_>], worker: usize, threads: usize) {
    for product in products {
        let groups = share(product.matrix.groups(), worker, threads);
        pass::over(product.matrix, input, groups, |groups, group, tile| {
            product.take(groups.start, group, tile);
        });
    }
}
