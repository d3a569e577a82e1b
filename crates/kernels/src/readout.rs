//! The output layer: the best outputs of each row, chosen while they are computed.

use crate::activations::{Activations, Fill, Group, Input};
use crate::error::{KernelError, Kind};
use crate::matrix::Matrix;
use crate::pass;
use crate::product::check_input;
use crate::shared::Shared;
use crate::threads::{ThreadPool, share};

/// The largest k of a top-k.
pub const MOST_BEST: usize = 64;

/// An output of a row: its index (the token) and its value (the logit).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scored {
    /// Which output of the matrix.
    pub index: u32,
    /// Its value.
    pub value: f32,
}

/// What is wanted of one input row's outputs, and where it goes.
///
/// Of equal values the one with the lowest index comes first, as in a scan that replaces the best by greater values only.
pub struct Want<'a>(Wanted<'a>);

enum Wanted<'a> {
    Best(&'a mut [Scored]),
    All(Shared<'a, f32>),
}

impl<'a> Want<'a> {
    /// The greatest output.
    pub fn argmax(best: &'a mut Scored) -> Self {
        Self(Wanted::Best(std::slice::from_mut(best)))
    }

    /// As many of the greatest outputs as `best` is long (1 to 64, at most the matrix's rows), in descending order.
    pub fn top_k(best: &'a mut [Scored]) -> Self {
        Self(Wanted::Best(best))
    }

    /// All outputs.
    pub fn logits(out: &'a mut [f32]) -> Self {
        Self(Wanted::All(Shared::new(out)))
    }

    /// How many of the best outputs to keep.
    fn best(&self) -> usize {
        match &self.0 {
            Wanted::Best(best) => best.len(),
            Wanted::All(_) => 0,
        }
    }

    fn check(&self, outputs: usize) -> Result<(), KernelError> {
        let most = MOST_BEST.min(outputs);
        match &self.0 {
            Wanted::Best(best) if best.is_empty() || best.len() > most => {
                Err(Kind::TopK { k: best.len(), most }.into())
            }
            Wanted::All(out) if out.len() != outputs => {
                Err(Kind::Size { what: "logits of a row", expected: outputs, got: out.len() }
                    .into())
            }
            _ => Ok(()),
        }
    }
}

/// Computes an output layer and chooses from it; keeps its working memory from call to call.
#[derive(Debug, Default)]
pub struct Readout {
    best: Vec<Best>,
}

impl Readout {
    /// A readout without working memory yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Multiplies each input row by `matrix` and gives what is wanted of it; `wants` has one element for each row.
    ///
    /// The outputs are those of [`multiply`](crate::multiply), to the bit. They are never written out unless all are wanted.
    ///
    /// # Errors
    /// As [`multiply`](crate::multiply); if `wants` does not match the rows, or a k is out of range. If an output of a row whose argmax or
    /// top k is wanted is not a number, with [`KernelError::is_not_a_number`].
    pub fn read(
        &mut self,
        pool: &ThreadPool,
        input: &Activations,
        matrix: &Matrix,
        wants: &mut [Want<'_>],
    ) -> Result<(), KernelError> {
        let input = input.view();
        check_input(&input, matrix)?;
        let targets = self.start(pool, input.rows, matrix, wants)?;
        pool.run(&|worker| targets.work(&input, matrix, worker, pool.threads()));
        self.finish(pool.threads(), wants)
    }

    /// Fills the input and reads from it, in one task: what [`Activations::fill`] and [`read`](Self::read) do.
    ///
    /// # Errors
    /// As [`read`](Self::read); then the input is unspecified.
    pub fn fill_and_read(
        &mut self,
        pool: &ThreadPool,
        input: &mut Activations,
        fill: &Fill<'_>,
        matrix: &Matrix,
        wants: &mut [Want<'_>],
    ) -> Result<(), KernelError> {
        let rows = wants.len();
        let filling = input.start(pool, rows, matrix.cols(), matrix.format().is_quantized(), fill);
        // SAFETY: no worker runs yet; the view is used for its sizes only.
        check_input(&unsafe { filling.view() }, matrix)?;
        let targets = self.start(pool, rows, matrix, wants)?;
        pool.run(&|worker| {
            filling.work(worker);
            pool.barrier();
            // SAFETY: all workers are past the barrier, so all have written their shares.
            let view = unsafe { filling.view() };
            targets.work(&view, matrix, worker, pool.threads());
        });
        self.finish(pool.threads(), wants)
    }

    fn start<'a>(
        &'a mut self,
        pool: &ThreadPool,
        rows: usize,
        matrix: &Matrix,
        wants: &'a [Want<'a>],
    ) -> Result<Targets<'a>, KernelError> {
        if wants.len() != rows {
            return Err(Kind::Size {
                what: "wants of the input rows",
                expected: rows,
                got: wants.len(),
            }
            .into());
        }
        for want in wants {
            want.check(matrix.rows())?;
        }
        let slots = pool.threads() * rows;
        if self.best.len() < slots {
            self.best.resize_with(slots, Best::default);
        }
        for (slot, best) in self.best[..slots].iter_mut().enumerate() {
            best.clear(wants[slot % rows].best());
        }
        Ok(Targets { best: Shared::new(&mut self.best[..slots]), wants })
    }

    fn finish(&mut self, threads: usize, wants: &mut [Want<'_>]) -> Result<(), KernelError> {
        let rows = wants.len();
        for (row, want) in wants.iter_mut().enumerate() {
            let Wanted::Best(out) = &mut want.0 else { continue };
            // Workers have ascending shares, so the first of equal values stays first.
            let (first, others) = self.best[..threads * rows].split_at_mut(rows);
            let best = &mut first[row];
            for other in others.iter().skip(row).step_by(rows) {
                best.merge(other);
            }
            if let Some(index) = best.not_a_number {
                return Err(Kind::NotANumber { row, index: index as usize }.into());
            }
            out.copy_from_slice(&best.list);
        }
        Ok(())
    }
}

/// Where the workers of one task put what they find.
struct Targets<'a> {
    /// For each worker, for each row.
    best: Shared<'a, Best>,
    wants: &'a [Want<'a>],
}

impl Targets<'_> {
    /// Computes the worker's share of the outputs.
    fn work(&self, input: &Input<'_>, matrix: &Matrix, worker: usize, threads: usize) {
        let rows = self.wants.len();
        // SAFETY: each worker takes its own slots.
        let best = unsafe { self.best.part(worker * rows..(worker + 1) * rows) };
        let groups = share(matrix.groups(), worker, threads);
        pass::over(matrix, input, groups, |groups, group, tile| {
            self.take(best, matrix, groups.start, group, tile);
        });
    }

    fn take(
        &self,
        best: &mut [Best],
        matrix: &Matrix,
        first_group: usize,
        group: Group,
        tile: &[f32],
    ) {
        let lanes = matrix.lanes();
        for (g, tile) in tile.chunks_exact(lanes * group.rows).enumerate() {
            let first = (first_group + g) * lanes;
            let count = lanes.min(matrix.rows() - first);
            for (row, values) in (group.start..).zip(tile.chunks_exact(lanes)) {
                match &self.wants[row].0 {
                    Wanted::Best(_) => best[row].take(first as u32, &values[..count]),
                    // SAFETY: the outputs of one row group are written by the one worker that computes them.
                    Wanted::All(out) => {
                        unsafe { out.part(first..first + count) }.copy_from_slice(&values[..count]);
                    }
                }
            }
        }
    }
}

/// The greatest outputs seen so far, in descending order, of equal ones the first seen first.
#[derive(Debug, Default)]
struct Best {
    k: usize,
    list: Vec<Scored>,
    not_a_number: Option<u32>,
}

impl Best {
    fn clear(&mut self, k: usize) {
        self.k = k;
        self.list.clear();
        self.list.reserve(k);
        self.not_a_number = None;
    }

    /// Takes outputs with ascending indices, all above those seen so far.
    fn take(&mut self, first: u32, values: &[f32]) {
        for (index, &value) in (first..).zip(values) {
            if value.is_nan() {
                self.not_a_number.get_or_insert(index);
            } else if self.list.len() < self.k
                || self.list.last().is_some_and(|least| value > least.value)
            {
                self.insert(Scored { index, value });
            }
        }
    }

    fn insert(&mut self, scored: Scored) {
        if self.list.len() == self.k {
            self.list.pop();
        }
        let at = self.list.partition_point(|other| other.value >= scored.value);
        self.list.insert(at, scored);
    }

    /// Takes what another worker saw, whose indices are above all seen so far.
    fn merge(&mut self, other: &Self) {
        self.not_a_number = self.not_a_number.or(other.not_a_number);
        for &scored in &other.list {
            self.take(scored.index, &[scored.value]);
        }
    }
}
