//! Phrases with choices and slots: the grammar's notation.
//!
//! In a pattern, `[one|two|three]` is one of its alternatives (they may be empty, and may hold further brackets), and
//! `{name}` is what the slot `name` is bound to; `{Name}` is the same with a capital.

use super::random::Dice;

/// What the slots of a pattern stand for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slots(Vec<(&'static str, String)>);

impl Slots {
    /// Binds `name`; a later binding of the same name replaces an earlier one.
    pub(crate) fn bind(&mut self, name: &'static str, value: impl Into<String>) {
        let value = value.into();
        match self.0.iter_mut().find(|(bound, _)| *bound == name) {
            Some(slot) => slot.1 = value,
            None => self.0.push((name, value)),
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(bound, _)| *bound == name).map(|(_, value)| value.as_str())
    }

    /// The value of a slot as a pattern names it. An unbound one stays as it is written, for the tests to find.
    fn value(&self, name: &str) -> String {
        if let Some(value) = self.get(name) {
            return value.to_owned();
        }
        self.get(&name.to_lowercase()).map_or_else(|| format!("{{{name}}}"), capitalized)
    }
}

/// `text` with its first letter in upper case.
pub(crate) fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// One sentence or more from `pattern`: choices made, slots filled, spaces, articles and capitals put right.
pub(crate) fn say(pattern: &str, slots: &Slots, dice: &mut Dice) -> String {
    capitalize_sentences(&tidy(&expand(pattern, slots, dice)))
}

/// A part of a sentence from `pattern`: like [`say`], without a capital at its start.
pub(crate) fn fragment(pattern: &str, slots: &Slots, dice: &mut Dice) -> String {
    tidy(&expand(pattern, slots, dice))
}

fn expand(pattern: &str, slots: &Slots, dice: &mut Dice) -> String {
    let mut text = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(at) = rest.find(['[', '{']) {
        text.push_str(&rest[..at]);
        let (inner, after) = enclosed(&rest[at..]);
        if rest.as_bytes()[at] == b'{' {
            text.push_str(&slots.value(inner));
        } else {
            let alternatives = alternatives(inner);
            text.push_str(&expand(dice.pick(&alternatives), slots, dice));
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

/// What the bracket at the start of `text` encloses, and what follows it.
fn enclosed(text: &str) -> (&str, &str) {
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return (&text[1..at], &text[at + 1..]);
        }
    }
    (&text[1..], "")
}

fn alternatives(inner: &str) -> Vec<&str> {
    let mut depth = 0;
    inner
        .split(|character| {
            match character {
                '[' => depth += 1,
                ']' => depth -= 1,
                _ => {}
            }
            character == '|' && depth == 0
        })
        .collect()
}

/// One space between words, none before a stop, and `an` before a vowel. Line ends stay.
fn tidy(text: &str) -> String {
    text.split('\n').map(tidy_line).collect::<Vec<_>>().join("\n")
}

fn tidy_line(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
    let mut tidied = String::with_capacity(line.len());
    for (at, word) in words.iter().enumerate() {
        if at > 0 && !word.starts_with(['.', ',', '!', '?', ';', ':']) {
            tidied.push(' ');
        }
        tidied.push_str(word);
        let is_article = matches!(word.trim_start_matches('"'), "a" | "A");
        if is_article && words.get(at + 1).is_some_and(|next| takes_an(next)) {
            tidied.push('n');
        }
    }
    tidied
}

/// Whether `an` stands before `word`, by its sound.
pub(crate) fn takes_an(word: &str) -> bool {
    let word = word.to_lowercase();
    let sounds_like_a_consonant =
        ["one", "once", "use", "uni"].iter().any(|start| word.starts_with(start));
    word.starts_with(['a', 'e', 'i', 'o', 'u']) && !sounds_like_a_consonant
}

/// `word` after its article.
pub(crate) fn with_article(word: &str) -> String {
    format!("{} {word}", if takes_an(word) { "an" } else { "a" })
}

/// Capitals at the start and after each full stop; after other stops a quotation may go on in lower case.
fn capitalize_sentences(text: &str) -> String {
    let mut capitalized = String::with_capacity(text.len());
    let mut at_start = true;
    for (at, character) in text.char_indices() {
        if at_start && character.is_alphabetic() {
            capitalized.extend(character.to_uppercase());
        } else {
            capitalized.push(character);
        }
        let before = &text[..at];
        at_start = match character {
            '"' => at_start,
            ' ' => before.ends_with(['.', '!', '?']) || before.ends_with(".\""),
            '\n' => true,
            _ => false,
        };
    }
    capitalized
}

#[cfg(test)]
mod tests {
    use super::{Slots, fragment, say, with_article};
    use crate::corpus::random::Dice;
    use std::collections::BTreeSet;

    fn slots() -> Slots {
        let mut slots = Slots::default();
        slots.bind("hero", "the owl");
        slots.bind("thing", "red apple");
        slots.bind("thing", "apple");
        slots
    }

    fn said(pattern: &str) -> BTreeSet<String> {
        (0..200).map(|index| say(pattern, &slots(), &mut Dice::new(1, index))).collect()
    }

    fn set(texts: &[&str]) -> BTreeSet<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn a_choice_is_each_of_its_alternatives() {
        assert_eq!(
            said("It was [very [big|small]|old|]."),
            set(&["It was very big.", "It was very small.", "It was old.", "It was."])
        );
    }

    #[test]
    fn slots_are_filled_with_articles_and_capitals_put_right() {
        assert_eq!(
            said("a {thing} and a pear. {hero} saw it."),
            set(&["An apple and a pear. The owl saw it."])
        );
        assert_eq!(
            said("\"a {thing}!\" said {hero}. {Hero} ran"),
            set(&["\"An apple!\" said the owl. The owl ran"])
        );
        assert_eq!(said("\"no.\" \"a one,\" it said"), set(&["\"No.\" \"A one,\" it said"]));
        assert_eq!(fragment("a {thing}", &slots(), &mut Dice::new(0, 0)), "an apple");
        assert_eq!(with_article("used owl"), "a used owl");
    }

    #[test]
    fn an_unbound_slot_stays_visible() {
        assert_eq!(said("{hero} has {nothing}"), set(&["The owl has {nothing}"]));
    }
}
