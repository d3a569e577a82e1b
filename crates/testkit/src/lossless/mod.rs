//! Losslessness as a test: whatever a source guesses, the output is the oracle's.

mod cases;
mod coverage;
mod run;
mod violation;

pub use cases::{Company, Settings};
pub use coverage::Coverage;
pub use violation::{Difference, Violation};

use foretoken_core::{CandidateSource, Decoder, Model};
use foretoken_decoder::{Config, GuessAndVerify};

use run::Runner;

/// Proves that a source is lossless, or panics with what differs.
///
/// The source is taken as it is and [forked](CandidateSource::fork) for each
/// group of runs. [`check`] says what is run; the value is its [`Coverage`], by
/// which a test can see that guesses were accepted at all.
///
/// ```
/// use foretoken_testkit::{assert_lossless, sources::Hostile};
///
/// assert_lossless!(Hostile::new(3));
/// ```
///
/// # Panics
///
/// With model, prompt, settings, both outputs and the first difference, if an
/// output is not the oracle's.
#[macro_export]
macro_rules! assert_lossless {
    ($source:expr $(,)?) => {
        match $crate::lossless::check_forks(&$source) {
            ::std::result::Result::Ok(coverage) => coverage,
            ::std::result::Result::Err(violation) => {
                ::std::panic!("{} is not lossless: {violation}", ::std::stringify!($source))
            }
        }
    };
}

/// [`check`] on forks of a source.
///
/// # Errors
///
/// The first violation.
pub fn check_forks(source: &dyn CandidateSource) -> Result<Coverage, Box<Violation>> {
    check(|| source.fork())
}

/// Runs the sources that `make` builds in many ways and compares every output
/// with the oracle's.
///
/// - On toy models with ties, end-of-sequence tokens and short contexts, and
///   on tiny transformers with and without a sliding window;
/// - with budgets of 0 to 64 nodes, prefill chunks of 1 to 512 tokens, and
///   limits on the output from 0 up;
/// - greedily, greedily under penalties, and sampled, with few and with all
///   settings of [`Sampling`](foretoken_core::Sampling) on;
/// - alone, composed with [hostile](crate::sources::Hostile) and
///   [clairvoyant](crate::sources::Clairvoyant) sources, and
///   [forked and truncated](crate::sources::Restless) on the way;
/// - one source for several sequences, some of them cancelled or stopped by
///   the sink before.
///
/// # Errors
///
/// The first violation.
pub fn check(make: impl Fn() -> Box<dyn CandidateSource>) -> Result<Coverage, Box<Violation>> {
    check_decoder(guess_and_verify, make)
}

/// The same for another decoder than [`GuessAndVerify`]: `decoder` builds it.
///
/// # Errors
///
/// The first violation.
pub fn check_decoder(
    decoder: impl Fn(Box<dyn Model>, Box<dyn CandidateSource>, Settings) -> Box<dyn Decoder>,
    make: impl Fn() -> Box<dyn CandidateSource>,
) -> Result<Coverage, Box<Violation>> {
    let mut coverage = Coverage::default();
    for model in cases::models() {
        let runner = Runner::new(&model);
        for (index, settings) in Settings::all().into_iter().enumerate() {
            for company in Company::all(index as u64) {
                let source = company.join(make(), &runner.known());
                let mut decoder = decoder(model.build(), source, settings);
                runner.decode_all(decoder.as_mut(), settings, company, &mut coverage)?;
            }
        }
    }
    Ok(coverage)
}

fn guess_and_verify(
    model: Box<dyn Model>,
    source: Box<dyn CandidateSource>,
    settings: Settings,
) -> Box<dyn Decoder> {
    let config = Config::default()
        .with_budget(settings.budget)
        .with_max_nodes(settings.max_nodes)
        .with_prefill_chunk(settings.prefill_chunk);
    Box::new(GuessAndVerify::new(model, source).with_config(config))
}
