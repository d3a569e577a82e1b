use std::num::NonZeroUsize;

use candle_core::{DType, Device, Result, Tensor};
use foretoken_core::tree::{MaskValue, TreeMask};

use super::slice::Slice;

/// The additive masks of a slice, `[rows, columns]`, one for each window that a layer has. Columns are the committed
/// tokens, the rows of the slices before it, and its own.
pub(super) struct Masks<'a> {
    mask: TreeMask<'a>,
    dtype: DType,
    device: &'a Device,
    slice: Option<Slice>,
    built: Vec<(Option<NonZeroUsize>, Tensor)>,
}

impl<'a> Masks<'a> {
    pub(super) fn new(mask: TreeMask<'a>, dtype: DType, device: &'a Device) -> Self {
        Self { mask, dtype, device, slice: None, built: Vec::new() }
    }

    /// The masks from here on are those of `slice`.
    pub(super) fn begin(&mut self, slice: &Slice) {
        self.slice = Some(slice.clone());
        self.built.clear();
    }

    /// The mask of a layer with this window.
    pub(super) fn get(&mut self, window: Option<NonZeroUsize>) -> Result<Tensor> {
        if let Some((_, built)) = self.built.iter().find(|(of, _)| *of == window) {
            return Ok(built.clone());
        }
        let Some(slice) = &self.slice else { candle_core::bail!("a mask of no rows") };
        let mask = window.map_or(self.mask, |window| self.mask.with_window(window));
        let built = match self.dtype {
            DType::F16 => build::<half::f16>(&mask, slice, self.device)?,
            DType::BF16 => build::<half::bf16>(&mask, slice, self.device)?,
            _ => build::<f32>(&mask, slice, self.device)?,
        };
        self.built.push((window, built.clone()));
        Ok(built)
    }
}

/// A row that is another one again sees what that one sees; nothing else sees it.
fn build<T: MaskValue + candle_core::WithDType>(
    mask: &TreeMask<'_>,
    slice: &Slice,
    device: &Device,
) -> Result<Tensor> {
    let seen = mask.prefix() + slice.start() + slice.len();
    let width = mask.prefix() + mask.tree().len();
    let rows = slice.nodes().len();
    let columns = mask.prefix() + slice.start() + rows;
    let all = mask.dense::<T>();
    let mut values = vec![T::HIDDEN; rows * columns];
    for (row, node) in values.chunks_exact_mut(columns).zip(slice.nodes()) {
        row[..seen].copy_from_slice(&all[node * width..][..seen]);
    }
    Tensor::from_vec(values, (rows, columns), device)
}
