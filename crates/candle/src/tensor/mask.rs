use std::num::NonZeroUsize;

use candle_core::{DType, Device, Result, Tensor};
use foretoken_core::tree::TreeMask;

/// The additive masks of a pass, `[rows, committed + rows]`, one for each window that a layer has.
pub(super) struct Masks<'a> {
    mask: TreeMask<'a>,
    dtype: DType,
    device: &'a Device,
    built: Vec<(Option<NonZeroUsize>, Tensor)>,
}

impl<'a> Masks<'a> {
    pub(super) fn new(mask: TreeMask<'a>, dtype: DType, device: &'a Device) -> Self {
        Self { mask, dtype, device, built: Vec::new() }
    }

    /// The mask of a layer with this window.
    pub(super) fn get(&mut self, window: Option<NonZeroUsize>) -> Result<Tensor> {
        if let Some((_, built)) = self.built.iter().find(|(of, _)| *of == window) {
            return Ok(built.clone());
        }
        let mask = window.map_or(self.mask, |window| self.mask.with_window(window));
        let rows = mask.tree().len();
        let shape = (rows, mask.prefix() + rows);
        let device = self.device;
        let built = match self.dtype {
            DType::F16 => Tensor::from_vec(mask.dense::<half::f16>(), shape, device)?,
            DType::BF16 => Tensor::from_vec(mask.dense::<half::bf16>(), shape, device)?,
            _ => Tensor::from_vec(mask.dense::<f32>(), shape, device)?,
        };
        self.built.push((window, built.clone()));
        Ok(built)
    }
}
