use std::num::NonZeroUsize;

use foretoken_core::{CandidateSource, Request, Sampling, Token, TokenSet};
use foretoken_decoder::BudgetMode;

use crate::TestModel;
use crate::dice::Dice;
use crate::sources::{Clairvoyant, Hostile, Restless};
use crate::toy::ToyConfig;
use crate::transformer::TransformerConfig;

/// A decoder's settings in a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// Which guesses are verified.
    pub budget: BudgetMode,
    /// Most guesses in a tree.
    pub max_nodes: usize,
    /// Most prompt tokens in a pass.
    pub prefill_chunk: usize,
}

impl Settings {
    pub(super) fn all() -> Vec<Self> {
        use BudgetMode::{Adaptive, Fixed};
        [(Fixed, 64, 512), (Fixed, 0, 3), (Fixed, 1, 1), (Fixed, 2, 512), (Adaptive, 7, 2)]
            .map(|(budget, max_nodes, prefill_chunk)| Self { budget, max_nodes, prefill_chunk })
            .into()
    }
}

/// What else proposes beside the source of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Company {
    /// Nothing.
    Alone,
    /// A hostile source with this seed, before and after it.
    Hostile(u64),
    /// A clairvoyant source with this seed before it, so that paths are long.
    Clairvoyant(u64),
    /// Nothing, but the source is forked and truncated on the way.
    Restless(u64),
}

impl Company {
    pub(super) fn all(seed: u64) -> [Self; 4] {
        [Self::Alone, Self::Hostile(seed), Self::Clairvoyant(seed), Self::Restless(seed)]
    }

    /// The source in this company; `known` are whole sequences that will come up.
    pub(super) fn join(
        self,
        source: Box<dyn CandidateSource>,
        known: &[Vec<Token>],
    ) -> Box<dyn CandidateSource> {
        match self {
            Self::Alone => source,
            Self::Hostile(seed) => {
                let before: Box<dyn CandidateSource> = Box::new(Hostile::new(seed));
                Box::new(vec![before, source, Box::new(Hostile::new(seed + 1000))])
            }
            Self::Clairvoyant(seed) => {
                let first: Box<dyn CandidateSource> =
                    Box::new(Clairvoyant::new(seed, known.to_vec()));
                Box::new(vec![first, source])
            }
            Self::Restless(seed) => Box::new(Restless::new(seed, source)),
        }
    }
}

/// The models of a check.
pub(super) fn models() -> Vec<TestModel> {
    let toy = ToyConfig::default();
    let transformer = TransformerConfig::default();
    let ends = |tokens: &[Token]| tokens.iter().copied().collect::<TokenSet>();
    vec![
        TestModel::Toy(ToyConfig { seed: 1, ..toy.clone() }),
        TestModel::Toy(ToyConfig { seed: 4, end_of_sequence: ends(&[3, 7]), ..toy.clone() }),
        TestModel::Toy(ToyConfig { seed: 5, context_length: 30, levels: 2, ..toy.clone() }),
        TestModel::Toy(ToyConfig { seed: 6, vocabulary: 2, order: 3, surprise: 3, ..toy.clone() }),
        TestModel::Toy(ToyConfig { seed: 8, vocabulary: 300, order: 1, surprise: 9, ..toy }),
        TestModel::Transformer(TransformerConfig { seed: 3, ..transformer.clone() }),
        TestModel::Transformer(TransformerConfig {
            seed: 7,
            window: NonZeroUsize::new(6),
            end_of_sequence: ends(&[5]),
            context_length: 50,
            ..transformer
        }),
    ]
}

/// First requests of a model. Each is continued by a second turn.
pub(super) fn requests(model: &TestModel) -> Vec<Request> {
    let vocabulary = model.vocabulary();
    let mut dice = Dice::new(vocabulary as u64);
    let mut random =
        |length: usize| (0..length).map(|_| dice.below(vocabulary) as Token).collect::<Vec<_>>();
    let unit = random(4);
    let mut repeated: Vec<Token> = unit.iter().copied().cycle().take(21).collect();
    repeated.extend(random(2));
    let few = [0, 1].into_iter().filter(|&token| (token as usize) < vocabulary);
    let requests = [
        Request::new(random(1)).with_max_new_tokens(24),
        Request::new(repeated.clone()).with_max_new_tokens(64),
        Request::new(random(9)).with_max_new_tokens(11).with_end_of_sequence(few),
        Request::new(random(2)).with_max_new_tokens(0),
        Request::new(random(5)).with_max_new_tokens(1),
        Request::new(random(3)).with_max_new_tokens(30).with_sampling(everything(vocabulary)),
        Request::new(repeated)
            .with_max_new_tokens(30)
            .with_sampling(Sampling::default().with_temperature(1.5).with_seed(u64::MAX)),
        Request::new(random(7))
            .with_max_new_tokens(20)
            .with_sampling(Sampling::default().with_temperature(0.5).with_top_k(4).with_seed(5)),
        Request::new(random(4))
            .with_max_new_tokens(20)
            .with_sampling(Sampling::default().with_repetition_penalty(1.3).with_penalty_window(8)),
    ];
    requests.into()
}

/// Every setting on. The fractions are no multiples of one another, so that no
/// filter ends where rounding decides.
fn everything(vocabulary: usize) -> Sampling {
    let last = vocabulary as Token - 1;
    Sampling::default()
        .with_temperature(0.83)
        .with_top_k(9)
        .with_top_p(0.9317)
        .with_min_p(0.0131)
        .with_typical_p(0.9173)
        .with_repetition_penalty(1.13)
        .with_presence_penalty(0.21)
        .with_frequency_penalty(0.071)
        .with_penalty_window(17)
        .with_logit_bias(0, 0.7)
        .with_logit_bias(last, -0.3)
        .with_banned((vocabulary > 3).then_some(last / 2))
        .with_min_new_tokens(6)
        .with_seed(11)
}
