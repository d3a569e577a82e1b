//! What the tensor engine does not promise.

use std::num::NonZeroUsize;

use candle_core::DType;
use foretoken::candle::{CandleModel, LoadOptions, TensorOptions};
use foretoken::tree::Limits;
use foretoken::{NodeId, SourceId, TokenTree};
use libtest_mimic::Failed;

use super::{QUESTIONS, Shared, rows};

/// How far the tensor engine's logits drift with what runs beside a node.
pub(crate) fn tensor_drift(shared: &mut Shared) -> Result<(), Failed> {
    let prompt = shared.prompt(QUESTIONS[1]);
    let (&last, before) = prompt.split_last().ok_or("a prompt")?;
    let before = &before[before.len().saturating_sub(24)..];
    let mut tree = TokenTree::new(last, Limits::UNLIMITED);
    for (index, &token) in prompt[1..8].iter().enumerate() {
        tree.add(NodeId::new(index / 2), token, SourceId::new(0), 0.5)?;
    }
    for dtype in [DType::F32, DType::F16] {
        for strict in [None, NonZeroUsize::new(8)] {
            let mut options = TensorOptions::default().with_dtype(dtype);
            options.strict = strict;
            let options = LoadOptions::default().with_engine(options);
            let mut model = CandleModel::load(
                &shared.path,
                &options.with_context(NonZeroUsize::MIN.saturating_add(255)),
            )?;
            let together = rows(&mut model, before, &tree)?;
            let (mut worst, mut largest) = (0.0f32, 0.0f32);
            for node in tree.nodes() {
                let path = tree.path_tokens(node);
                let (&last, inner) = path.split_last().ok_or("the root at least")?;
                let prefix = [before, inner].concat();
                let alone = &rows(&mut model, &prefix, &TokenTree::chain(last, &[]))?[0];
                for (a, b) in alone.iter().zip(&together[node.index()]) {
                    worst = worst.max((a - b).abs());
                    largest = largest.max(a.abs());
                }
            }
            println!("{dtype:?}, strict {strict:?}: {worst:e} of logits up to {largest}");
        }
    }
    Ok(())
}
