//! The roster is complete, and strategy strings print back.

#[path = "roster/mod.rs"]
mod roster;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use foretoken::strategy::{self, Spec, SpecError};
use proptest::prelude::*;

/// Names that crates give in `impl Strategy for …`, read off their sources.
fn names_in_sources() -> BTreeSet<String> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut names = BTreeSet::new();
    let mut folders: Vec<PathBuf> = vec![crates];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the workspace's crates").flatten() {
            let path = entry.path();
            if path.is_dir() && path.file_name().is_some_and(|name| name != "tests") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source file");
                let mut in_impl = false;
                for line in text.lines().map(str::trim) {
                    in_impl |= line.starts_with("impl") && line.contains(" Strategy for ");
                    if let Some(rest) = line.strip_prefix("const NAME: &'static str = \"")
                        && in_impl
                    {
                        names.extend(rest.split('"').next().map(str::to_owned));
                        in_impl = false;
                    }
                }
            }
        }
    }
    names
}

#[test]
fn roster_is_complete() {
    let tested: BTreeSet<String> =
        roster::specs().flat_map(|spec| spec.names().collect::<Vec<_>>()).map(Into::into).collect();
    let registered: BTreeSet<String> =
        strategy::all().iter().map(|entry| entry.name.to_owned()).collect();
    let written = names_in_sources();
    assert!(written.len() >= 5, "the scan of the sources finds strategies: {written:?}");
    assert_eq!(written, registered, "every strategy has its line in the registry");
    assert_eq!(registered, tested, "every strategy has its line in the roster");
}

#[test]
fn roster_entries_differ() {
    let printed: BTreeSet<String> = roster::specs().map(|spec| spec.to_string()).collect();
    assert_eq!(printed.len(), roster::ROSTER.len());
}

#[test]
fn built_sources_have_the_names_of_their_strategies() {
    for spec in roster::specs() {
        let names: Vec<_> = spec.names().collect();
        if let [name] = names[..] {
            assert_eq!(spec.build().name(), name);
        }
    }
}

#[test]
fn unknown_names_list_the_known_ones() {
    let error = strategy::by_name("lookahed:w=3").err().expect("no such strategy");
    assert!(matches!(error, SpecError::UnknownStrategy { .. }));
    for entry in strategy::all() {
        assert!(error.to_string().contains(entry.name), "{error}");
    }
    let error = strategy::by_name("jacobi+lookahead:width=3").err().expect("no such option");
    assert!(error.to_string().starts_with("strategy lookahead: unknown option width"), "{error}");
    for wrong in
        ["", "+", "jacobi+", "jacobi:window", "jacobi:window=-1", "jacobi:window=1,window=2"]
    {
        let error = strategy::by_name(wrong).err().expect(wrong).to_string();
        assert!(!error.contains('\n') && !error.is_empty(), "{wrong}: {error}");
    }
}

/// Roster entries joined at random.
fn compositions() -> impl Strategy<Value = String> {
    let entry = prop::sample::select(roster::ROSTER);
    prop::collection::vec(entry, 1..4).prop_map(|entries| entries.join("+"))
}

proptest! {
    #[test]
    fn strategy_strings_print_back(text in compositions()) {
        let spec: Spec = text.parse().unwrap();
        let printed = spec.to_string();
        let again: Spec = printed.parse().unwrap();
        prop_assert_eq!(&again, &spec);
        prop_assert_eq!(again.to_string(), printed);
    }

    #[test]
    fn no_string_makes_the_parser_panic(text in "[a-z+:=, 0-9-]{0,40}") {
        if let Err(error) = text.parse::<Spec>() {
            prop_assert!(!error.to_string().contains('\n'));
        }
    }
}

/// A pool goes to the part that can mix it in, with its options, and is a source more only where there is none.
#[test]
fn a_pool_keeps_a_strategys_options() {
    use foretoken::blocking::BlockingDecoder;
    use foretoken::decoder::{BudgetMode, Config};
    use foretoken::pool::{SharedPool, SharedPoolConfig};
    use foretoken::testkit::toy::ToyModel;
    use foretoken::{GuessAndVerify, Request};

    let nodes = |text: &str| {
        let pool = SharedPool::new("tests", SharedPoolConfig::default()).unwrap();
        let spec: Spec = text.parse().unwrap();
        let config = Config::default().with_budget(BudgetMode::Fixed);
        let mut decoder =
            GuessAndVerify::new(ToyModel::default(), spec.build_with(&pool)).with_config(config);
        let request = Request::new([1, 2, 3]).with_max_new_tokens(60);
        decoder.decode_blocking(&request, &mut ()).unwrap();
        let again = decoder.decode_blocking(&request, &mut ()).unwrap();
        assert_eq!(pool.sequences(), 2, "{text}: each sequence is published once");
        again.statistics.nodes - again.statistics.steps
    };
    assert!(nodes("suffix") > 0 && nodes("autoregressive") > 0 && nodes("auto") > 0);
    // No path is certain.
    assert_eq!(nodes("suffix:floor=1"), 0);
    assert_eq!(nodes("autoregressive+suffix:floor=1"), 0);
}
