//! The trained model in every type of weights that its kernels know.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use candle_core::Device;
use candle_core::quantized::gguf_file::{self, Content};
use candle_core::quantized::{GgmlDType, QTensor};
use libtest_mimic::Failed;

use super::{QUESTIONS, Shared, roster};

const TOKENS: usize = 200;

/// Every entry of the roster says what plain decoding says, in 200 tokens, whatever the type of the weights.
pub(crate) fn every_weight_type_is_identical(shared: &mut Shared) -> Result<(), Failed> {
    use GgmlDType::{BF16, F16, F32, Q4_0, Q4_1, Q4K, Q5_0, Q5_1, Q5K, Q6K, Q8_0};
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("model.gguf");
    for element in [Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4K, Q5K, Q6K, F32, F16, BF16] {
        let share = rewrite(&shared.path, &path, element)?;
        let mut rewritten = Shared::load(path.clone());
        let prompt = rewritten.prompt(QUESTIONS[2]);
        let plain = rewritten.plain(&prompt, TOKENS);
        let mut steps = 0;
        for (spec, source) in roster::sources() {
            let output = rewritten.generate(source, &prompt, TOKENS);
            if output.tokens != plain {
                return Err(format!("{element:?}: {spec} differs").into());
            }
            steps += output.statistics.steps;
        }
        let yielded = (plain.len() * roster::ROSTER.len()) as f64 / steps as f64;
        println!(
            "{element:?} ({:.0}% of the weights): {} tokens, all identical, {yielded:.2} tokens a step",
            100.0 * share,
            plain.len(),
        );
    }
    Ok(())
}

/// Writes a GGUF file again with its matrices in another type, those whose rows are no multiple of its block in `Q8_0`.
/// Says what share of their weights has that other type.
fn rewrite(from: &Path, to: &Path, element: GgmlDType) -> Result<f64, Failed> {
    let mut file = File::open(from)?;
    let content = Content::read(&mut file)?;
    let (mut tensors, mut converted, mut all) = (Vec::new(), 0, 0);
    for name in content.tensor_infos.keys() {
        let tensor = content.tensor(&mut file, name, &Device::Cpu)?;
        let &[_, columns] = tensor.shape().dims() else {
            tensors.push((name.as_str(), tensor));
            continue;
        };
        let size = tensor.shape().elem_count();
        let fits = columns % element.block_size() == 0;
        let element = if fits { element } else { GgmlDType::Q8_0 };
        converted += if fits { size } else { 0 };
        all += size;
        let tensor = QTensor::quantize(&tensor.dequantize(&Device::Cpu)?, element)?;
        tensors.push((name.as_str(), tensor));
    }
    let tensors: Vec<_> = tensors.iter().map(|(name, tensor)| (*name, tensor)).collect();
    let metadata: Vec<_> =
        content.metadata.iter().map(|(key, value)| (key.as_str(), value)).collect();
    gguf_file::write(&mut BufWriter::new(File::create(to)?), &metadata, &tensors)?;
    Ok(converted as f64 / all as f64)
}
