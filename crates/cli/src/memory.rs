//! `--pool` and `--learn`: what runs leave to one another.

use std::path::Path;

use foretoken::{
    CandidateSource,
    candle::Tokenizer,
    decoder::Experience,
    memory::{self, Memory},
    strategy::Spec,
};

use crate::args::MemoryArgs;

/// The pool file of a run, if it has one.
pub(crate) struct Remembered<'a> {
    /// Where it is, and what it holds.
    file: Option<(&'a Path, Memory)>,
    learn: bool,
}

impl<'a> Remembered<'a> {
    /// Reads the file that the arguments name.
    ///
    /// # Errors
    /// A file that is missing (but with `--learn`), damaged, or of another tokenizer.
    pub(crate) fn open(args: &'a MemoryArgs, tokenizer: &Tokenizer) -> anyhow::Result<Self> {
        let Some(path) = args.pool.as_deref() else { return Ok(Self { file: None, learn: false }) };
        let hash = memory::tokenizer_hash(tokenizer);
        let memory = if args.learn && !path.exists() {
            Memory::new(hash, "")
        } else {
            let mut memory = Memory::read(path, hash)?;
            if args.learn {
                memory.begin_pool("");
            }
            memory
        };
        Ok(Self { file: Some((path, memory)), learn: args.learn })
    }

    /// The strategy, with what is remembered.
    pub(crate) fn source(&self, spec: &Spec) -> Box<dyn CandidateSource> {
        match &self.file {
            Some((_, memory)) => memory.source(spec),
            None => spec.build(),
        }
    }

    /// What a decoder starts from, with what claims turned out to be worth in the runs before.
    pub(crate) fn experience(&self, experience: &Experience) -> Experience {
        match &self.file {
            Some((_, memory)) => experience.clone().with_calibration(memory.calibration().clone()),
            None => experience.clone(),
        }
    }

    /// Writes down what the run has learned, if it is to.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(crate) fn keep(&mut self, learned: &Experience) -> anyhow::Result<()> {
        if let Some((path, memory)) = self.file.as_mut().filter(|_| self.learn) {
            memory.set_calibration(learned.calibration());
            memory.write(*path)?;
        }
        Ok(())
    }
}
