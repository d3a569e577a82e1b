//! Attention of a chain or a tree of rows over a key/value cache.

mod ancestors;
mod block;
mod outer;
mod pass;
mod plan;
mod prepare;
mod scratch;
mod softmax;
mod summary;
mod tile;
mod work;

pub use ancestors::Ancestors;
pub use scratch::AttentionScratch;

use crate::cache::{KvCache, Storage};
use crate::error::{KernelError, Kind};
use crate::gate::SoftCap;
use crate::level::Level;
use crate::norm::RmsNorm;
use crate::rotary::RotaryAngles;
use crate::threads::ThreadPool;
use pass::Pass;
use prepare::Fresh;
use work::Memory;

#[cfg(test)]
mod tests;

/// The dimensions and constants of one layer's attention.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttentionShape {
    /// Heads of queries.
    pub heads: usize,
    /// Heads of keys and values; query heads `i * heads / kv_heads ..` share the `i`-th.
    pub kv_heads: usize,
    /// Values in a head.
    pub head_dim: usize,
    /// What products of queries and keys are multiplied by, usually `1 / sqrt(head_dim)`.
    pub scale: f32,
    /// Scores become `cap * tanh(score / cap)`.
    pub soft_cap: Option<f32>,
    /// How many positions a row sees, its own included; all, if `None`.
    pub window: Option<usize>,
}

/// Attention with a checked shape.
///
/// The row of a node at depth `d` stands at position `prefix + d`. It sees the committed prefix, its own path and nothing
/// else, of these only the positions within the window.
///
/// **Guarantee.** A row's output has the same bits whether it runs alone with its ancestors committed, in a chain or in any
/// tree, with any number of threads, at every instruction-set level, as long as the cache holds the same keys and values.
/// For that, keys are taken in order of absolute position, in chunks of 128 positions: within a chunk, a score is one chain
/// of fused multiply-adds over the dimensions, weights are relative to the chunk's largest score, and values are added in
/// order of position; the chunks' results are joined in order of position, wherever and whenever they were computed.
/// A weight below `exp(-60)` of the chunk's largest counts as that much.
#[derive(Clone, Copy, Debug)]
pub struct Attention {
    shape: AttentionShape,
}

/// The operands of one layer in one pass.
#[derive(Clone, Copy, Debug)]
pub struct AttentionPass<'a> {
    /// Keys and values, those of the pass's rows written to the slots from `prefix` on.
    pub cache: &'a KvCache,
    /// The layer of the cache.
    pub layer: usize,
    /// The number of committed rows.
    pub prefix: usize,
    /// What each row sees besides.
    pub ancestors: Ancestors<'a>,
    /// Queries, rotated: for each row `heads` heads of `head_dim` values.
    pub queries: &'a [f32],
}

/// The operands of one layer in one pass, as they were projected.
#[derive(Debug)]
pub struct AttentionStep<'a> {
    /// Keys and values; those of the pass's rows are written to the slots from `prefix` on.
    pub cache: &'a mut KvCache,
    /// The layer of the cache.
    pub layer: usize,
    /// The number of committed rows.
    pub prefix: usize,
    /// What each row sees besides.
    pub ancestors: Ancestors<'a>,
    /// For each row `heads` heads of `head_dim` values; normalised and rotated in place.
    pub queries: &'a mut [f32],
    /// For each row `kv_heads` heads of `head_dim` values; normalised and rotated in place.
    pub keys: &'a mut [f32],
    /// For each row `kv_heads` heads of `head_dim` values.
    pub values: &'a [f32],
    /// The norms of each head of the queries and of the keys, for models that have them.
    pub head_norms: Option<[&'a RmsNorm; 2]>,
    /// The angles of the rows' positions.
    pub angles: &'a RotaryAngles,
    /// The row of `angles` for the first row.
    pub first_angle: usize,
}

impl Attention {
    /// Checks a shape.
    ///
    /// # Errors
    /// If a dimension is zero, query heads cannot be shared out evenly, the scale is not a positive number, the soft cap
    /// neither, or the window is empty.
    pub fn new(shape: AttentionShape) -> Result<Self, KernelError> {
        let AttentionShape { heads, kv_heads, head_dim, scale, soft_cap, window } = shape;
        let refuse = |what| Err(Kind::Refused { what }.into());
        if heads == 0 || kv_heads == 0 || head_dim == 0 || !heads.is_multiple_of(kv_heads) {
            return refuse(
                "heads must be positive, and those of queries a multiple of those of keys",
            );
        }
        if ![scale, soft_cap.unwrap_or(1.0)].iter().all(|x| x.is_finite() && *x > 0.0) {
            return refuse("the scale and the soft cap of attention must be positive numbers");
        }
        if window == Some(0) {
            return refuse("a window of attention must hold at least one position");
        }
        Ok(Self { shape })
    }

    /// The shape.
    pub fn shape(&self) -> AttentionShape {
        self.shape
    }

    /// Computes the attention of a pass: for each row, `heads` heads of `head_dim` values into `out`.
    ///
    /// # Errors
    /// If the operands do not fit the shape, each other or the cache; nothing has been written then.
    pub fn run(
        &self,
        pool: &ThreadPool,
        level: Level,
        pass: &AttentionPass<'_>,
        scratch: &mut AttentionScratch,
        out: &mut [f32],
    ) -> Result<(), KernelError> {
        let AttentionPass { cache, layer, prefix, ancestors, queries } = *pass;
        self.check(cache, layer, prefix, ancestors)?;
        let rows = ancestors.rows();
        check_len("the queries of attention", rows * self.query_width(), queries.len())?;
        check_len("the output of attention", rows * self.query_width(), out.len())?;
        let pass = Pass { values: queries, ..self.pass(prefix, ancestors) };
        let first_head = layer * self.shape.kv_heads;
        if rows == 0 {
            return Ok(());
        }
        match cache.storage() {
            Storage::F32(heads) => {
                let memory = (heads.region(), first_head, Memory::Complete(heads.elements()));
                work::run(pool, level, &pass, memory, scratch, out);
            }
            Storage::F16(heads) => {
                let memory = (heads.region(), first_head, Memory::Complete(heads.elements()));
                work::run(pool, level, &pass, memory, scratch, out);
            }
        }
        Ok(())
    }

    /// All of a layer between its projections and its output: head norms, rotation, the cache, and attention, with one start
    /// of the workers.
    ///
    /// The bits are those of the steps one by one: [`RmsNorm::apply_in_place`], [`RotaryAngles::rotate`],
    /// [`KvCache::write`] and [`run`](Self::run).
    ///
    /// # Errors
    /// If the operands do not fit the shape, each other or the cache; nothing has been written then.
    pub fn step(
        &self,
        pool: &ThreadPool,
        level: Level,
        step: AttentionStep<'_>,
        scratch: &mut AttentionScratch,
        out: &mut [f32],
    ) -> Result<(), KernelError> {
        let AttentionStep { cache, layer, prefix, ancestors, queries, keys, values, .. } = step;
        let AttentionStep { head_norms, angles, first_angle, .. } = step;
        self.check(cache, layer, prefix, ancestors)?;
        let (rows, AttentionShape { kv_heads, head_dim, .. }) = (ancestors.rows(), self.shape);
        check_len("the queries of attention", rows * self.query_width(), queries.len())?;
        check_len("the keys of attention", rows * kv_heads * head_dim, keys.len())?;
        check_len("the values of attention", rows * kv_heads * head_dim, values.len())?;
        check_len("the output of attention", rows * self.query_width(), out.len())?;
        for norm in head_norms.into_iter().flatten() {
            check_len("the norm of a head", head_dim, norm.width())?;
        }
        if angles.rows() < first_angle.saturating_add(rows) || angles.dimensions() > head_dim {
            return Err(
                Kind::Refused { what: "each row of attention needs angles for its heads" }.into()
            );
        }
        if rows == 0 {
            return Ok(());
        }
        let pass = self.pass(prefix, ancestors);
        let fresh = Fresh { queries, keys, values, head_norms, angles, first_angle };
        let first_head = layer * kv_heads;
        match cache.storage_mut() {
            Storage::F32(heads) => {
                let memory =
                    (heads.region(), first_head, Memory::Wanting(heads.elements_mut(), fresh));
                work::run(pool, level, &pass, memory, scratch, out);
            }
            Storage::F16(heads) => {
                let memory =
                    (heads.region(), first_head, Memory::Wanting(heads.elements_mut(), fresh));
                work::run(pool, level, &pass, memory, scratch, out);
            }
        }
        Ok(())
    }

    fn query_width(&self) -> usize {
        self.shape.heads * self.shape.head_dim
    }

    fn check(
        &self,
        cache: &KvCache,
        layer: usize,
        prefix: usize,
        ancestors: Ancestors<'_>,
    ) -> Result<(), KernelError> {
        let cached = cache.shape();
        if cached.kv_heads != self.shape.kv_heads || cached.head_dim != self.shape.head_dim {
            return Err(
                Kind::Refused { what: "a cache must have the heads of its attention" }.into()
            );
        }
        cache.check_layer(layer)?;
        cache.check_slots(prefix..prefix.saturating_add(ancestors.rows()))
    }

    /// What each row sees, without its queries.
    fn pass<'a>(&self, prefix: usize, ancestors: Ancestors<'a>) -> Pass<'a> {
        let AttentionShape { heads, kv_heads, head_dim, scale, soft_cap, window } = self.shape;
        Pass {
            heads,
            group: heads / kv_heads,
            head_dim,
            scale,
            soft_cap: soft_cap.map(SoftCap::new),
            window: window.unwrap_or(usize::MAX),
            prefix,
            ancestors,
            values: &[],
        }
    }
}

fn check_len(what: &'static str, expected: usize, got: usize) -> Result<(), KernelError> {
    if got == expected { Ok(()) } else { Err(Kind::Size { what, expected, got }.into()) }
}
