use std::fmt;
use std::str::FromStr;

use super::registry::{self, Built, Entry};
#[cfg(feature = "pool")]
use crate::Strategy as _;
#[cfg(feature = "pool")]
use crate::pool::{SharedPool, Suffix};
use crate::{CandidateSource, OptionError, Options};

/// A strategy string, parsed and validated.
///
/// It prints in a canonical form: options in the strategy's own order, those
/// with their default values left out. Parsing that form gives an equal spec.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Spec {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Part {
    name: &'static str,
    /// Those that differ from the defaults.
    options: Vec<(&'static str, String)>,
}

/// Why a string is no strategy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// No strategy has this name.
    #[error("unknown strategy {name:?}: the strategies are {known}; combine them with +")]
    UnknownStrategy {
        /// The name that was given.
        name: String,
        /// All names, with commas between.
        known: String,
    },
    /// An option of a strategy is not valid.
    #[error("strategy {strategy}: {error}")]
    Option {
        /// The strategy.
        strategy: &'static str,
        /// What is wrong.
        error: OptionError,
    },
}

impl Spec {
    /// A fresh source: a composition if the string names several.
    pub fn build(&self) -> Box<dyn CandidateSource> {
        together(self.parts.iter().map(Part::build).collect())
    }

    /// The same with a pool that sequences share: the first `suffix` or `auto` mixes it in with its own text. Where there is
    /// none, it is a source more.
    #[cfg(feature = "pool")]
    pub fn build_with(&self, pool: &SharedPool) -> Box<dyn CandidateSource> {
        let mut pool = Some(pool);
        let mut sources = Vec::with_capacity(self.parts.len() + 1);
        for part in &self.parts {
            let shared = pool.and_then(|pool| part.build_with(pool));
            if shared.is_some() {
                pool = None;
            }
            sources.push(shared.unwrap_or_else(|| part.build()));
        }
        if let Some(pool) = pool {
            sources.push(Box::new(Suffix::default().with_shared(pool.clone())));
        }
        together(sources)
    }

    /// The names of its sources, in order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.parts.iter().map(|part| part.name)
    }
}

impl Part {
    fn parse(text: &str) -> Result<Self, SpecError> {
        let (name, options) = text.split_once(':').unwrap_or((text, ""));
        let entry = find(name.trim())?;
        let invalid = |error| SpecError::Option { strategy: entry.name, error };
        let Built { options, .. } =
            options.parse().and_then(|options| entry.build(options)).map_err(invalid)?;
        let defaults = entry.build(Options::new()).map_err(invalid)?.options;
        let options = options.into_iter().filter(|option| !defaults.contains(option)).collect();
        Ok(Self { name: entry.name, options })
    }

    fn build(&self) -> Box<dyn CandidateSource> {
        let options = self.options_text().parse::<Options>();
        find(self.name)
            .ok()
            .zip(options.ok())
            .and_then(|(entry, options)| entry.build(options).ok())
            .expect("a parsed spec was built once already from these options")
            .source
    }

    /// A source that has a pool, if this one can.
    #[cfg(feature = "pool")]
    fn build_with(&self, pool: &SharedPool) -> Option<Box<dyn CandidateSource>> {
        #[cfg(feature = "lookahead")]
        if self.name == super::Auto::NAME {
            return Some(Box::new(super::Auto::default().with_shared(pool.clone())));
        }
        if self.name != Suffix::NAME {
            return None;
        }
        let mut options = self.options_text().parse().ok()?;
        let suffix = Suffix::from_options(&mut options).ok()?;
        Some(Box::new(suffix.with_shared(pool.clone())))
    }

    fn options_text(&self) -> String {
        let pairs: Vec<String> =
            self.options.iter().map(|(key, value)| format!("{key}={value}")).collect();
        pairs.join(",")
    }
}

/// A composition, if there are several.
fn together(mut sources: Vec<Box<dyn CandidateSource>>) -> Box<dyn CandidateSource> {
    match sources.len() {
        1 => sources.remove(0),
        _ => Box::new(sources),
    }
}

fn find(name: &str) -> Result<&'static Entry, SpecError> {
    registry::all().iter().find(|entry| entry.name == name).ok_or_else(|| {
        let known: Vec<&str> = registry::all().iter().map(|entry| entry.name).collect();
        SpecError::UnknownStrategy { name: name.to_owned(), known: known.join(", ") }
    })
}

impl FromStr for Spec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        let parts = text.split('+').map(Part::parse).collect::<Result<_, _>>()?;
        Ok(Self { parts })
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                f.write_str("+")?;
            }
            f.write_str(part.name)?;
            if !part.options.is_empty() {
                write!(f, ":{}", part.options_text())?;
            }
        }
        Ok(())
    }
}
