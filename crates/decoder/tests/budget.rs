//! The budget: what it verifies of good, bad and slow sources.

use std::time::Duration;

use foretoken_core::blocking::BlockingDecoder;
use foretoken_core::{
    CandidateSource, Context, Draft, Generation, NodeId, Request, SourceError, Token, async_trait,
};
use foretoken_decoder::{BudgetMode, Config, GuessAndVerify};
use foretoken_testkit::oracle;
use foretoken_testkit::toy::ToyModel;

const TOKENS: usize = 200;

/// Guesses the truth in one step of `right_every`, something else in the
/// others, and claims to be sure of both.
#[derive(Clone)]
struct Guesser {
    truth: Vec<Token>,
    right_every: usize,
    takes: Duration,
    asked: usize,
}

#[async_trait]
impl CandidateSource for Guesser {
    fn name(&self) -> &'static str {
        "guesser"
    }

    async fn propose(
        &mut self,
        context: &Context<'_>,
        draft: &mut Draft<'_>,
    ) -> Result<(), SourceError> {
        self.asked += 1;
        std::thread::sleep(self.takes);
        let next = context.history.len() - context.prompt_len;
        let right = self.asked.is_multiple_of(self.right_every);
        let guesses = self.truth[next..].iter().take(4);
        let guesses: Vec<Token> =
            guesses.map(|&token| if right { token } else { (token + 1) % 12 }).collect();
        draft.add_chain(NodeId::ROOT, &guesses, 0.9);
        Ok(())
    }

    fn fork(&self) -> Box<dyn CandidateSource> {
        Box::new(self.clone())
    }
}

fn decode(right_every: usize, takes: Duration, budget: BudgetMode) -> (Generation, usize) {
    let prompt = [1, 2, 3];
    let truth =
        oracle::greedy(&mut ToyModel::default(), &prompt, TOKENS, &[].into_iter().collect());
    let truth = truth.unwrap();
    let source = Guesser { truth: truth.clone(), right_every, takes, asked: 0 };
    let config = Config::default().with_budget(budget);
    let mut decoder = GuessAndVerify::new(ToyModel::default(), source).with_config(config);
    let request = Request::new(prompt).with_max_new_tokens(TOKENS);
    let output = decoder.decode_blocking(&request, &mut ()).unwrap();
    assert_eq!(output.tokens, truth);
    let asked = decoder.source().asked;
    (output, asked)
}

#[test]
fn guesses_that_are_never_right_are_soon_not_verified() {
    let (fixed, _) = decode(usize::MAX, Duration::ZERO, BudgetMode::Fixed);
    assert!(fixed.statistics.nodes_per_step() > 4.0);
    let (adaptive, _) = decode(usize::MAX, Duration::ZERO, BudgetMode::Adaptive);
    let (chosen, all) = (adaptive.statistics.nodes_per_step(), fixed.statistics.nodes_per_step());
    assert!(chosen < 0.7 * all, "{chosen} of {all}");
}

#[test]
fn guesses_that_are_right_are_verified() {
    let (output, asked) = decode(1, Duration::ZERO, BudgetMode::Adaptive);
    assert!(output.statistics.tokens_per_step() > 4.0, "{:?}", output.statistics);
    assert!(asked >= output.statistics.steps - 1);
}

#[test]
fn a_source_that_is_slow_and_wrong_is_asked_less_and_less() {
    let (output, asked) = decode(usize::MAX, Duration::from_millis(3), BudgetMode::Adaptive);
    assert!(asked < output.statistics.steps / 4, "{asked} times in {}", output.statistics.steps);
    // Without a budget there is nothing to weigh its time against.
    let (output, asked) = decode(usize::MAX, Duration::from_millis(1), BudgetMode::Fixed);
    assert!(asked >= output.statistics.steps - 1);
}

/// A source that takes its time to read the prompt.
#[derive(Clone)]
struct Reader(Duration);

#[async_trait]
impl CandidateSource for Reader {
    fn name(&self) -> &'static str {
        "reader"
    }

    fn begin(&mut self, _prompt: &[Token], _reused: usize) {
        std::thread::sleep(self.0);
    }

    async fn propose(&mut self, _: &Context<'_>, _: &mut Draft<'_>) -> Result<(), SourceError> {
        Ok(())
    }

    fn fork(&self) -> Box<dyn CandidateSource> {
        Box::new(self.clone())
    }
}

#[test]
fn reading_the_prompt_counts_as_prefill() {
    let reading = Duration::from_millis(20);
    let mut decoder = GuessAndVerify::new(ToyModel::default(), Reader(reading));
    let request = Request::new([1, 2, 3]).with_max_new_tokens(5);
    let output = decoder.decode_blocking(&request, &mut ()).unwrap();
    assert!(output.statistics.prefill_time >= reading, "{:?}", output.statistics);
}

#[test]
fn a_new_source_does_not_serve_the_rest_of_the_old_one() {
    let prompt = [1, 2, 3];
    let ends = [].into_iter().collect();
    let truth = oracle::greedy(&mut ToyModel::default(), &prompt, TOKENS, &ends).unwrap();
    let guesser =
        |right_every, takes| Guesser { truth: truth.clone(), right_every, takes, asked: 0 };
    let slow = guesser(usize::MAX, Duration::from_millis(3));
    let mut decoder = GuessAndVerify::new(ToyModel::default(), slow);
    let request = Request::new(prompt).with_max_new_tokens(TOKENS);
    decoder.decode_blocking(&request, &mut ()).unwrap();
    decoder.set_source(guesser(1, Duration::ZERO));
    let output = decoder.decode_blocking(&request, &mut ()).unwrap();
    assert!(decoder.source().asked + 1 >= output.statistics.steps, "asked from the first step on");
    assert_eq!(output.tokens, truth);
}
