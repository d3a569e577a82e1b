//! How strategies and sources look: everywhere alike, and told apart without colours.

use std::collections::HashSet;

use serde::Serialize;

/// Colours beside the grey of plain decoding; the style sheet has as many.
const COLOURS: usize = 7;

/// Ways to underline; the style sheet has as many.
const LINES: usize = 5;

/// The look of one name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Look {
    /// What looks so.
    pub(super) name: String,
    /// Classes of the style sheet: a colour, and a way to underline and to dash.
    pub(super) class: String,
    /// A letter or digit, of this name alone.
    pub(super) letter: String,
    /// The number of its mark.
    pub(super) shape: usize,
}

/// The looks of all names.
#[derive(Debug)]
pub(super) struct Looks(Vec<Look>);

impl Looks {
    /// One look for each name, the first of which is plain decoding; a name that is there twice has one.
    pub(super) fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut looks: Vec<Look> = Vec::new();
        let mut letters = HashSet::new();
        for name in names {
            if looks.iter().any(|look| look.name == name) {
                continue;
            }
            let number = looks.len();
            let colour = if number == 0 { 0 } else { (number - 1) % COLOURS + 1 };
            let own = name.chars().filter(char::is_ascii_alphanumeric);
            let any = ('A'..='Z').chain('0'..='9').chain('a'..='z');
            let letter = own
                .map(|letter| letter.to_ascii_uppercase())
                .chain(any)
                .find(|letter| letters.insert(*letter));
            looks.push(Look {
                name: name.to_owned(),
                class: format!("c{colour} u{}", number % LINES),
                letter: letter.unwrap_or('*').to_string(),
                shape: number,
            });
        }
        Self(looks)
    }

    /// The look of a name; that of plain decoding for one that is not known.
    pub(super) fn of(&self, name: &str) -> &Look {
        self.0.iter().find(|look| look.name == name).unwrap_or(&self.0[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strategy_and_its_source_look_alike_and_all_others_differ() {
        let looks = Looks::new(["plain", "auto", "suffix", "suffix", "recycling", "runs"]);
        assert_eq!(looks.0.len(), 5);
        assert_eq!(looks.of("recycling").letter, "R");
        assert_eq!(looks.of("runs").letter, "U");
        assert_eq!(looks.of("plain").class, "c0 u0");

        let names: Vec<String> = (0..35).map(|number| format!("source-{number}")).collect();
        let looks = Looks::new(names.iter().map(String::as_str));
        let classes: HashSet<&str> = looks.0[1..].iter().map(|look| look.class.as_str()).collect();
        let letters: HashSet<&str> = looks.0.iter().map(|look| look.letter.as_str()).collect();
        assert_eq!((classes.len(), letters.len()), (34, 35));
    }
}
