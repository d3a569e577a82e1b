//! From one sequence to the next, cut back, and forked.

use foretoken_core::blocking::BlockingSource;
use foretoken_core::tree::Limits;
use foretoken_core::{CandidateSource, Context, Draft, Ledger, NodeId, Notes, Token, TokenTree};

use super::{Bench, noise};
use crate::{Advance, Config, Lookahead};

/// All n-grams that a source would guess, with their keys.
fn grams(source: &Lookahead) -> Vec<(Token, Vec<Token>)> {
    let keys = 0..400;
    keys.flat_map(|key| source.pool.ranked(key).into_iter().map(move |gram| (key, gram.to_vec())))
        .collect()
}

#[test]
fn nothing_of_a_sequence_is_left_in_the_next() {
    let mut bench = Bench::new(Config::default(), &[301, 302, 303, 304, 305], noise);
    for _ in 0..10 {
        bench.step();
    }
    assert!(grams(&bench.source).contains(&(301, vec![302, 303, 304])));
    bench.source.end(&bench.text);
    assert_eq!(grams(&bench.source), []);

    // Also when nobody said that the sequence ended, and when it is the same prompt again.
    for _ in 0..5 {
        bench.step();
    }
    bench.source.begin(&[201, 202, 203], 3);
    assert_eq!(grams(&bench.source), []);
    assert_eq!(bench.source.window, None);
    let mut fresh = Bench::new(Config::default(), &[201, 202, 203], noise);
    bench.text = vec![201, 202, 203];
    bench.prompt_len = 3;
    for _ in 0..10 {
        assert_eq!(bench.step(), fresh.step());
        assert_eq!(bench.cells(), fresh.cells());
        assert_eq!(grams(&bench.source), grams(&fresh.source));
    }
}

#[test]
fn ngrams_outlive_their_sequence_on_request() {
    let config = Config::default().with_keep(true).with_window(1).with_ngram(3);
    let mut bench = Bench::new(config, &[301, 302, 303], noise);
    bench.step();
    let before = grams(&bench.source);
    bench.source.end(&bench.text);
    let kept = grams(&bench.source);
    assert!(before.iter().all(|gram| kept.contains(gram)));
    // The last step's tokens, which no further step read, are among them.
    let last = &bench.text[bench.text.len() - 3..];
    assert!(kept.contains(&(last[0], last[1..].to_vec())));
    bench.source.begin(&[201], 0);
    assert_eq!(grams(&bench.source), kept);
}

#[test]
fn a_sequence_that_ended_before_its_first_step_had_no_output() {
    let config = Config::default().with_keep(true).with_ngram(3).with_prompt(false);
    let mut bench = Bench::new(config, &[301, 302, 303, 304], noise);
    bench.source.end(&[301, 302, 303, 304]);
    assert_eq!(grams(&bench.source), []);
    bench.source.end(&[301, 302, 303, 304, 5]);
    assert_eq!(grams(&bench.source), [(303, vec![304, 5])]);
}

#[test]
fn a_sequence_that_was_cut_back_goes_on() {
    for advance in [Advance::One, Advance::Accepted] {
        let config = Config::default().with_window(3).with_ngram(3).with_advance(advance);
        let mut bench = Bench::new(config, &[301, 302, 303], noise);
        for _ in 0..6 {
            bench.step();
        }
        bench.propose();
        let cells = bench.cells();
        bench.source.truncate(4);
        // A pass that was under way is void.
        bench.observe(&[NodeId::ROOT], &[]);
        assert_eq!(bench.cells(), cells);
        bench.text.truncate(4);
        bench.text.push(350);
        bench.propose();
        let window = bench.cells();
        assert_eq!(window[0][0], 350);
        if advance == Advance::One {
            assert_eq!(window[1..], cells[1..]);
        }
        // The new text's n-grams are found, those across the cut included.
        bench.text.extend([351, 352]);
        bench.propose();
        assert!(bench.guesses(303).iter().any(|gram| gram[1] == 350));
        assert!(bench.guesses(350).contains(&vec![351, 352]));
    }
}

#[test]
fn a_text_that_got_shorter_without_notice_was_cut_back() {
    for advance in [Advance::One, Advance::Accepted] {
        let config = Config::default().with_ngram(3).with_advance(advance);
        let mut told = Bench::new(config, &[301, 302, 303], noise);
        for _ in 0..6 {
            told.step();
        }
        let mut untold = Bench::new(config, &[301, 302, 303], noise);
        untold.source = told.source.clone();
        told.source.truncate(5);
        for bench in [&mut told, &mut untold] {
            bench.text = vec![301, 302, 303, 304, 305];
        }
        for _ in 0..4 {
            assert_eq!(told.step(), untold.step());
            assert_eq!(told.cells(), untold.cells());
            assert_eq!(grams(&told.source), grams(&untold.source));
        }
    }
}

#[test]
fn a_fork_goes_its_own_way() {
    let mut bench = Bench::new(Config::default(), &[301, 302, 303], noise);
    for _ in 0..4 {
        bench.step();
    }
    let copy = |bench: &Bench<_>| {
        let mut copy = Bench::new(Config::default(), &[301, 302, 303], noise);
        copy.source = bench.source.clone();
        copy.text.clone_from(&bench.text);
        copy
    };
    let (branch_point, mut twin) = (copy(&bench), copy(&bench));
    let mut fork = bench.source.fork();
    for _ in 0..4 {
        assert_eq!(bench.step(), twin.step());
        assert_eq!(bench.cells(), twin.cells());
    }
    // The fork stands where it was made, whatever the original did since.
    twin.source = branch_point.source;
    twin.text.clone_from(&branch_point.text);
    twin.propose();
    let mut tree = TokenTree::new(*twin.text.last().unwrap(), Limits::UNLIMITED);
    let (mut notes, mut ledger) = (Notes::new(), Ledger::new());
    let mut draft = Draft::new(&mut tree, &mut notes, &mut ledger, "lookahead", 1000);
    let context = Context::new(&twin.text, 3, 1000, &twin.ends);
    fork.propose_blocking(&context, &mut draft).unwrap();
    assert_eq!(tree.tokens(), twin.tree.tokens());
    assert_eq!(tree.depths(), twin.tree.depths());
    // And the other way round.
    let before = bench.cells();
    fork.begin(&[1], 0);
    assert_eq!(bench.cells(), before);
}
