//! `AdamW` (Loshchilov and Hutter 2019) whose state can be saved: candle-nn keeps its own to itself.

use std::collections::HashMap;

use candle_core::{Device, Result, Tensor, Var};

/// What the optimizer does with gradients.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Decay of the mean gradient.
    pub mean_decay: f32,
    /// Decay of the mean square.
    pub square_decay: f32,
    /// Added to the root of the mean square.
    pub epsilon: f32,
    /// How fast matrices shrink, times the learning rate. Norms do not.
    pub weight_decay: f32,
    /// Gradients of a larger norm are scaled down to it.
    pub largest_norm: f32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            mean_decay: 0.9,
            square_decay: 0.98,
            epsilon: 1e-9,
            weight_decay: 0.1,
            largest_norm: 1.0,
        }
    }
}

struct Slot {
    name: String,
    var: Var,
    mean: Vec<f32>,
    square: Vec<f32>,
}

/// The optimizer of a network's weights.
pub struct AdamW {
    rules: Rules,
    slots: Vec<Slot>,
    steps: i32,
}

impl AdamW {
    /// Starts with no gradients seen.
    pub fn new(rules: Rules, variables: Vec<(String, Var)>) -> Self {
        let slots = variables
            .into_iter()
            .map(|(name, var)| {
                let count = var.elem_count();
                Slot { name, var, mean: vec![0.0; count], square: vec![0.0; count] }
            })
            .collect();
        Self { rules, slots, steps: 0 }
    }

    /// Moves every weight against its gradient; `gradients` come in the order of the variables.
    /// Returns the gradients' norm.
    ///
    /// # Errors
    /// What candle says.
    pub fn step(&mut self, gradients: &[Vec<f32>], rate: f32) -> Result<f32> {
        let Rules { mean_decay, square_decay, epsilon, weight_decay, largest_norm } = self.rules;
        let squares: f64 = gradients.iter().flatten().map(|g| f64::from(*g) * f64::from(*g)).sum();
        let norm = squares.sqrt() as f32;
        let scale = if norm > largest_norm { largest_norm / norm } else { 1.0 };
        self.steps += 1;
        let mean_correction = 1.0 / (1.0 - mean_decay.powi(self.steps));
        let square_correction = 1.0 / (1.0 - square_decay.powi(self.steps));
        for (slot, gradient) in self.slots.iter_mut().zip(gradients) {
            let mut weights = slot.var.flatten_all()?.to_vec1::<f32>()?;
            let shrink = if slot.var.rank() > 1 { 1.0 - rate * weight_decay } else { 1.0 };
            let state = slot.mean.iter_mut().zip(&mut slot.square);
            for ((weight, g), (mean, square)) in weights.iter_mut().zip(gradient).zip(state) {
                let g = g * scale;
                *mean = mean_decay * *mean + (1.0 - mean_decay) * g;
                *square = square_decay * *square + (1.0 - square_decay) * g * g;
                let spread = (*square * square_correction).sqrt() + epsilon;
                *weight = *weight * shrink - rate * *mean * mean_correction / spread;
            }
            slot.var.set(&Tensor::from_vec(weights, slot.var.shape(), &Device::Cpu)?)?;
        }
        Ok(norm)
    }

    /// Weights and state, by name.
    ///
    /// # Errors
    /// What candle says.
    pub fn save(&self) -> Result<HashMap<String, Tensor>> {
        let mut all = HashMap::new();
        for slot in &self.slots {
            let tensor =
                |values: &[f32]| Tensor::from_slice(values, slot.var.shape(), &Device::Cpu);
            all.insert(slot.name.clone(), slot.var.as_tensor().clone());
            all.insert(format!("mean.{}", slot.name), tensor(&slot.mean)?);
            all.insert(format!("square.{}", slot.name), tensor(&slot.square)?);
        }
        all.insert("steps".to_owned(), Tensor::new(self.steps as u32, &Device::Cpu)?);
        Ok(all)
    }

    /// Takes up what [`save`](Self::save) gave.
    ///
    /// # Errors
    /// A tensor that is missing or of another shape.
    pub fn restore(&mut self, saved: &HashMap<String, Tensor>) -> Result<()> {
        let find = |name: &str| match saved.get(name) {
            Some(tensor) => Ok(tensor),
            None => candle_core::bail!("the checkpoint has no {name}"),
        };
        for slot in &mut self.slots {
            slot.var.set(find(&slot.name)?)?;
            let state = |name: String| find(&name)?.flatten_all()?.to_vec1::<f32>();
            slot.mean = state(format!("mean.{}", slot.name))?;
            slot.square = state(format!("square.{}", slot.name))?;
            if slot.mean.len() != slot.var.elem_count() || slot.square.len() != slot.mean.len() {
                candle_core::bail!("the checkpoint's state of {} has another size", slot.name);
            }
        }
        self.steps = find("steps")?.to_scalar::<u32>()? as i32;
        Ok(())
    }
}
