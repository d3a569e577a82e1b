//! Every strategy and configuration that the test corpus runs on, once.

use foretoken::CandidateSource;
use foretoken::strategy::Spec;

/// A strategy that is not here is not tested: `roster_is_complete` fails then.
pub(crate) const ROSTER: &[&str] = &[
    "auto",
    "autoregressive",
    "jacobi",
    "jacobi:window=1",
    "jacobi:window=13,init=prompt",
    "jacobi:window=5,init=random,seed=3",
    "lookahead",
    "lookahead:w=1,n=2,g=1",
    "lookahead:w=5,n=4,g=5,advance=accepted",
    "lookahead:w=7,n=3,g=2,advance=one,prompt=off",
    "lookahead:adaptive=off",
    "prompt-lookup",
    "prompt-lookup:max_ngram=1",
    "ngram-pool",
    "suffix",
    "suffix:context=4,floor=0.1,tokens=24",
    "recycling",
    "recycling:k=3,key=1,capacity=20,keep=on,prompt=on",
    "suffix+recycling",
    "lookahead+prompt-lookup",
    "auto+ngram-pool",
    "jacobi+lookahead+ngram-pool+prompt-lookup",
];

/// The roster, parsed.
pub(crate) fn specs() -> impl Iterator<Item = Spec> {
    ROSTER.iter().map(|entry| match entry.parse() {
        Ok(spec) => spec,
        Err(error) => panic!("roster entry {entry}: {error}"),
    })
}

/// Fresh sources of all entries, each with its string.
#[allow(dead_code)] // Not every test target uses every form of the roster.
pub(crate) fn sources() -> impl Iterator<Item = (String, Box<dyn CandidateSource>)> {
    specs().map(|spec| (spec.to_string(), spec.build()))
}
