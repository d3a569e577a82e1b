//! One step at a time: what is proposed, given what the passes showed.

use foretoken_core::blocking::BlockingSource;
use foretoken_core::tree::Limits;
use foretoken_core::{
    CandidateSource, Context, Draft, Ledger, NodeId, Notes, Outcome, Predictions, Token, TokenSet,
    TokenTree, Want,
};
use foretoken_jacobi::{Config, Init, Jacobi};

const VOCABULARY: usize = 1000;

/// A decoder's side of a source, without a model: the test says what a pass predicts.
struct Bench {
    source: Jacobi,
    history: Vec<Token>,
    ends: TokenSet,
    limits: Limits,
    remaining: usize,
    tree: TokenTree,
    notes: Notes,
}

impl Bench {
    fn new(config: Config, prompt: &[Token]) -> Self {
        let mut source = Jacobi::new(config).unwrap();
        source.begin(prompt, 0);
        Self {
            source,
            history: prompt.to_vec(),
            ends: TokenSet::default(),
            limits: Limits::default(),
            remaining: usize::MAX,
            tree: TokenTree::new(0, Limits::default()),
            notes: Notes::new(),
        }
    }

    fn window(window: usize) -> Self {
        Self::new(Config::default().with_window(window), &[1, 2, 3])
    }

    /// Proposes, and returns the tokens of the chain below the root.
    fn propose(&mut self) -> Vec<Token> {
        self.tree.reset(*self.history.last().unwrap(), self.limits);
        self.notes.clear();
        let mut ledger = Ledger::new();
        let mut draft =
            Draft::new(&mut self.tree, &mut self.notes, &mut ledger, "jacobi", VOCABULARY);
        let prompt_len = self.history.len().min(3);
        let context = Context::new(&self.history, prompt_len, VOCABULARY, &self.ends)
            .with_remaining(self.remaining);
        self.source.propose_blocking(&context, &mut draft).unwrap();
        assert!(self.tree.is_chain());
        self.tree.tokens()[1..].to_vec()
    }

    /// The pass predicts `predicted[i]` after node `i` (0: nothing known) and `emitted` came out.
    fn observe(&mut self, predicted: &[Token], emitted: &[Token]) {
        let mut predictions = Predictions::default();
        predictions.reset(self.tree.len());
        for (index, &token) in predicted.iter().enumerate().filter(|(_, token)| **token > 0) {
            predictions.set_argmax(NodeId::new(index), token);
        }
        let accepted: Vec<NodeId> = (0..emitted.len()).map(NodeId::new).collect();
        self.source.observe(&Outcome::new(&self.tree, &predictions, &accepted, emitted));
        self.history.extend(emitted);
    }
}

#[test]
fn guesses_are_the_predictions_from_the_accepted_position_on() {
    let mut bench = Bench::window(4);
    assert_eq!(bench.propose(), [3, 3, 3, 3]);
    bench.observe(&[10, 21, 22, 23, 24], &[10]);
    assert_eq!(bench.propose(), [21, 22, 23, 24]);
    // Two guesses were right: three tokens came out, two predictions are left.
    bench.observe(&[21, 22, 33, 34, 35], &[21, 22, 33]);
    assert_eq!(bench.propose(), [34, 35, 35, 35]);
    // All were right: nothing is left.
    bench.observe(&[34, 35, 35, 35, 46], &[34, 35, 35, 35, 46]);
    assert_eq!(bench.propose(), [46, 46, 46, 46]);
}

#[test]
fn every_guess_wants_its_prediction_and_nobody_else_pays() {
    let mut bench = Bench::window(3);
    bench.propose();
    let wants: Vec<Want> = bench.tree.nodes().map(|node| bench.notes.want(node)).collect();
    assert_eq!(wants, [Want::Nothing, Want::Argmax, Want::Argmax, Want::Argmax]);
    assert_eq!(bench.source.wants(), foretoken_core::Wants::default());
}

#[test]
fn a_deeper_guess_is_less_likely() {
    let mut bench = Bench::window(6);
    bench.propose();
    let path: Vec<f32> = bench.tree.nodes().map(|node| bench.tree.probability(node)).collect();
    assert!(path.is_sorted_by(|shallow, deep| shallow > deep), "{path:?}");
}

#[test]
fn a_lost_pass_and_a_pass_that_is_told_twice_do_no_harm() {
    let mut bench = Bench::window(4);
    bench.limits.nodes = 1;
    bench.propose(); // A pass that never runs.
    bench.limits.nodes = 64;
    assert_eq!(bench.propose(), [3, 3, 3, 3]);
    bench.observe(&[10, 21, 22, 23, 24], &[10]);
    assert_eq!(bench.propose(), [21, 22, 23, 24]);
    bench.observe(&[21, 31, 32, 33, 34], &[30]);
    bench.observe(&[21, 41, 42, 43, 44], &[]);
    assert_eq!(bench.propose(), [31, 32, 33, 34]);
}

#[test]
fn refused_guesses_keep_their_values() {
    let mut bench = Bench::window(4);
    bench.propose();
    bench.observe(&[10, 21, 22, 23, 24], &[10]);
    bench.limits.nodes = 2;
    assert_eq!(bench.propose(), [21, 22]);
    bench.observe(&[50, 31, 32], &[50]);
    // 31 and 32 are new, 24 was not in the tree.
    bench.limits.nodes = 64;
    assert_eq!(bench.propose(), [31, 32, 24, 24]);
    bench.limits.depth = 1;
    assert_eq!(bench.propose(), [31]);
    bench.limits.nodes = 0;
    assert_eq!(bench.propose(), []);
}

#[test]
fn guesses_beyond_the_last_token_are_not_proposed() {
    let mut bench = Bench::window(4);
    bench.remaining = 3;
    assert_eq!(bench.propose(), [3, 3]);
    bench.remaining = 1;
    assert_eq!(bench.propose(), []);
    bench.remaining = 0;
    assert_eq!(bench.propose(), []);
}

#[test]
fn an_unobserved_pass_only_moves_the_text_on() {
    let mut bench = Bench::window(4);
    bench.propose();
    bench.observe(&[10, 21, 22, 23, 24], &[10]);
    assert_eq!(bench.propose(), [21, 22, 23, 24]);
    bench.history.extend([70, 71]); // No observe: two guesses are overtaken.
    assert_eq!(bench.propose(), [23, 24, 24, 24]);
    bench.observe(&[0, 0, 0, 0, 0], &[72]); // Observed, but nothing was computed.
    assert_eq!(bench.propose(), [24, 24, 24, 24]);
}

#[test]
fn a_path_of_another_source_does_not_shift_the_guesses() {
    let mut bench = Bench::window(3);
    bench.propose();
    // Other nodes than the chain's were accepted; predictions still stand for places.
    bench.observe(&[10, 21, 22, 23], &[60, 61]);
    assert_eq!(bench.propose(), [22, 23, 23]);
}

#[test]
fn predicted_ends_are_replaced_by_the_rule() {
    let mut bench = Bench::window(3);
    bench.ends = vec![21, 23].into();
    bench.propose();
    bench.observe(&[10, 21, 22, 23], &[10]);
    assert_eq!(bench.propose(), [10, 22, 22]);
}

#[test]
fn initial_guesses_follow_the_rule() {
    let config = |init| Config::default().with_window(16).with_init(init);
    let proposed = |config| Bench::new(config, &[5, 6, 7]).propose();
    assert_eq!(proposed(config(Init::Repeat)), [7; 16]);
    let prompt = proposed(config(Init::Prompt));
    assert!(prompt.iter().all(|token| [5, 6, 7].contains(token)));
    let random = proposed(config(Init::Random));
    assert!(random.iter().all(|token| (*token as usize) < VOCABULARY));
    assert!(random.iter().any(|token| ![5, 6, 7].contains(token)));
    assert_eq!(random, proposed(config(Init::Random)));
    assert_ne!(random, proposed(config(Init::Random).with_seed(1)));

    let mut bench = Bench::new(config(Init::Prompt), &[5, 6, 7]);
    bench.ends = vec![5, 7].into();
    assert_eq!(bench.propose(), [6; 16]);
}

#[test]
fn a_new_sequence_starts_from_nothing() {
    for init in [Init::Repeat, Init::Prompt, Init::Random] {
        let mut bench = Bench::new(Config::default().with_init(init), &[1, 2, 3]);
        let first = bench.propose();
        bench.observe(&[10, 21, 22, 23, 24, 25, 26, 27, 28], &[10]);
        bench.source.begin(&[1, 2, 3], 3);
        bench.history = vec![1, 2, 3];
        assert_eq!(bench.propose(), first);
    }
}

#[test]
fn cutting_the_sequence_back_drops_the_trajectory() {
    let mut bench = Bench::window(3);
    bench.propose();
    bench.observe(&[10, 21, 22, 23], &[10]);
    bench.source.truncate(3);
    bench.history.truncate(3);
    assert_eq!(bench.propose(), [3, 3, 3]);
}

#[test]
fn a_fork_goes_its_own_way() {
    let mut bench = Bench::window(3);
    bench.propose();
    bench.observe(&[10, 21, 22, 23], &[10]);
    let fork = bench.source.fork();
    assert_eq!(bench.propose(), [21, 22, 23]);
    bench.observe(&[40, 41, 42, 43], &[40]);
    assert_eq!(bench.propose(), [41, 42, 43]);

    let mut tree = TokenTree::new(10, Limits::default());
    let (mut notes, mut ledger, mut fork) = (Notes::new(), Ledger::new(), fork);
    let mut draft = Draft::new(&mut tree, &mut notes, &mut ledger, "jacobi", VOCABULARY);
    let context = Context::new(&[1, 2, 3, 10], 3, VOCABULARY, &bench.ends);
    fork.propose_blocking(&context, &mut draft).unwrap();
    assert_eq!(tree.tokens(), [10, 21, 22, 23]);
}
