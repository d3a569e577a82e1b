//! Settings: validated once, the same in text and in code.

use foretoken_core::{OptionError, Strategy};
use foretoken_lookahead::{Advance, Config, Lookahead};
use proptest::prelude::*;

fn build(text: &str) -> Result<Lookahead, OptionError> {
    let mut options = text.parse()?;
    let source = Lookahead::from_options(&mut options)?;
    let keys: Vec<&str> = Lookahead::OPTIONS.iter().map(|(key, _)| *key).collect();
    options.finish(&keys)?;
    Ok(source)
}

#[test]
fn reads_strategy_strings() {
    let config = build("w=7,n=5,g=6,advance=accepted,prompt=off").unwrap().config();
    let expected = Config::default()
        .with_window(7)
        .with_ngram(5)
        .with_guesses(6)
        .with_advance(Advance::Accepted)
        .with_prompt(false);
    assert_eq!(config, expected);
    assert_eq!(build("").unwrap().config(), Config::default());
    assert_eq!(Lookahead::default().config(), Config::default());
}

#[test]
fn says_what_is_not_valid() {
    let message = |text| build(text).unwrap_err().to_string();
    assert_eq!(message("w=0"), "option w=0 is not valid: it takes 1 to 256");
    assert_eq!(message("n=1"), "option n=1 is not valid: it takes 2 to 64");
    assert_eq!(message("g=257"), "option g=257 is not valid: it takes 1 to 256");
    assert_eq!(message("capacity=0"), "option capacity=0 is not valid: it takes 1 to 16777216");
    assert_eq!(message("advance=two"), "option advance=two is not valid: it takes one or accepted");
    assert_eq!(message("prompt=yes"), "option prompt=yes is not valid: it takes on or off");
    assert!(message("window=3").starts_with("unknown option window: the options are w, n, g,"));
    let error = Lookahead::new(Config::default().with_window(0)).unwrap_err();
    assert_eq!(error.to_string(), "w is 0: it takes 1 to 256");
}

proptest! {
    #[test]
    fn options_round_trip(
        (window, ngram, guesses) in (1..=256_usize, 2..=64_usize, 1..=256_usize),
        accepted in any::<bool>(),
        (prompt, output, keep) in any::<(bool, bool, bool)>(),
        capacity in 1..=1_usize << 24,
        seed in any::<u64>(),
    ) {
        let advance = if accepted { Advance::Accepted } else { Advance::One };
        let config = Config::default()
            .with_window(window)
            .with_ngram(ngram)
            .with_guesses(guesses)
            .with_advance(advance)
            .with_prompt(prompt)
            .with_output(output)
            .with_keep(keep)
            .with_capacity(capacity)
            .with_seed(seed);
        let source = Lookahead::new(config).unwrap();
        let text: Vec<String> =
            source.options().iter().map(|(key, value)| format!("{key}={value}")).collect();
        prop_assert_eq!(build(&text.join(",")).unwrap().config(), config);
    }
}
