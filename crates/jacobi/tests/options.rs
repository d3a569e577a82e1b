//! Settings: validated once, the same in text and in code.

use foretoken_core::{OptionError, Strategy};
use foretoken_jacobi::{Config, Init, Jacobi};
use proptest::prelude::*;

fn build(text: &str) -> Result<Jacobi, OptionError> {
    let mut options = text.parse()?;
    let source = Jacobi::from_options(&mut options)?;
    let keys: Vec<&str> = Jacobi::OPTIONS.iter().map(|(key, _)| *key).collect();
    options.finish(&keys)?;
    Ok(source)
}

#[test]
fn says_what_is_not_valid() {
    let message = |text| build(text).unwrap_err().to_string();
    assert_eq!(message("window=0"), "option window=0 is not valid: it takes 1 to 1024");
    assert_eq!(
        message("init=zero"),
        "option init=zero is not valid: it takes repeat, prompt or random"
    );
    assert_eq!(message("w=3"), "unknown option w: the options are window, init, seed");
    let error = Jacobi::new(Config::default().with_window(1025)).unwrap_err();
    assert_eq!(error.to_string(), "window is 1025: it takes 1 to 1024");
}

proptest! {
    #[test]
    fn options_round_trip(
        window in 1..=Config::MAX_WINDOW,
        init in prop_oneof![Just(Init::Repeat), Just(Init::Prompt), Just(Init::Random)],
        seed in any::<u64>(),
    ) {
        let config = Config::default().with_window(window).with_init(init).with_seed(seed);
        let source = Jacobi::new(config).unwrap();
        let text: Vec<String> =
            source.options().iter().map(|(key, value)| format!("{key}={value}")).collect();
        prop_assert_eq!(build(&text.join(",")).unwrap().config(), config);
    }
}

#[test]
fn defaults_need_no_options() {
    assert_eq!(build("").unwrap().config(), Config::default());
    assert_eq!(Jacobi::default().config(), Config::default());
}
