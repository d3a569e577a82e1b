use foretoken_core::{CandidateSource, Model, ModelError, SeqId, Token};

use crate::GuessAndVerify;

/// The model's sequence of a decoder, and what its cache holds.
#[derive(Debug, Default)]
pub(crate) struct Sequence {
    /// That of the request that is running, or was when its future was dropped,
    /// or one that is kept for the next request.
    pub(crate) id: Option<SeqId>,
    /// The tokens in its cache: told after every commit, before anything can
    /// interrupt.
    committed: Vec<Token>,
}

impl Sequence {
    /// The cache now holds the first `len` tokens of `history`.
    pub(crate) fn committed(&mut self, history: &[Token], len: usize) {
        self.committed.extend_from_slice(&history[self.committed.len()..len]);
    }
}

impl<M: Model, S: CandidateSource> GuessAndVerify<M, S> {
    /// The sequence for a request, and how many tokens of its prompt are in the
    /// cache: never the last one, which is the root of the first step.
    pub(crate) fn begin_sequence(
        &mut self,
        prompt: &[Token],
    ) -> Result<(SeqId, usize), ModelError> {
        let Self { model, sequence, config, .. } = self;
        if let Some(seq) = sequence.id
            && config.reuse_prefix
            && model.len(seq) == sequence.committed.len()
        {
            let needed = &prompt[..prompt.len() - 1];
            let same = sequence.committed.iter().zip(needed);
            let shared = same.take_while(|(ours, theirs)| ours == theirs).count();
            if model.truncate(seq, shared).is_ok() {
                sequence.committed.truncate(shared);
                return Ok((seq, shared));
            }
        }
        self.release();
        let seq = self.model.open()?;
        self.sequence.id = Some(seq);
        Ok((seq, 0))
    }

    /// Frees the cache that is kept for the next request, if there is one: see
    /// [`Config::reuse_prefix`](crate::Config::reuse_prefix).
    pub fn release(&mut self) {
        self.sequence.committed.clear();
        if let Some(seq) = self.sequence.id.take() {
            self.model.close(seq);
        }
    }
}
