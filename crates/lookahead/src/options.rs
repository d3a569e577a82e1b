use foretoken_core::{OptionError, Options, Strategy};

use crate::{Config, Lookahead};

impl Strategy for Lookahead {
    const NAME: &'static str = "lookahead";
    const SUMMARY: &'static str =
        "n-grams from a window of trajectories, guessed by the last token";
    const OPTIONS: &'static [(&'static str, &'static str)] = &[
        ("w", "columns of the window, 1 to 256; default 5"),
        ("n", "length of the n-grams, 2 to 64; default 4"),
        ("g", "n-grams kept and guessed for one key, 1 to 256; default 5"),
        ("advance", "how far the window moves after a step: one or accepted; default one"),
        ("prompt", "also keep the prompt's n-grams: on or off; default on"),
        ("output", "also keep the output's n-grams: on or off; default on"),
        ("capacity", "n-grams kept in all, 1 to 16777216; default 16384"),
        ("keep", "keep the n-grams for the next sequence: on or off; default off"),
        ("adaptive", "run no more of the window than pays: on or off; default on"),
        ("seed", "seeds the draws of start values; default 0"),
    ];

    fn from_options(options: &mut Options) -> Result<Self, OptionError> {
        let mut config = Config::default();
        set(&mut config.window, options.take("w")?);
        set(&mut config.ngram, options.take("n")?);
        set(&mut config.guesses, options.take("g")?);
        if let Some(advance) = options.take::<String>("advance")? {
            config.advance = advance.parse()?;
        }
        set(&mut config.prompt, options.take_switch("prompt")?);
        set(&mut config.output, options.take_switch("output")?);
        set(&mut config.capacity, options.take("capacity")?);
        set(&mut config.keep, options.take_switch("keep")?);
        set(&mut config.adaptive, options.take_switch("adaptive")?);
        set(&mut config.seed, options.take("seed")?);
        Ok(Self::new(config)?)
    }

    fn options(&self) -> Vec<(&'static str, String)> {
        let Config { window, ngram, guesses, advance, .. } = self.config();
        let Config { prompt, output, capacity, keep, adaptive, seed, .. } = self.config();
        vec![
            ("w", window.to_string()),
            ("n", ngram.to_string()),
            ("g", guesses.to_string()),
            ("advance", advance.to_string()),
            ("prompt", Options::switch(prompt)),
            ("output", Options::switch(output)),
            ("capacity", capacity.to_string()),
            ("keep", Options::switch(keep)),
            ("adaptive", Options::switch(adaptive)),
            ("seed", seed.to_string()),
        ]
    }
}

fn set<T>(setting: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *setting = given;
    }
}
