use foretoken_core::{Context, LogitsProcessor, Sampling, Token};

/// Adds a number to the logits of some tokens.
#[derive(Clone, Debug)]
pub(crate) struct Bias(Vec<(Token, f32)>);

impl Bias {
    /// `None` if there is none.
    pub(crate) fn new(sampling: &Sampling) -> Option<Self> {
        let bias = &sampling.logit_bias;
        (!bias.is_empty()).then(|| Self(bias.iter().map(|(&token, &bias)| (token, bias)).collect()))
    }
}

impl LogitsProcessor for Bias {
    fn process(&mut self, _context: &Context<'_>, logits: &mut [f32]) {
        for &(token, bias) in &self.0 {
            logits[token as usize] += bias;
        }
    }

    fn fork(&self) -> Box<dyn LogitsProcessor> {
        Box::new(self.clone())
    }
}
