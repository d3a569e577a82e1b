use std::fmt::Display;
use std::str::FromStr;

/// The part of a strategy string after the colon: `key=value` pairs with commas between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    pairs: Vec<(String, String)>,
}

/// An option that is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct OptionError(String);

impl OptionError {
    /// `value` of `key` is not one of the `allowed` values, which are put in words.
    pub fn invalid(key: &str, value: impl Display, allowed: &str) -> Self {
        Self(format!("option {key}={value} is not valid: it takes {allowed}"))
    }
}

impl Options {
    /// No options: defaults for everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the value of `key` out; `None` if it was not given.
    ///
    /// # Errors
    ///
    /// If the value does not parse as a `T`.
    pub fn take<T: FromStr>(&mut self, key: &str) -> Result<Option<T>, OptionError> {
        let Some(at) = self.pairs.iter().position(|(name, _)| name == key) else {
            return Ok(None);
        };
        let (_, value) = self.pairs.remove(at);
        match value.parse() {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(OptionError(format!("option {key}={value} cannot be read"))),
        }
    }

    /// Takes the value of `key` out, which is `on` or `off`; `None` if it was not given.
    ///
    /// # Errors
    ///
    /// If it is anything else.
    pub fn take_switch(&mut self, key: &str) -> Result<Option<bool>, OptionError> {
        match self.take::<String>(key)?.as_deref() {
            None => Ok(None),
            Some("on") => Ok(Some(true)),
            Some("off") => Ok(Some(false)),
            Some(other) => Err(OptionError::invalid(key, other, "on or off")),
        }
    }

    /// A switch as [`take_switch`](Self::take_switch) reads it.
    pub fn switch(on: bool) -> String {
        if on { "on" } else { "off" }.to_owned()
    }

    /// Checks that every option was taken.
    ///
    /// # Errors
    ///
    /// If one is left: `known` are the keys there are.
    pub fn finish(self, known: &[&str]) -> Result<(), OptionError> {
        let Some((key, _)) = self.pairs.first() else { return Ok(()) };
        Err(OptionError(if known.is_empty() {
            format!("unknown option {key}: this strategy has none")
        } else {
            format!("unknown option {key}: the options are {}", known.join(", "))
        }))
    }
}

impl FromStr for Options {
    type Err = OptionError;

    fn from_str(text: &str) -> Result<Self, OptionError> {
        let mut options = Self::default();
        for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let Some((key, value)) = pair.split_once('=') else {
                return Err(OptionError(format!("option {pair} has no value: write {pair}=VALUE")));
            };
            let (key, value) = (key.trim(), value.trim());
            if options.pairs.iter().any(|(name, _)| name == key) {
                return Err(OptionError(format!("option {key} is given twice")));
            }
            options.pairs.push((key.to_owned(), value.to_owned()));
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_pairs_once_each() {
        let mut options: Options = "w=5, n=4,fill=repeat".parse().unwrap();
        assert_eq!(options.take::<usize>("n"), Ok(Some(4)));
        assert_eq!(options.take::<usize>("n"), Ok(None));
        assert_eq!(options.take::<String>("fill"), Ok(Some("repeat".into())));
        let left = options.clone().finish(&["n", "fill"]).unwrap_err();
        assert_eq!(left.to_string(), "unknown option w: the options are n, fill");
        assert_eq!(options.take::<usize>("w"), Ok(Some(5)));
        assert_eq!(options.finish(&[]), Ok(()));
    }

    #[test]
    fn says_what_is_wrong() {
        let message = |text: &str| text.parse::<Options>().unwrap_err().to_string();
        assert_eq!(message("w"), "option w has no value: write w=VALUE");
        assert_eq!(message("w=1,w=2"), "option w is given twice");
        let mut options: Options = "w=five".parse().unwrap();
        let error = options.take::<usize>("w").unwrap_err();
        assert_eq!(error.to_string(), "option w=five cannot be read");
    }

    #[test]
    fn switches_are_on_or_off() {
        for on in [true, false] {
            let mut options: Options = format!("w={}", Options::switch(on)).parse().unwrap();
            assert_eq!(options.take_switch("w"), Ok(Some(on)));
            assert_eq!(options.take_switch("w"), Ok(None));
        }
        let error = "w=yes".parse::<Options>().unwrap().take_switch("w").unwrap_err();
        assert_eq!(error.to_string(), "option w=yes is not valid: it takes on or off");
    }
}
