use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn automaton(text: &[Token], depth: usize) -> Automaton {
    let mut automaton = Automaton::new(depth);
    extend(&mut automaton, text);
    automaton
}

fn extend(automaton: &mut Automaton, text: &[Token]) {
    for &token in text {
        automaton.push(token);
    }
}

/// The ends of all occurrences of `string`, the first first.
fn ends(text: &[Token], string: &[Token]) -> Vec<usize> {
    (string.len()..=text.len()).filter(|&end| text[..end].ends_with(string)).collect()
}

/// The longest suffix of `string`, of at most `most` tokens, that occurs.
fn longest<'a>(text: &[Token], string: &'a [Token], most: usize) -> &'a [Token] {
    let first = string.len().saturating_sub(most);
    let mut suffixes = (first..=string.len()).map(|start| &string[start..]);
    suffixes.find(|suffix| !ends(text, suffix).is_empty()).unwrap()
}

/// What the automaton says of the string at `place` is what the text says of `string`.
fn check(automaton: &Automaton, place: Place, string: &[Token]) -> Result<(), TestCaseError> {
    let text = automaton.text();
    prop_assert_eq!(place.length as usize, string.len());
    if place.state == START {
        prop_assert!(string.is_empty());
        return Ok(());
    }
    let found = ends(text, string);
    prop_assert_eq!(automaton.count(place.state) as usize, found.len(), "{:?}", string);
    prop_assert_eq!(automaton.end(place.state) as usize, *found.last().unwrap(), "{:?}", string);
    let mut following = BTreeMap::<Token, usize>::new();
    for &end in found.iter().filter(|&&end| end < text.len()) {
        *following.entry(text[end]).or_default() += 1;
    }
    prop_assert_eq!(automaton.followed(place.state) as usize, following.values().sum::<usize>());
    prop_assert_eq!(automaton.degree(place.state) as usize, following.len());
    if string.len() < automaton.depth as usize {
        let counted: BTreeMap<Token, usize> = automaton
            .continuations(place.state)
            .map(|(token, state)| (token, automaton.count(state) as usize))
            .collect();
        prop_assert_eq!(counted, following, "{:?}", string);
    }
    Ok(())
}

/// Random texts, loops, and texts in which every n-gram is new.
fn texts() -> impl Strategy<Value = Vec<Token>> {
    let random = (1..6u32).prop_flat_map(|most| prop::collection::vec(0..most, 0..60));
    let loops = (prop::collection::vec(0..4u32, 0..8), prop::collection::vec(0..4u32, 1..6))
        .prop_map(|(start, round)| [start, round.repeat(9)].concat());
    prop_oneof![random, loops, Just(de_bruijn()), Just((0..40).collect())]
}

/// Each pair over five tokens once.
fn de_bruijn() -> Vec<Token> {
    let mut text = Vec::new();
    for low in 0..5 {
        text.push(low);
        text.extend((low + 1..5).flat_map(|high| [low, high]));
    }
    text
}

proptest! {
    #[test]
    fn says_what_the_text_says(text in texts(), depth in 1..9usize, most in 1..12usize) {
        let automaton = automaton(&text, depth);
        let most = most.min(depth);
        let mut place = automaton.suffix(most);
        let mut string = &text[text.len().saturating_sub(most)..];
        check(&automaton, place, string)?;
        // Each link leads to the longest suffix that occurs more often.
        while let Some(shorter) = automaton.shorter(place) {
            let often = ends(&text, string).len();
            string = (1..=string.len())
                .map(|start| &string[start..])
                .find(|suffix| suffix.is_empty() || ends(&text, suffix).len() > often)
                .unwrap();
            check(&automaton, shorter, string)?;
            place = shorter;
        }
    }

    #[test]
    fn follows_any_path(
        text in texts(),
        path in prop::collection::vec(0..6u32, 0..20),
        depth in 2..9usize,
    ) {
        let automaton = automaton(&text, depth);
        let most = depth - 1;
        let mut place = automaton.suffix(most);
        let mut string = text.clone();
        for token in path {
            place = automaton.follow(place, token, most);
            string.push(token);
            check(&automaton, place, longest(&text, &string, most))?;
        }
    }

    /// The same states, edges and counts, not only the same answers.
    #[test]
    fn taking_back_is_exact(
        first in texts(),
        steps in prop::collection::vec((0..70usize, texts()), 1..5),
        depth in 1..9usize,
    ) {
        let mut changed = automaton(&first, depth);
        let mut text = first;
        for (cut, more) in steps {
            while changed.text().len() > cut {
                changed.pop();
            }
            text.truncate(cut);
            prop_assert_eq!(&changed, &automaton(&text, depth));
            extend(&mut changed, &more);
            text.extend(more);
            prop_assert_eq!(&changed, &automaton(&text, depth));
        }
    }

    #[test]
    fn states_and_edges_stay_within_their_bounds(text in texts(), depth in 1..9usize) {
        let automaton = automaton(&text, depth);
        prop_assert!(automaton.states.len() <= 2 * text.len() + 1);
        prop_assert!(automaton.edges.len() as usize <= 3 * text.len() + 1);
        prop_assert!(automaton.ends.len() <= depth * text.len());
        prop_assert!(automaton.redirected.len() <= automaton.edges.len() as usize);
    }
}

#[test]
fn the_empty_text_has_nothing_to_take_back() {
    let mut automaton = Automaton::new(4);
    automaton.pop();
    assert_eq!(automaton, Automaton::new(4));
    assert_eq!(automaton.follow(automaton.suffix(3), 7, 3), Place::START);
}

/// Texts that are long and repeat themselves take no more time per token than others.
#[test]
fn long_texts_take_constant_time_per_token() {
    let length = 200_000;
    let repeated = vec![7; length];
    let round: Vec<Token> = (0..1000).cycle().take(length).collect();
    let mut state = 1_u32;
    let random = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 29
    });
    for text in [repeated, round, random.take(length).collect()] {
        let start = std::time::Instant::now();
        let mut automaton = automaton(&text, 32);
        for _ in 0..length / 2 {
            automaton.pop();
        }
        assert_eq!(automaton.text(), &text[..length / 2]);
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }
}
