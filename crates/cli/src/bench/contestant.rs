//! A strategy with what it keeps from prompt to prompt.

use foretoken::{
    CandidateSource, Generation, GuessAndVerify, Request, Token, TokenSink,
    blocking::BlockingDecoder,
    candle::CandleModel,
    decoder::{Calibration, Config, Experience},
    memory::Memory,
    pool::TokenizerHash,
};

use crate::strategy_list::Named;
use crate::unended::Unended;

/// One strategy.
///
/// It learns from every prompt once, however often it decodes it: a prompt that is decoded again would be known. So runs
/// that are only measured or looked at are those of a [copy](Self::copy), and no run ends its sequence, which is when
/// sources publish to pools that their copies share: [`end`](Self::end) does, once all runs of the prompt are over.
pub(super) struct Contestant {
    pub(super) name: String,
    source: Box<dyn CandidateSource>,
    experience: Experience,
}

impl Contestant {
    /// A strategy that starts from `experience`, with a pool of its own if `shared_pool` says so.
    pub(super) fn new(named: Named, experience: Experience, shared_pool: bool) -> Self {
        let source = if shared_pool && !named.is_plain() {
            // Nothing of it is written to a file, so any tokenizer will do.
            Memory::new(TokenizerHash::from(0), "bench").source(&named.spec)
        } else {
            named.spec.build()
        };
        Self { name: named.text, source, experience }
    }

    /// One that knows the same, and whose runs teach this one nothing.
    pub(super) fn copy(&self) -> Self {
        let (name, source) = (self.name.clone(), self.source.fork());
        Self { name, source, experience: self.experience.clone() }
    }

    /// Decodes a request from a cache that is empty, so that every strategy computes the same prompt.
    ///
    /// # Errors
    /// What decoding says.
    pub(super) fn run(
        &mut self,
        model: &mut CandleModel,
        request: &Request,
        config: Config,
        sink: &mut dyn TokenSink,
    ) -> anyhow::Result<Generation> {
        let mut decoder = GuessAndVerify::new(model, Unended(&mut *self.source))
            .with_config(config)
            .with_experience(std::mem::take(&mut self.experience));
        let generation = decoder.decode_blocking(request, sink);
        self.experience = decoder.experience();
        Ok(generation?)
    }

    /// All runs of a prompt are over: `sequence` is the prompt and what came out.
    pub(super) fn end(&mut self, sequence: &[Token]) {
        self.source.end(sequence);
    }

    /// Learns from an output of an earlier run of the program what can be learned from text alone.
    pub(super) fn recall(&mut self, prompt: &[Token], sequence: &[Token]) {
        self.source.begin(prompt, 0);
        self.source.end(sequence);
    }

    /// What claims of its sources have turned out to be worth.
    pub(super) fn calibration(&self) -> &Calibration {
        self.experience.calibration()
    }
}
