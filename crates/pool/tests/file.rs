//! Pool files: what was saved is there again, and nothing else passes for it.

mod step;

use std::fs;
use std::path::PathBuf;

use foretoken_core::Token;
use foretoken_pool::{
    Datastore, PoolFile, PoolFileError, Retrieval, SharedPool, SharedPoolConfig, Suffix,
    TokenizerHash,
};
use proptest::prelude::*;
use step::Step;
use tempfile::TempDir;

fn folder() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("some.pool");
    (folder, path)
}

fn tokenizer() -> TokenizerHash {
    0x1234_5678_u64.into()
}

fn pool(sequences: &[Vec<Token>]) -> SharedPool {
    let config = SharedPoolConfig::default().with_order(4).with_capacity(5000).with_half_life(3);
    let pool = SharedPool::new("tenant ä", config).unwrap();
    for sequence in sequences {
        pool.publish(sequence, 0);
    }
    pool
}

/// All that a pool guesses after some texts.
fn guesses(pool: &SharedPool) -> Vec<(Vec<Token>, f32)> {
    let mut source = Suffix::default().with_shared(pool.clone());
    let mut all = Vec::new();
    for last in 0..9 {
        let tree = Step { nodes: 50, ..Step::new(&[last]) }.propose(&mut source).0;
        all.extend(tree.nodes().map(|node| (tree.path_tokens(node), tree.probability(node))));
    }
    all
}

fn sequences() -> impl Strategy<Value = Vec<Vec<Token>>> {
    prop::collection::vec(prop::collection::vec(0..9u32, 0..30), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_was_saved_is_there_again(sequences in sequences(), more in sequences()) {
        let (_folder, path) = folder();
        let saved = pool(&sequences);
        saved.save(&path, tokenizer()).unwrap();
        let loaded = SharedPool::load(&path, tokenizer()).unwrap();
        prop_assert_eq!(loaded.scope(), saved.scope());
        prop_assert_eq!(loaded.config(), saved.config());
        prop_assert_eq!(loaded.len(), saved.len());
        // It goes on as if it had never been away.
        for pool in [&loaded, &saved] {
            for sequence in &more {
                pool.publish(sequence, 0);
            }
        }
        prop_assert_eq!(loaded.sequences(), saved.sequences());
        prop_assert_eq!(guesses(&loaded), guesses(&saved));
    }

    /// Whatever a section holds, reading it ends well.
    #[test]
    fn a_section_that_holds_something_else_is_an_error(data in prop::collection::vec(0..4u8, 0..90)) {
        let (_folder, path) = folder();
        let mut file = PoolFile::new(tokenizer());
        file.set_section("shared-pool", data);
        file.write(&path).unwrap();
        if let Err(error) = SharedPool::load(&path, tokenizer()) {
            prop_assert!(matches!(error, PoolFileError::Damaged { .. }), "{}", error);
        }
    }
}

#[test]
fn a_file_that_is_not_whole_is_an_error() {
    let (_folder, path) = folder();
    pool(&[vec![1, 2, 3, 4], vec![5, 6, 7]]).save(&path, tokenizer()).unwrap();
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let error = SharedPool::load(&path, tokenizer()).unwrap_err();
        assert!(matches!(error, PoolFileError::Truncated { .. }), "{length}: {error}");
    }
    fs::write(&path, [&whole[..], b"more"].concat()).unwrap();
    let error = SharedPool::load(&path, tokenizer()).unwrap_err();
    assert!(matches!(error, PoolFileError::Damaged { .. }), "{error}");
}

#[test]
fn a_file_with_one_wrong_bit_is_an_error() {
    let (_folder, path) = folder();
    pool(&[vec![1, 2, 3, 4], vec![5, 6, 7]]).save(&path, tokenizer()).unwrap();
    let whole = fs::read(&path).unwrap();
    for index in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[index] ^= 1 << (index % 8);
        fs::write(&path, &damaged).unwrap();
        let error = SharedPool::load(&path, tokenizer()).unwrap_err();
        let expected = match index {
            0..8 => matches!(error, PoolFileError::Foreign { .. }),
            8..12 => matches!(error, PoolFileError::Version { .. }),
            44..52 => {
                matches!(error, PoolFileError::Damaged { .. } | PoolFileError::Truncated { .. })
            }
            _ => matches!(error, PoolFileError::Damaged { .. }),
        };
        assert!(expected, "{index}: {error}");
    }
}

#[test]
fn files_for_others_are_errors() {
    let (folder, path) = folder();
    pool(&[vec![1, 2, 3]]).save(&path, tokenizer()).unwrap();
    let error = SharedPool::load(&path, [7; 32].into()).unwrap_err();
    assert!(matches!(error, PoolFileError::Tokenizer { .. }), "{error}");
    assert_eq!(PoolFile::read(&path).unwrap().tokenizer(), tokenizer());

    PoolFile::new(tokenizer()).write(&path).unwrap();
    let error = SharedPool::load(&path, tokenizer()).unwrap_err();
    assert!(matches!(error, PoolFileError::NoPool { .. }), "{error}");
    assert!(PoolFile::read(&path).unwrap().pool().is_none());

    for foreign in ["GGUF and more", "x", "{\"tokens\": [1, 2, 3]}"] {
        fs::write(&path, foreign).unwrap();
        let error = SharedPool::load(&path, tokenizer()).unwrap_err();
        assert!(matches!(error, PoolFileError::Foreign { .. }), "{error}");
    }
    let missing = folder.path().join("none.pool");
    let error = SharedPool::load(&missing, tokenizer()).unwrap_err();
    assert!(matches!(error, PoolFileError::Io { .. }), "{error}");
    assert!(error.to_string().contains("none.pool"), "{error}");
}

/// A write that fails leaves what was there, and nothing else.
#[test]
fn writes_are_whole_or_not_at_all() {
    let (folder, path) = folder();
    let names = || {
        let mut names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    pool(&[vec![1, 2, 3]]).save(&path, tokenizer()).unwrap();
    pool(&[vec![4, 5, 6]]).save(&path, tokenizer()).unwrap();
    assert_eq!(names(), ["some.pool"]);
    assert_eq!(
        guesses(&SharedPool::load(&path, tokenizer()).unwrap()),
        guesses(&pool(&[vec![4, 5, 6]]))
    );

    // In the place of a folder nothing can be put.
    let taken = folder.path().join("taken");
    fs::create_dir_all(taken.join("inside")).unwrap();
    let error = pool(&[]).save(&taken, tokenizer()).unwrap_err();
    assert!(matches!(error, PoolFileError::Io { .. }), "{error}");
    assert_eq!(names(), ["some.pool", "taken"]);
    let nowhere = folder.path().join("nowhere").join("some.pool");
    assert!(pool(&[]).save(&nowhere, tokenizer()).is_err());

    // What a killed process of the same number left behind is in nobody's way, and stays.
    let left = |number: u32| format!(".some.pool.{}.{number}.tmp", std::process::id());
    let many: Vec<String> = (0..50).map(left).collect();
    for name in &many {
        fs::write(folder.path().join(name), "half").unwrap();
    }
    pool(&[vec![7, 8, 9]]).save(&path, tokenizer()).unwrap();
    assert!(many.iter().all(|name| fs::read(folder.path().join(name)).unwrap() == b"half"));
    assert_eq!(names().len(), 2 + many.len());
}

#[cfg(unix)]
#[test]
fn a_new_file_is_as_private_as_the_old_one_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (folder, path) = folder();
    pool(&[vec![1, 2, 3]]).save(&path, tokenizer()).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let link = folder.path().join("link.pool");
    symlink(&path, &link).unwrap();
    pool(&[vec![4, 5, 6]]).save(&link, tokenizer()).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let saved = SharedPool::load(&path, tokenizer()).unwrap();
    assert_eq!(guesses(&saved), guesses(&pool(&[vec![4, 5, 6]])));
}

#[test]
fn sections_of_others_stay() {
    let (_folder, path) = folder();
    let mut file = PoolFile::new(tokenizer());
    file.set_section("statistics", vec![1, 2, 3]);
    file.set_pool(&pool(&[vec![1, 2, 3]]));
    file.write(&path).unwrap();
    let mut again = PoolFile::read_for(&path, tokenizer()).unwrap();
    assert_eq!(again, file);
    again.set_pool(&pool(&[]));
    assert_eq!(again.section("statistics"), Some(&[1, 2, 3][..]));
    assert!(again.pool().unwrap().is_empty());
    let names: Vec<&str> = again.sections().map(|(name, _)| name).collect();
    assert_eq!(names, ["shared-pool", "statistics"]);
    assert_eq!(tokenizer().to_string()[..10], *"7856341200");
}

#[test]
fn vocabularies_that_differ_have_different_hashes() {
    let hash = |tokens: &[&str]| {
        TokenizerHash::of_vocabulary(tokens.iter().map(|token| token.as_bytes())).to_string()
    };
    let all = [hash(&[]), hash(&[""]), hash(&["ab"]), hash(&["a", "b"]), hash(&["b", "a"])];
    for (index, one) in all.iter().enumerate() {
        assert!(!all[..index].contains(one), "{all:?}");
    }
    assert_eq!(hash(&["a", "b"]), all[3]);
}

/// All that a datastore guesses after some texts.
fn retrieved(store: &Datastore) -> Vec<(Vec<Token>, f32)> {
    let mut source = Retrieval::of(store.clone());
    let mut all = Vec::new();
    for first in 0..5 {
        for last in 0..5 {
            let text = [first, last];
            let step = Step { nodes: 50, ..Step::new(&text) };
            let tree = step.propose(&mut source).0;
            all.extend(tree.nodes().map(|node| (tree.path_tokens(node), tree.probability(node))));
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// A pool and a datastore in one file do not disturb each other.
    #[test]
    fn a_mapped_datastore_is_the_one_in_memory(sequences in sequences()) {
        let (_folder, path) = folder();
        let built = Datastore::build(&sequences);
        let mut file = PoolFile::new(tokenizer());
        file.set_pool(&pool(&sequences));
        file.set_datastore(&built);
        file.write(&path).unwrap();
        prop_assert_eq!(PoolFile::read(&path).unwrap().datastore().unwrap().len(), built.len());
        let opened = Datastore::open(&path, tokenizer()).unwrap();
        prop_assert_eq!(opened.len(), built.len());
        prop_assert_eq!(retrieved(&opened), retrieved(&built));
        let loaded = SharedPool::load(&path, tokenizer()).unwrap();
        prop_assert_eq!(guesses(&loaded), guesses(&pool(&sequences)));
    }

    /// A section that was never an index may mislead the search, and nothing else.
    #[test]
    fn a_datastore_that_is_none_is_searched_to_an_end(data in prop::collection::vec(any::<u8>(), 0..200)) {
        let (_folder, path) = folder();
        let mut file = PoolFile::new(tokenizer());
        file.set_section("datastore", data.clone());
        file.write(&path).unwrap();
        match Datastore::open(&path, tokenizer()) {
            Ok(store) => {
                prop_assert!(data.len() % 8 == 0);
                retrieved(&store);
            }
            Err(error) => prop_assert!(matches!(error, PoolFileError::Damaged { .. }), "{}", error),
        }
    }
}

#[test]
fn a_datastore_file_that_is_not_whole_is_an_error() {
    let (_folder, path) = folder();
    let mut file = PoolFile::new(tokenizer());
    file.set_datastore(&Datastore::build([vec![1, 2, 3], vec![4, 5]]));
    file.write(&path).unwrap();
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let error = Datastore::open(&path, tokenizer()).unwrap_err();
        assert!(matches!(error, PoolFileError::Truncated { .. }), "{length}: {error}");
    }
    let mut damaged = whole.clone();
    *damaged.last_mut().unwrap() ^= 4;
    fs::write(&path, &damaged).unwrap();
    let error = Datastore::open(&path, tokenizer()).unwrap_err();
    assert!(matches!(error, PoolFileError::Damaged { .. }), "{error}");
    fs::write(&path, &whole).unwrap();
    let error = Datastore::open(&path, [7; 32].into()).unwrap_err();
    assert!(matches!(error, PoolFileError::Tokenizer { .. }), "{error}");
    pool(&[vec![1, 2, 3]]).save(&path, tokenizer()).unwrap();
    let error = Datastore::open(&path, tokenizer()).unwrap_err();
    assert!(matches!(error, PoolFileError::NoDatastore { .. }), "{error}");
}
