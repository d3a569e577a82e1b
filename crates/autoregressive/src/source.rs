use foretoken_core::{
    CandidateSource, Context, Draft, OptionError, Options, SourceError, Strategy, async_trait,
};
use serde::{Deserialize, Serialize};

/// Proposes nothing. Costs nothing beyond the root's own row.
///
/// In a composition it leaves its whole share to the members after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Autoregressive;

impl Strategy for Autoregressive {
    const NAME: &'static str = "autoregressive";
    const SUMMARY: &'static str = "guesses nothing: plain decoding, one token a pass";
    const OPTIONS: &'static [(&'static str, &'static str)] = &[];

    fn from_options(_options: &mut Options) -> Result<Self, OptionError> {
        Ok(Self)
    }

    fn options(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

#[async_trait]
impl CandidateSource for Autoregressive {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    async fn propose(
        &mut self,
        _context: &Context<'_>,
        _draft: &mut Draft<'_>,
    ) -> Result<(), SourceError> {
        Ok(())
    }

    fn fork(&self) -> Box<dyn CandidateSource> {
        Box::new(*self)
    }
}
