//! What an output must look like, as options.

use std::fs;

use anyhow::Context;
use clap::Args;
use foretoken::{
    CandidateSource, Constraint, Forced,
    candle::Tokenizer,
    grammar::{self, Grammar, JsonSpace},
    strategy::Spec,
};

use crate::strategy_list::BASELINE;

/// The name under which guesses at forced text are counted.
pub(crate) const FORCED: &str = "forced";

/// What an output must look like. Without any of these it is free.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Structured output")]
pub(crate) struct StructureArgs {
    /// The output is JSON that this schema describes: a file, or the schema itself.
    #[arg(long, value_name = "FILE|JSON", conflicts_with = "regex")]
    json_schema: Option<String>,
    /// With --json-schema: no white space between the values, which is faster.
    #[arg(long, requires = "json_schema", conflicts_with = "regex")]
    json_compact: bool,
    /// This regular expression matches the whole output.
    #[arg(long, value_name = "RE", allow_hyphen_values = true)]
    regex: Option<String>,
}

/// The same, read.
#[derive(Clone, Debug)]
pub(crate) enum Structure {
    Schema { text: String, space: JsonSpace },
    Regex(String),
}

impl StructureArgs {
    /// What the arguments name, if they name anything.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(crate) fn read(&self) -> anyhow::Result<Option<Structure>> {
        if let Some(pattern) = &self.regex {
            return Ok(Some(Structure::Regex(pattern.clone())));
        }
        let Some(schema) = &self.json_schema else { return Ok(None) };
        let text = if schema.trim_start().starts_with('{') {
            schema.clone()
        } else {
            fs::read_to_string(schema)
                .with_context(|| format!("cannot read the JSON schema {schema}"))?
        };
        let space = if self.json_compact { JsonSpace::None } else { JsonSpace::Free };
        Ok(Some(Structure::Schema { text, space }))
    }
}

impl Structure {
    /// The constraint for a model's tokens.
    ///
    /// # Errors
    /// What is wrong with the schema or the expression.
    pub(crate) fn grammar(&self, tokenizer: &Tokenizer) -> anyhow::Result<Grammar> {
        let vocabulary = grammar::vocabulary(tokenizer)?;
        Ok(match self {
            Self::Schema { text, space } => {
                Grammar::json_schema_with(text, *space, &vocabulary).context("--json-schema")?
            }
            Self::Regex(pattern) => Grammar::regex(pattern, &vocabulary).context("--regex")?,
        })
    }
}

/// The names of a strategy's sources, that of guesses at forced text included.
pub(crate) fn names(
    spec: &Spec,
    constraint: Option<&dyn Constraint>,
) -> impl Iterator<Item = &'static str> {
    constraint.filter(|_| guesses(spec)).map(|_| FORCED).into_iter().chain(spec.names())
}

/// Whether a strategy is more than plain decoding.
fn guesses(spec: &Spec) -> bool {
    spec.names().any(|name| name != BASELINE)
}

/// A strategy's source, and with a constraint the one that guesses what it forces. Plain decoding guesses nothing.
pub(crate) fn with_forced(
    spec: &Spec,
    source: Box<dyn CandidateSource>,
    constraint: Option<&dyn Constraint>,
) -> Box<dyn CandidateSource> {
    match constraint {
        Some(constraint) if guesses(spec) => Box::new((Forced::new(constraint.fork()), source)),
        _ => source,
    }
}
