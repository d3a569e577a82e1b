use std::{cell::RefCell, ops::Range};

use foretoken_core::{ModelError, tree};
use foretoken_kernels::{
    Ancestors, AttentionPass, KernelError, Level, Matrix, Product, RmsNorm, add, fill_and_multiply,
    gelu_gate, scale, silu_gate,
};

use super::{CpuEngine, cache_of, failed, network::Block, network::Projection};
use crate::{architecture::Activation, model::Part};

/// What the rows of one part see, and which rows they are.
struct Sight<'a> {
    part: Part<'a>,
    rows: Range<usize>,
    /// None for a chain, where every row sees the ones before it.
    ancestors: Option<tree::Ancestors>,
}

impl<'a> Sight<'a> {
    fn new(part: &Part<'a>, first_row: usize) -> Self {
        let mask = tree::TreeMask::new(part.tree, part.committed);
        let ancestors = (!part.tree.is_chain()).then(|| mask.ancestors());
        Self { part: *part, rows: first_row..first_row + part.tree.len(), ancestors }
    }

    fn ancestors(&self) -> Result<Ancestors<'_>, KernelError> {
        match &self.ancestors {
            None => Ok(Ancestors::chain(self.rows.len())),
            Some(ancestors) => Ancestors::tree(ancestors.offsets(), ancestors.indices()),
        }
    }
}

impl CpuEngine {
    /// Runs all blocks over the rows of all parts.
    pub(super) fn run(&mut self, parts: &[Part<'_>]) -> Result<(), ModelError> {
        let mut rows = 0;
        let sights: Vec<Sight<'_>> = parts
            .iter()
            .map(|part| {
                let sight = Sight::new(part, rows);
                rows = sight.rows.end;
                sight
            })
            .collect();
        self.buffers.resize(&self.architecture, rows);
        let positions = sights.iter().flat_map(|sight| {
            let committed = sight.part.committed;
            sight.part.tree.depths().iter().map(move |&depth| committed + depth as usize)
        });
        if let Some(rotary) = &self.network.local_rotary {
            self.buffers.local_angles.fill(rotary, positions.clone());
        }
        self.buffers.angles.fill(&self.network.rotary, positions);
        let tokens = parts.iter().flat_map(|part| part.tree.tokens());
        let hidden = self.buffers.hidden.chunks_exact_mut(self.architecture.hidden);
        for (row, &token) in hidden.zip(tokens) {
            self.network.embedding.dequantize_row(token as usize, row);
            if self.architecture.embedding_scale != 1.0 {
                scale(self.level, row, self.architecture.embedding_scale);
            }
        }
        for index in 0..self.network.blocks.len() {
            self.project(index, rows).map_err(failed)?;
            self.attend(index, &sights)?;
            self.mix(index, rows).map_err(failed)?;
        }
        Ok(())
    }

    /// Queries, keys and values of all rows.
    fn project(&mut self, index: usize, rows: usize) -> Result<(), KernelError> {
        let Block { attention_norm, query, key, value, head_norms, .. } =
            &self.network.blocks[index];
        let (level, buffers) = (self.level, &mut self.buffers);
        let hidden = &buffers.hidden;
        fill_and_multiply(
            &self.pool,
            &mut self.inputs,
            rows,
            &|row, columns, out| normed(level, attention_norm, hidden, row, columns, out),
            &mut [
                product(query, &mut buffers.queries),
                product(key, &mut buffers.keys),
                product(value, &mut buffers.values),
            ],
        )?;
        if let Some([query_norm, key_norm]) = head_norms {
            query_norm.apply_in_place(level, &mut buffers.queries);
            key_norm.apply_in_place(level, &mut buffers.keys);
        }
        Ok(())
    }

    /// Attention of all rows; their keys and values are in the caches afterwards.
    fn attend(&mut self, index: usize, sights: &[Sight<'_>]) -> Result<(), ModelError> {
        let (queries, keys) = (self.architecture.query_width(), self.architecture.key_width());
        let head_dim = self.architecture.head_dim;
        let buffers = &mut self.buffers;
        let local = self.network.blocks[index].local && self.network.local_rotary.is_some();
        let angles = if local { &buffers.local_angles } else { &buffers.angles };
        for row in 0..angles.rows() {
            let query = &mut buffers.queries[row * queries..(row + 1) * queries];
            angles.rotate(self.level, row, query, head_dim);
            let key = &mut buffers.keys[row * keys..(row + 1) * keys];
            angles.rotate(self.level, row, key, head_dim);
        }
        for sight in sights {
            let Sight { part, rows, .. } = sight;
            let cache = cache_of(&mut self.caches, part.slot)?;
            let span = |width: usize| rows.start * width..rows.end * width;
            cache
                .write(
                    index,
                    part.committed,
                    &buffers.keys[span(keys)],
                    &buffers.values[span(keys)],
                )
                .map_err(failed)?;
            let pass = AttentionPass {
                cache,
                layer: index,
                prefix: part.committed,
                ancestors: sight.ancestors().map_err(failed)?,
                queries: &buffers.queries[span(queries)],
            };
            let out = &mut buffers.attended[span(queries)];
            let attention = &self.network.blocks[index].attention;
            attention
                .run(&self.pool, self.level, &pass, &mut buffers.attention, out)
                .map_err(failed)?;
        }
        Ok(())
    }

    /// The output of attention and the feed-forward step, each added to the residual stream.
    fn mix(&mut self, index: usize, rows: usize) -> Result<(), KernelError> {
        let block = &self.network.blocks[index];
        let (level, pool, buffers) = (self.level, &self.pool, &mut self.buffers);
        let (attended, width) = (&buffers.attended, self.architecture.query_width());
        fill_and_multiply(
            pool,
            &mut self.inputs,
            rows,
            &|row, columns, out| out.copy_from_slice(&attended[row * width..][columns]),
            &mut [match &block.output_norms {
                None => added(&block.attention_output.matrix, &mut buffers.hidden),
                Some(_) => Product::new(&block.attention_output.matrix, &mut buffers.output),
            }],
        )?;
        if let Some(bias) = &block.attention_output.bias {
            let out = match &block.output_norms {
                None => &mut buffers.hidden,
                Some(_) => &mut buffers.output,
            };
            for row in out.chunks_exact_mut(bias.len()) {
                add(level, row, bias);
            }
        }
        if let Some([norm, _]) = &block.output_norms {
            norm.apply_in_place(level, &mut buffers.output);
            add(level, &mut buffers.hidden, &buffers.output);
        }
        let hidden = &buffers.hidden;
        fill_and_multiply(
            pool,
            &mut self.inputs,
            rows,
            &|row, columns, out| normed(level, &block.feed_forward_norm, hidden, row, columns, out),
            &mut [
                Product::new(&block.gate, &mut buffers.gate),
                Product::new(&block.up, &mut buffers.up),
            ],
        )?;
        let (gate, up, width) = (&buffers.gate, &buffers.up, self.architecture.feed_forward);
        let activation = self.architecture.activation;
        fill_and_multiply(
            pool,
            &mut self.inner_inputs,
            rows,
            &|row, columns, out| {
                out.copy_from_slice(&gate[row * width..][columns.clone()]);
                let up = &up[row * width..][columns];
                match activation {
                    Activation::Silu => silu_gate(level, out, up),
                    Activation::Gelu => gelu_gate(level, out, up),
                }
            },
            &mut [match &block.output_norms {
                None => added(&block.down, &mut buffers.hidden),
                Some(_) => Product::new(&block.down, &mut buffers.output),
            }],
        )?;
        if let Some([_, norm]) = &block.output_norms {
            norm.apply_in_place(level, &mut buffers.output);
            add(level, &mut buffers.hidden, &buffers.output);
        }
        Ok(())
    }
}

fn product<'a>(projection: &'a Projection, out: &'a mut [f32]) -> Product<'a> {
    match &projection.bias {
        Some(bias) => Product::biased(&projection.matrix, bias, out),
        None => Product::new(&projection.matrix, out),
    }
}

fn added<'a>(matrix: &'a Matrix, out: &'a mut [f32]) -> Product<'a> {
    Product::added(matrix, out)
}

thread_local! {
    /// A whole normed row, where a worker is to write a part of one.
    static NORMED: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// Some columns of a normed row of `x`.
pub(super) fn normed(
    level: Level,
    norm: &RmsNorm,
    x: &[f32],
    row: usize,
    columns: Range<usize>,
    out: &mut [f32],
) {
    let width = norm.width();
    let x = &x[row * width..(row + 1) * width];
    if columns.len() == width {
        norm.apply(level, x, out);
        return;
    }
    NORMED.with_borrow_mut(|whole| {
        whole.resize(width, 0.0);
        norm.apply(level, x, whole);
        out.copy_from_slice(&whole[columns]);
    });
}
