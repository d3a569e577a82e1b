//! The kernels are numerically sound.

use std::ops::ControlFlow;

use foretoken::candle::{Loaded, Special};
use foretoken::measure::{self, Text};
use libtest_mimic::Failed;

use super::{Shared, Stock};

/// Some pages of a text are as likely as the stock implementation finds them,
/// within half a percent.
pub(crate) fn perplexity_is_the_stock_models(shared: &mut Shared) -> Result<(), Failed> {
    const CHUNK: usize = 512;
    let path = std::env::var("FORETOKEN_TEXT")
        .map_err(|_| "set FORETOKEN_TEXT to a file with some pages of text")?;
    let Loaded { model, tokenizer, .. } = &mut shared.loaded;
    let prefix = tokenizer.prefix().to_vec();
    let mut tokens = tokenizer.encode(&std::fs::read_to_string(path)?, Special::NONE)?;
    let each = (CHUNK - prefix.len()).min(tokens.len());
    tokens.truncate(4 * each);
    let text = Text::new(&prefix, &tokens, CHUNK)?;
    let found = measure::perplexity(model, &text, &mut |_| ControlFlow::Continue(()))?;
    let found = found.ok_or("nobody broke it off")?;

    let mut stock = Stock::load(&shared.path);
    let (mut nats, mut predicted) = (0.0, 0);
    for own in tokens.chunks_exact(each) {
        let tokens = [&prefix, own].concat();
        for (position, pair) in tokens.windows(2).enumerate() {
            let logits = stock.logits(&pair[..1], position);
            if position + 1 >= prefix.len() {
                let sum: f64 = logits.iter().map(|&logit| f64::from(logit).exp()).sum();
                nats += sum.ln() - f64::from(logits[pair[1] as usize]);
                predicted += 1;
            }
        }
    }
    let (perplexity, expected) = (found.perplexity(), (nats / predicted as f64).exp());
    let ratio = perplexity / expected;
    println!("perplexity {perplexity:.4}, the stock model's {expected:.4}: {ratio:.5} of it");
    if found.predicted == predicted && (ratio - 1.0).abs() < 0.005 {
        Ok(())
    } else {
        Err(format!("perplexity {perplexity} instead of {expected}").into())
    }
}
