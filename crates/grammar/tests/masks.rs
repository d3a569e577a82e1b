//! What is allowed is what brute force over a language's automaton allows.

use std::collections::BTreeSet;

use foretoken_core::{Constraint, Context, Token, TokenMask, TokenSet};
use foretoken_grammar::{Grammar, GrammarErrorKind, Vocabulary};
use proptest::prelude::*;
use regex_automata::dfa::{Automaton, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::{Anchored, MatchKind, util::start};

/// A regular language, byte by byte.
struct Oracle {
    automaton: dense::DFA<Vec<u32>>,
    /// From where a match can still be reached.
    alive: BTreeSet<StateID>,
}

impl Oracle {
    fn new(pattern: &str) -> Self {
        let automaton = dense::Builder::new()
            .configure(dense::Config::new().match_kind(MatchKind::All))
            .build(pattern)
            .unwrap();
        let mut oracle = Self { automaton, alive: BTreeSet::new() };
        let mut states = BTreeSet::from([oracle.start()]);
        let mut new = vec![oracle.start()];
        while let Some(state) = new.pop() {
            for byte in 0..=255 {
                let next = oracle.automaton.next_state(state, byte);
                if states.insert(next) {
                    new.push(next);
                }
            }
        }
        oracle.alive = states.iter().copied().filter(|&state| oracle.may_end(state)).collect();
        loop {
            let before = oracle.alive.len();
            for &state in &states {
                let next = |byte| oracle.automaton.next_state(state, byte);
                if (0..=255).any(|byte| oracle.alive.contains(&next(byte))) {
                    oracle.alive.insert(state);
                }
            }
            if oracle.alive.len() == before {
                return oracle;
            }
        }
    }

    fn start(&self) -> StateID {
        self.automaton.start_state(&start::Config::new().anchored(Anchored::Yes)).unwrap()
    }

    fn after(&self, state: StateID, text: &[u8]) -> StateID {
        text.iter().fold(state, |state, &byte| self.automaton.next_state(state, byte))
    }

    fn may_end(&self, state: StateID) -> bool {
        self.automaton.is_match_state(self.automaton.next_eoi_state(state))
    }
}

/// Texts of tokens: single bytes and pieces, some of them twice, and two ends.
fn texts(pieces: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let single = "ab1é".bytes().map(|byte| vec![byte]);
    let ends = [Vec::new(), Vec::new()];
    ends.into_iter().chain(single).chain(pieces.iter().cloned()).collect()
}

const ENDS: [Token; 2] = [0, 1];

fn patterns() -> impl Strategy<Value = String> {
    let leaf =
        prop::sample::select(vec!["a", "b", "1", "é", "[ab]", "[^a]", r"\d", ".", "ab", "1a"]);
    leaf.prop_map(str::to_owned).prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            4 => prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| parts.concat()),
            2 => prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|parts| format!("(?:{})", parts.join("|"))),
            1 => inner.clone().prop_map(|inner| format!("(?:{inner})*")),
            1 => inner.clone().prop_map(|inner| format!("(?:{inner})?")),
            1 => inner.clone().prop_map(|inner| format!("(?:{inner})+")),
            1 => inner.prop_map(|inner| format!("(?:{inner}){{1,3}}")),
        ]
    })
}

fn pieces() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let byte = prop::sample::select("aabb11é".bytes().collect::<Vec<_>>());
    prop::collection::vec(prop::collection::vec(byte, 1..5), 0..24)
}

/// All that a grammar says about a path, each question on its own.
fn check(grammar: &mut Grammar, oracle: &Oracle, texts: &[Vec<u8>], path: &[Token]) {
    let ends: TokenSet = ENDS.into_iter().collect();
    // Three tokens more than there are texts, as models have them.
    let count = texts.len() + 3;
    let history = [&[2, 3], path].concat();
    let context = Context::new(&history, 2, count, &ends);
    let state =
        path.iter().fold(oracle.start(), |at, &token| oracle.after(at, &texts[token as usize]));
    let expected: Vec<Token> = (0..texts.len() as Token)
        .filter(|&token| match texts[token as usize].as_slice() {
            [] => oracle.may_end(state),
            text => oracle.alive.contains(&oracle.after(state, text)),
        })
        .collect();
    let mut allowed = TokenMask::all(count);
    grammar.allow(&context, &mut allowed);
    assert_eq!(allowed.iter().collect::<Vec<_>>(), expected, "after {path:?}");
    for token in 0..count as Token {
        assert_eq!(
            grammar.permits(&context, token),
            expected.contains(&token),
            "{token} after {path:?}"
        );
    }
    let mut longer = history.clone();
    for (token, chance) in grammar.foresee(&context, 5) {
        let context = Context::new(&longer, 2, count, &ends);
        let mut here = TokenMask::all(count);
        grammar.allow(&context, &mut here);
        assert!(here.contains(token), "{token} is foreseen after {longer:?}");
        assert!(
            chance < 1.0 || here.only() == Some(token),
            "{token} after {longer:?} is no choice"
        );
        longer.push(token);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_regular_expression_allows_what_brute_force_allows(
        pattern in patterns(),
        pieces in pieces(),
        choices in prop::collection::vec(any::<prop::sample::Index>(), 8),
        order in prop::collection::vec(any::<prop::sample::Index>(), 12),
    ) {
        let oracle = Oracle::new(&pattern);
        let texts = texts(&pieces);
        let vocabulary = Vocabulary::new(&texts).unwrap();
        let mut grammar = match Grammar::regex(&pattern, &vocabulary) {
            Ok(grammar) => grammar,
            Err(error) => {
                prop_assert_eq!(error.kind(), GrammarErrorKind::NeverMatches, "{}", error);
                let begins = texts.iter().any(|text| {
                    !text.is_empty() && oracle.alive.contains(&oracle.after(oracle.start(), text))
                });
                prop_assert!(!begins && !oracle.may_end(oracle.start()), "{pattern}: {error}");
                return Ok(());
            }
        };
        // A walk through the language, and then its places in another order.
        let mut paths: Vec<Vec<Token>> = vec![Vec::new()];
        for choice in &choices {
            let path = paths.last().unwrap().clone();
            check(&mut grammar, &oracle, &texts, &path);
            let state = path.iter().fold(oracle.start(), |at, &token| oracle.after(at, &texts[token as usize]));
            let next: Vec<Token> = (2..texts.len() as Token)
                .filter(|&token| oracle.alive.contains(&oracle.after(state, &texts[token as usize])))
                .collect();
            if next.is_empty() {
                break;
            }
            paths.push([path.as_slice(), &[next[choice.index(next.len())]]].concat());
        }
        let mut fork = Grammar::regex(&pattern, &vocabulary).unwrap();
        for place in &order {
            let path = &paths[place.index(paths.len())];
            check(&mut grammar, &oracle, &texts, path);
            // Places off the language, too.
            let wrong = [path.as_slice(), &[4, 4, 4]].concat();
            check(&mut fork, &oracle, &texts, &wrong);
            check(&mut fork, &oracle, &texts, path);
        }
    }
}
