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
    /// One look for each name; the first strategy is plain decoding.
    ///
    /// A source looks like the strategy of its name, or like the only one of its name with options, as `lookahead:w=5`.
    pub(super) fn new<'a>(
        strategies: impl IntoIterator<Item = &'a str>,
        sources: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let (mut looks, mut letters) = (Self(Vec::new()), HashSet::new());
        for name in strategies {
            if !looks.knows(name) {
                looks.add(name, &mut letters);
            }
        }
        for name in sources {
            if looks.knows(name) {
                continue;
            }
            match looks.with_options(name) {
                Some(look) => looks.0.push(Look { name: name.to_owned(), ..look }),
                None => looks.add(name, &mut letters),
            }
        }
        looks
    }

    fn knows(&self, name: &str) -> bool {
        self.0.iter().any(|look| look.name == name)
    }

    fn add(&mut self, name: &str, letters: &mut HashSet<char>) {
        let number = self.0.len();
        let colour = if number == 0 { 0 } else { (number - 1) % COLOURS + 1 };
        let own = name.chars().filter(char::is_ascii_alphanumeric);
        let any = ('A'..='Z').chain('0'..='9').chain('a'..='z');
        let mut free = own.map(|letter| letter.to_ascii_uppercase()).chain(any);
        let letter = match number {
            0 => Some('–'),
            _ => free.find(|letter| letters.insert(*letter)),
        };
        self.0.push(Look {
            name: name.to_owned(),
            class: format!("c{colour} u{}", number % LINES),
            letter: letter.unwrap_or('*').to_string(),
            shape: number,
        });
    }

    /// The look of the only name that is this one with options.
    fn with_options(&self, name: &str) -> Option<Look> {
        let options = |look: &&Look| {
            let rest = look.name.strip_prefix(name);
            rest.is_some_and(|rest| rest.starts_with(':') && !rest.contains('+'))
        };
        let mut kind = self.0.iter().filter(options);
        kind.next().filter(|_| kind.next().is_none()).cloned()
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
        let looks = Looks::new(["plain", "auto", "suffix"], ["suffix", "recycling", "runs"]);
        assert_eq!(looks.0.len(), 5);
        assert_eq!(
            (looks.of("auto").letter.as_str(), looks.of("runs").letter.as_str()),
            ("A", "U")
        );
        assert_eq!(looks.of("plain").class, "c0 u0");

        let options = ["plain", "lookahead:w=5", "jacobi:window=2", "jacobi:window=4"];
        let looks = Looks::new(options, ["lookahead", "jacobi"]);
        assert_eq!(looks.of("lookahead").class, looks.of("lookahead:w=5").class);
        assert!(options.iter().all(|name| looks.of("jacobi").class != looks.of(name).class));

        let names: Vec<String> = (0..35).map(|number| format!("source-{number}")).collect();
        let looks = Looks::new(names.iter().map(String::as_str), []);
        let classes: HashSet<&str> = looks.0[1..].iter().map(|look| look.class.as_str()).collect();
        let letters: HashSet<&str> = looks.0.iter().map(|look| look.letter.as_str()).collect();
        assert_eq!((classes.len(), letters.len()), (34, 35));
    }
}
