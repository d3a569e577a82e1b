//! No configuration changes the output, and guesses come true.

use foretoken_pool::{
    Datastore, NgramPool, NgramPoolConfig, PromptLookup, PromptLookupConfig, Recycling,
    RecyclingConfig, Retrieval, RetrievalConfig, SharedPool, SharedPoolConfig, Suffix,
    SuffixConfig,
};
use foretoken_testkit::assert_lossless;

#[test]
fn prompt_lookup_is_lossless() {
    for config in [
        PromptLookupConfig::default(),
        PromptLookupConfig::default().with_ngrams(1..=1).with_tokens(1),
        PromptLookupConfig::default().with_ngrams(2..=6).with_tokens(30),
        PromptLookupConfig::default().with_candidates(5).with_tokens(4),
    ] {
        let coverage = assert_lossless!(PromptLookup::new(config).unwrap());
        println!("{config:?}: {coverage}");
        assert!(coverage.accepted > 150, "{config:?}: {coverage}");
    }
}

#[test]
fn the_ngram_pool_is_lossless() {
    for config in [
        NgramPoolConfig::default(),
        NgramPoolConfig::default().with_key(1).with_tokens(1).with_candidates(1),
        NgramPoolConfig::default().with_key(4).with_tokens(12).with_capacity(20),
        NgramPoolConfig::default().with_candidates(8).with_capacity(5),
    ] {
        let coverage = assert_lossless!(NgramPool::new(config).unwrap());
        println!("{config:?}: {coverage}");
        assert!(coverage.accepted > 150, "{config:?}: {coverage}");
    }
}

#[test]
fn the_suffix_source_is_lossless() {
    for config in [
        SuffixConfig::default(),
        SuffixConfig::default().with_context(1).with_floor(0.3),
        SuffixConfig::default().with_floor(0.001),
        SuffixConfig::default().with_tokens(16),
    ] {
        let coverage = assert_lossless!(Suffix::new(config).unwrap());
        println!("{config:?}: {coverage}");
        assert!(coverage.accepted > 150, "{config:?}: {coverage}");
    }
}

#[test]
fn a_shared_pool_is_lossless() {
    for config in [
        SharedPoolConfig::default(),
        SharedPoolConfig::default().with_order(2).with_capacity(50).with_half_life(1),
    ] {
        let pool = SharedPool::new("tested", config).unwrap();
        let coverage = assert_lossless!(Suffix::default().with_shared(pool.clone()));
        println!("{config:?}: {coverage}");
        assert!(coverage.accepted > 150 && pool.sequences() > 100, "{config:?}: {coverage}");
    }
}

#[test]
fn retrieval_is_lossless() {
    // Every string of three of the toys' tokens, and long repetitions.
    let mut corpus: Vec<Vec<u32>> = (0..4u32)
        .flat_map(|a| (0..4).flat_map(move |b| (0..4).map(move |c| vec![a, b, c, a, b, c])))
        .collect();
    corpus.push([1, 2].repeat(100));
    let store = Datastore::build(&corpus);
    for config in [
        RetrievalConfig::default(),
        RetrievalConfig::default().with_context(1).with_hits(1),
        RetrievalConfig::default().with_context(48).with_hits(4096).with_floor(0.0001),
    ] {
        let coverage = assert_lossless!(Retrieval::new(store.clone(), config).unwrap());
        println!("{config:?}: {coverage}");
        assert!(coverage.accepted > 50, "{config:?}: {coverage}");
    }
}

#[test]
fn recycling_is_lossless() {
    for config in [
        RecyclingConfig::default(),
        RecyclingConfig::default().with_k(1).with_key(1).with_keep(true).with_prompt(true),
        RecyclingConfig::default().with_k(20).with_floor(0.001),
        RecyclingConfig::default().with_capacity(3),
    ] {
        let coverage = assert_lossless!(Recycling::new(config).unwrap());
        println!("{config:?}: {coverage}");
        assert!(coverage.accepted > 150, "{config:?}: {coverage}");
    }
}

#[test]
fn together_they_are_lossless() {
    assert_lossless!((
        PromptLookup::default(),
        Suffix::default(),
        Recycling::default(),
        NgramPool::default()
    ));
}
