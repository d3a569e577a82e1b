//! A style for each source of guesses, told apart without colours too.

use console::Style;

use crate::strategy_list::BASELINE;

/// Styles by the number of the source in the strategy string.
pub(crate) struct Palette {
    sources: Vec<Marked>,
}

struct Marked {
    name: &'static str,
    style: Style,
    /// Tokens of the output that this source guessed.
    guessed: usize,
}

impl Palette {
    /// One style for each name but plain decoding's; a name that is there twice counts once.
    pub(crate) fn new(names: impl IntoIterator<Item = &'static str>) -> Self {
        let mut sources: Vec<Marked> = Vec::new();
        for name in names {
            if name != BASELINE && sources.iter().all(|source| source.name != name) {
                let style = style(sources.len());
                sources.push(Marked { name, style, guessed: 0 });
            }
        }
        Self { sources }
    }

    /// A token's text in the style of the first of the sources that guessed it, and counts it for all of them.
    pub(crate) fn mark<'a>(
        &mut self,
        text: &str,
        guessed_by: impl Iterator<Item = &'a str>,
    ) -> String {
        let mut first = None;
        for name in guessed_by {
            if let Some(number) = self.sources.iter().position(|source| source.name == name) {
                self.sources[number].guessed += 1;
                first.get_or_insert(number);
            }
        }
        match first {
            Some(number) => self.sources[number].style.apply_to(text).to_string(),
            None => text.to_owned(),
        }
    }

    /// What the styles mean.
    pub(crate) fn legend(&self) -> String {
        if self.sources.is_empty() {
            return "Nothing is marked: plain decoding guesses nothing.".to_owned();
        }
        let names: Vec<String> = self
            .sources
            .iter()
            .map(|source| format!("guessed by {}", source.style.apply_to(source.name)))
            .collect();
        format!("Marked: {}. Unmarked: the model's own next token.", names.join(", "))
    }

    /// How many of the tokens each source guessed; `None` if there is no source.
    pub(crate) fn counts(&self, tokens: usize) -> Option<String> {
        let count = |source: &Marked| {
            format!("{} guessed {}", source.style.apply_to(source.name), source.guessed)
        };
        let counts: Vec<String> = self.sources.iter().map(count).collect();
        (!counts.is_empty()).then(|| format!("Of {tokens} tokens {}.", counts.join(", ")))
    }
}

/// Colours differ, and so do the attributes for whoever sees none.
fn style(number: usize) -> Style {
    let plain = Style::new().force_styling(true);
    match number % 6 {
        0 => plain.cyan().underlined(),
        1 => plain.green().bold(),
        2 => plain.magenta().italic(),
        3 => plain.yellow().reverse(),
        4 => plain.blue().bold().underlined(),
        _ => plain.red().bold().italic(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_source_gives_the_style_and_all_are_counted() {
        let mut palette = Palette::new(["lookahead", "prompt-lookup", "lookahead"]);
        assert_eq!(palette.mark("a", std::iter::empty()), "a");
        let both = palette.mark("b", ["prompt-lookup", "lookahead"].into_iter());
        assert_eq!(both, style(1).apply_to("b").to_string());
        let counts = palette.counts(2).unwrap();
        assert_eq!(
            console::strip_ansi_codes(&counts),
            "Of 2 tokens lookahead guessed 1, prompt-lookup guessed 1."
        );
    }

    #[test]
    fn plain_decoding_marks_nothing() {
        let palette = Palette::new([BASELINE]);
        assert!(palette.legend().starts_with("Nothing is marked"));
        assert_eq!(palette.counts(2), None);
    }

    #[test]
    fn styles_differ_without_colours() {
        let attributes = |number: usize| {
            let text = style(number).apply_to("x").to_string();
            let codes = text.split('x').next().unwrap_or_default().to_owned();
            let colours = [
                "\u{1b}[31m",
                "\u{1b}[32m",
                "\u{1b}[33m",
                "\u{1b}[34m",
                "\u{1b}[35m",
                "\u{1b}[36m",
            ];
            colours.iter().fold(codes, |codes, colour| codes.replace(colour, ""))
        };
        let all: std::collections::HashSet<String> = (0..6).map(attributes).collect();
        assert_eq!(all.len(), 6, "{all:?}");
    }
}
