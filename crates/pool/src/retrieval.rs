//! What followed the same words in a corpus.

use foretoken_core::{CandidateSource, Context, Draft, SourceError, Token, async_trait};
use serde::{Deserialize, Serialize};

use crate::config::within;
use crate::datastore::Match;
use crate::evidence::Evidence;
use crate::expansion::{Continuations, expand};
use crate::mixture::Mixture;
use crate::{ConfigError, Datastore};

/// Contexts that have a say: the longest match, and half and a quarter of it.
const CONTEXTS: usize = 3;
/// The weight of what a corpus says.
const CORPUS: f32 = 0.2;

/// How [`Retrieval`] guesses. None of it changes the output.
///
/// Validated by [`Retrieval::new`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RetrievalConfig {
    /// The longest match that is looked for, 1 to 48 tokens. Default 16. Each doubling costs a search more.
    pub context: usize,
    /// Places that one context is read at, 1 to 4096; where there are more, so many spread over all. Default 64.
    pub hits: usize,
    /// The probability below which a path is not guessed, above 0, 1 at most. Default 0.02.
    pub floor: f32,
}

impl Default for RetrievalConfig {
    fn default() -> Self {
        Self { context: 16, hits: 64, floor: 0.02 }
    }
}

impl RetrievalConfig {
    /// The same with a longer or shorter longest match.
    #[must_use]
    pub fn with_context(mut self, tokens: usize) -> Self {
        self.context = tokens;
        self
    }

    /// The same with more or fewer places.
    #[must_use]
    pub fn with_hits(mut self, places: usize) -> Self {
        self.hits = places;
        self
    }

    /// The same with more or fewer improbable guesses.
    #[must_use]
    pub fn with_floor(mut self, probability: f32) -> Self {
        self.floor = probability;
        self
    }

    fn validate(self) -> Result<Self, ConfigError> {
        within("context", self.context, 1..=48, "1 to 48")?;
        within("hits", self.hits, 1..=4096, "1 to 4096")?;
        within("floor", self.floor, f32::MIN_POSITIVE..=1.0, "above 0, 1 at most")?;
        Ok(self)
    }
}

/// Guesses a tree of what followed the same last words in a corpus.
///
/// Retrieval-based speculative decoding (He et al., 2023, "REST"), with the counts of shorter matches mixed in. It knows
/// nothing of the sequence's own text: put it beside [`Suffix`](crate::Suffix).
///
/// ```
/// use foretoken_pool::{Datastore, Retrieval};
///
/// let corpus = Datastore::build([[5, 6, 7, 8, 9], [1, 2, 3, 4, 5]]);
/// let source = Retrieval::of(corpus);
/// assert_eq!(source.config().hits, 64);
/// ```
#[derive(Clone, Debug)]
pub struct Retrieval {
    config: RetrievalConfig,
    store: Datastore,
    mixture: Mixture,
    next: Vec<(Token, u32)>,
}

impl Retrieval {
    /// A source that guesses from `store`.
    ///
    /// # Errors
    ///
    /// If a setting is out of range.
    pub fn new(store: Datastore, config: RetrievalConfig) -> Result<Self, ConfigError> {
        let config = config.validate()?;
        Ok(Self { config, store, mixture: Mixture::default(), next: Vec::new() })
    }

    /// The same with default settings.
    pub fn of(store: Datastore) -> Self {
        let config = RetrievalConfig::default();
        Self { config, store, mixture: Mixture::default(), next: Vec::new() }
    }

    /// The settings.
    pub fn config(&self) -> RetrievalConfig {
        self.config
    }
}

#[async_trait]
impl CandidateSource for Retrieval {
    fn name(&self) -> &'static str {
        "retrieval"
    }

    async fn propose(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), SourceError> {
        let Self { config, store, mixture, next } = self;
        let Some(longest) = store.longest(context.history, config.context) else { return Ok(()) };
        let mut start = [Some(longest), None, None];
        for (place, halvings) in start[1..].iter_mut().zip(1..) {
            let length = longest.length >> halvings;
            *place = (length > 0).then(|| store.suffix_of(context.history, length)).flatten();
        }
        let mut prediction = Prediction { store, hits: config.hits, mixture, next };
        expand(&mut prediction, start, config.floor, context, draft);
        Ok(())
    }

    fn fork(&self) -> Box<dyn CandidateSource> {
        Box::new(self.clone())
    }
}

struct Prediction<'a> {
    store: &'a Datastore,
    hits: usize,
    mixture: &'a mut Mixture,
    next: &'a mut Vec<(Token, u32)>,
}

impl Continuations for Prediction<'_> {
    /// The matches of a path's suffixes, the longest first.
    type Place = [Option<Match>; CONTEXTS];

    fn after(&mut self, place: &Self::Place, least: f32) -> &[(Token, f32)] {
        self.mixture.reset();
        let mut known = 0;
        for &found in place.iter().flatten() {
            // A shorter match in the same places says nothing new.
            if found.count() == known {
                continue;
            }
            known = found.count();
            self.next.clear();
            let followed = self.store.continuations(found, self.hits, self.next) as f32;
            if followed == 0.0 {
                continue;
            }
            let degree = self.next.len() as f32;
            let evidence = Evidence { length: found.length as f32, followed, degree };
            let shares = self.next.iter().map(|&(token, count)| (token, count as f32 / followed));
            self.mixture.add(evidence.trust(CORPUS), least, shares);
        }
        self.mixture.candidates()
    }

    fn follow(&self, place: &Self::Place, token: Token) -> Self::Place {
        place.map(|found| self.store.narrow(found?, token))
    }
}
