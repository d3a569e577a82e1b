use std::{fs::File, path::Path};

use candle_core::{
    DType, Device, Tensor,
    quantized::{GgmlDType, gguf_file},
};
use candle_nn::VarBuilder;
use candle_transformers::models::{
    gemma3, llama, quantized_llama, quantized_qwen2, quantized_qwen3, qwen2, qwen3,
};

use super::{Family, RandomModel};

/// candle's own implementation of a model, one token at a time.
pub(crate) enum Reference {
    Llama(Box<llama::Llama>, Box<llama::Cache>),
    Qwen2(Box<qwen2::ModelForCausalLM>),
    Qwen3(Box<qwen3::ModelForCausalLM>),
    Gemma3(Box<gemma3::Model>),
    QuantizedLlama(quantized_llama::ModelWeights),
    QuantizedQwen2(quantized_qwen2::ModelWeights),
    QuantizedQwen3(quantized_qwen3::ModelWeights),
}

impl Reference {
    /// From the weights themselves.
    pub(crate) fn of(model: &RandomModel) -> Self {
        Self::configured(model, model.config())
    }

    /// With another configuration.
    pub(crate) fn configured(model: &RandomModel, config: serde_json::Value) -> Self {
        let tensors = model.tensors.clone().into_iter().collect();
        let weights = VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu);
        match model.family {
            Family::Llama => {
                let config: llama::LlamaConfig = serde_json::from_value(config).unwrap();
                let config = config.into_config(false);
                let cache = llama::Cache::new(true, DType::F32, &config, &Device::Cpu).unwrap();
                Self::Llama(Box::new(llama::Llama::load(weights, &config).unwrap()), cache.into())
            }
            Family::Qwen2 => {
                let config: qwen2::Config = serde_json::from_value(config).unwrap();
                Self::Qwen2(Box::new(qwen2::ModelForCausalLM::new(&config, weights).unwrap()))
            }
            Family::Qwen3 => {
                let config: qwen3::Config = serde_json::from_value(config).unwrap();
                Self::Qwen3(Box::new(qwen3::ModelForCausalLM::new(&config, weights).unwrap()))
            }
            Family::Gemma3 => {
                let config: gemma3::Config = serde_json::from_value(config).unwrap();
                Self::Gemma3(Box::new(gemma3::Model::new(false, &config, weights).unwrap()))
            }
        }
    }

    /// From a GGUF file whose matrices are of the type `element`, which `model` was written to.
    pub(crate) fn of_gguf(path: &Path, model: &RandomModel, element: GgmlDType) -> Self {
        let family = model.family;
        let mut file = File::open(path).unwrap();
        let content = gguf_file::Content::read(&mut file).unwrap();
        match family {
            Family::Llama => Self::QuantizedLlama(
                quantized_llama::ModelWeights::from_gguf(content, &mut file, &Device::Cpu).unwrap(),
            ),
            Family::Qwen2 => Self::QuantizedQwen2(
                quantized_qwen2::ModelWeights::from_gguf(content, &mut file, &Device::Cpu).unwrap(),
            ),
            Family::Qwen3 => Self::QuantizedQwen3(
                quantized_qwen3::ModelWeights::from_gguf(content, &mut file, &Device::Cpu).unwrap(),
            ),
            // candle's reader of these files has another gate than the model (silu), so the weights themselves are used.
            Family::Gemma3 => Self::of(&model.quantized(element)),
        }
    }

    /// The logits after each of `tokens`, which begin a sequence.
    pub(crate) fn logits(&mut self, tokens: &[u32]) -> Vec<Vec<f32>> {
        let step = |(position, &token): (usize, &u32)| {
            let input = Tensor::new(&[[token]], &Device::Cpu).unwrap();
            let logits = match self {
                Self::Llama(model, cache) => model.forward(&input, position, cache),
                Self::Qwen2(model) => model.forward(&input, position),
                Self::QuantizedLlama(model) => model.forward(&input, position),
                Self::QuantizedQwen2(model) => model.forward(&input, position),
                Self::Qwen3(model) => model.forward(&input, position),
                Self::Gemma3(model) => model.forward(&input, position),
                Self::QuantizedQwen3(model) => model.forward(&input, position),
            };
            logits.unwrap().flatten_all().unwrap().to_vec1().unwrap()
        };
        tokens.iter().enumerate().map(step).collect()
    }
}
