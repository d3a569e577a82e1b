//! Plain decoding is the oracle's decoding, and costs what it says.

use foretoken_autoregressive::Autoregressive;
use foretoken_core::blocking::BlockingDecoder;
use foretoken_core::{CandidateSource, Options, Request, Strategy};
use foretoken_decoder::GuessAndVerify;
use foretoken_testkit::assert_lossless;
use foretoken_testkit::toy::ToyModel;

#[test]
fn is_lossless_and_guesses_nothing() {
    let coverage = assert_lossless!(Autoregressive);
    assert_eq!(coverage.proposed, 0);
    assert!(coverage.tokens > 0 && coverage.steps > 0);
}

#[test]
fn every_pass_of_a_generation_is_one_row() {
    let mut model = ToyModel::default().with_log();
    let request = Request::new([1, 2, 3]).with_max_new_tokens(20);
    let output =
        GuessAndVerify::new(&mut model, Autoregressive).decode_blocking(&request, &mut ()).unwrap();
    assert_eq!(output.tokens.len(), 20);
    assert_eq!(output.statistics.steps, 20);
    // Two prompt tokens in one chunk, then a token a pass.
    assert_eq!(model.pass_sizes(), [&[2][..], &[1; 20]].concat());
}

#[test]
fn has_no_options() {
    let mut none = Options::new();
    let source = Autoregressive::from_options(&mut none).unwrap();
    assert_eq!(source.options(), []);
    assert_eq!(source.name(), Autoregressive::NAME);
    let given: Options = "window=3".parse().unwrap();
    assert!(given.finish(&[]).is_err());
}
