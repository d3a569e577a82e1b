use std::fmt;

use foretoken_core::{
    CandidateSource, Context, Draft, OptionError, Options, Outcome, SourceError, Strategy, Token,
    Wants, async_trait,
};
use foretoken_lookahead::Lookahead;
use foretoken_pool::{Datastore, Recycling, Retrieval, SharedPool, Suffix};

/// The best guesses there are without a second model: what followed the same
/// words before ([`Suffix`]), what the model predicted after the same tokens
/// before ([`Recycling`]), and as much of a [`Lookahead`] window as pays.
///
/// It counts on a decoder that weighs guesses
/// ([`BudgetMode::Adaptive`](foretoken_decoder::BudgetMode), the default): all
/// of them propose, and what is verified is what is worth its time.
pub struct Auto {
    members: Vec<Box<dyn CandidateSource>>,
}

impl Auto {
    /// The same with a pool that carries what sequences of one scope said to
    /// the next ones.
    #[must_use]
    pub fn with_shared(mut self, pool: SharedPool) -> Self {
        self.members[SUFFIX] = Box::new(Suffix::default().with_shared(pool));
        self
    }

    /// The same with a corpus: what followed the same words there, too.
    #[must_use]
    pub fn with_datastore(mut self, store: Datastore) -> Self {
        self.members.push(Box::new(Retrieval::of(store)));
        self
    }
}

/// Where the suffix source is among the members.
const SUFFIX: usize = 0;

impl fmt::Debug for Auto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members = self.members.iter().map(CandidateSource::name);
        f.debug_tuple("Auto").field(&members.collect::<Vec<_>>()).finish()
    }
}

impl Default for Auto {
    fn default() -> Self {
        // The text's n-grams are the suffix source's already.
        let ahead = foretoken_lookahead::Config::default().with_prompt(false).with_output(false);
        let lookahead = Lookahead::new(ahead).expect("the default window is valid");
        let suffix = Box::new(Suffix::default());
        Self { members: vec![suffix, Box::new(Recycling::default()), Box::new(lookahead)] }
    }
}

#[async_trait]
impl CandidateSource for Auto {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn wants(&self) -> Wants {
        self.members.wants()
    }

    fn begin(&mut self, prompt: &[Token], reused: usize) {
        self.members.begin(prompt, reused);
    }

    async fn propose(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), SourceError> {
        self.members.propose(context, draft).await
    }

    fn observe(&mut self, outcome: &Outcome<'_>) {
        self.members.observe(outcome);
    }

    fn prefilled(&mut self, chunk: &Outcome<'_>) {
        self.members.prefilled(chunk);
    }

    fn truncate(&mut self, len: usize) {
        self.members.truncate(len);
    }

    fn fork(&self) -> Box<dyn CandidateSource> {
        Box::new(Self { members: self.members.iter().map(CandidateSource::fork).collect() })
    }

    fn end(&mut self, tokens: &[Token]) {
        self.members.end(tokens);
    }
}

impl Strategy for Auto {
    const NAME: &'static str = "auto";
    const SUMMARY: &'static str =
        "the text's suffixes, recycled predictions and as much of a window as pays, together";
    const OPTIONS: &'static [(&'static str, &'static str)] = &[];

    fn from_options(_options: &mut Options) -> Result<Self, OptionError> {
        Ok(Self::default())
    }

    fn options(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}
