use candle_core::{DType, Device, Result, Tensor};

/// Keys and values of one sequence, for each layer `[kv heads, capacity, head dim]`, allocated once.
///
/// Committed rows come first; a pass writes its rows behind them.
pub(super) struct Cache {
    layers: Vec<[Tensor; 2]>,
}

/// The dimension of rows.
const ROWS: usize = 1;

impl Cache {
    pub(super) fn new(
        layers: usize,
        shape: (usize, usize, usize),
        dtype: DType,
        device: &Device,
    ) -> Result<Self> {
        let zeros = || Tensor::zeros(shape, dtype, device);
        let layers = (0..layers).map(|_| Ok([zeros()?, zeros()?])).collect::<Result<_>>()?;
        Ok(Self { layers })
    }

    /// Writes rows behind `committed` ones and returns all keys and values up to them.
    pub(super) fn extend(
        &self,
        layer: usize,
        committed: usize,
        keys: &Tensor,
        values: &Tensor,
    ) -> Result<(Tensor, Tensor)> {
        let [all_keys, all_values] = &self.layers[layer];
        all_keys.slice_set(keys, ROWS, committed)?;
        all_values.slice_set(values, ROWS, committed)?;
        let end = committed + keys.dim(ROWS)?;
        Ok((all_keys.narrow(ROWS, 0, end)?, all_values.narrow(ROWS, 0, end)?))
    }

    /// Moves the rows of `path`, counted from `committed`, together.
    pub(super) fn commit(&self, committed: usize, path: &[usize]) -> Result<()> {
        let moved = path.iter().enumerate().position(|(to, &from)| to != from);
        let Some(first) = moved else { return Ok(()) };
        let from: Vec<u32> = path[first..].iter().map(|&row| (committed + row) as u32).collect();
        for tensor in self.layers.iter().flatten() {
            let from = Tensor::new(from.as_slice(), tensor.device())?;
            tensor.slice_set(&tensor.index_select(&from, ROWS)?, ROWS, committed + first)?;
        }
        Ok(())
    }

    /// Takes over the first `rows` rows of another cache.
    pub(super) fn copy_from(&self, other: &Self, rows: usize) -> Result<()> {
        if rows == 0 {
            return Ok(());
        }
        for (to, from) in self.layers.iter().flatten().zip(other.layers.iter().flatten()) {
            to.slice_set(&from.narrow(ROWS, 0, rows)?.contiguous()?, ROWS, 0)?;
        }
        Ok(())
    }
}
