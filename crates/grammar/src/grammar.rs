use std::fmt;

use foretoken_core::{Constraint, Context, Token, TokenMask, TokenSet};
use llguidance::api::TopLevelGrammar;
use llguidance::{Matcher, regex_to_lark};
use serde_json::{Value, json};

use crate::foresight::Foresight;
use crate::matching::Matching;
use crate::{GrammarError, GrammarErrorKind, Vocabulary};

/// Which texts may come out, as a [`Constraint`].
///
/// The whole output matches, from its first token on; it may end where it does.
/// Any tokens that spell an allowed text are allowed, so the model says it the
/// way it would.
///
/// A text may turn out to be absurdly hard to match; nothing is allowed from
/// there on, so decoding fails with
/// [`NoTokenLeft`](foretoken_core::DecodeErrorKind::NoTokenLeft).
pub struct Grammar {
    matching: Matching,
    foresight: Foresight,
}

/// The white space between the parts of a JSON text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonSpace {
    /// As the model likes: nothing, a space, or a line break with indentation.
    #[default]
    Free,
    /// None, so that all between the values is forced and need not be chosen.
    None,
}

/// One space, or a line break with indentation; models left alone with white
/// space may go on with it for ever.
const SPACE: &str = r" |\n[ \t]{0,40}";

impl Grammar {
    /// JSON texts that a schema describes, with the properties of an object in
    /// the schema's order.
    ///
    /// References stay within the schema (`#/$defs/...`).
    ///
    /// # Errors
    ///
    /// [`Json`](GrammarErrorKind::Json), [`Schema`](GrammarErrorKind::Schema),
    /// [`Unsupported`](GrammarErrorKind::Unsupported) or
    /// [`NeverMatches`](GrammarErrorKind::NeverMatches).
    pub fn json_schema(schema: &str, vocabulary: &Vocabulary) -> Result<Self, GrammarError> {
        Self::json_schema_with(schema, JsonSpace::default(), vocabulary)
    }

    /// The same with a say on white space.
    ///
    /// # Errors
    ///
    /// As [`json_schema`](Self::json_schema).
    pub fn json_schema_with(
        schema: &str,
        space: JsonSpace,
        vocabulary: &Vocabulary,
    ) -> Result<Self, GrammarError> {
        let mut schema: Value = serde_json::from_str(schema)
            .map_err(|error| GrammarError::new(GrammarErrorKind::Json, error))?;
        if let Value::Bool(true) = schema {
            schema = json!({});
        }
        let Value::Object(members) = &mut schema else {
            let detail = match schema {
                Value::Bool(false) => {
                    return Err(never("the schema false describes nothing"));
                }
                _ => "it must be an object such as {\"type\": \"object\"}",
            };
            return Err(GrammarError::new(GrammarErrorKind::Schema, detail));
        };
        let settings = match space {
            JsonSpace::Free => json!({ "whitespace_pattern": SPACE }),
            JsonSpace::None => json!({ "whitespace_flexible": false }),
        };
        members.entry(SETTINGS).or_insert(settings);
        Self::new(TopLevelGrammar::from_json_schema(schema), vocabulary, |message| {
            if message.contains("Unsatisfiable") {
                GrammarErrorKind::NeverMatches
            } else if UNSUPPORTED.iter().any(|words| message.contains(words)) {
                GrammarErrorKind::Unsupported
            } else {
                GrammarErrorKind::Schema
            }
        })
    }

    /// Texts that a regular expression matches as a whole, so that `^` at its
    /// beginning and `$` at its end change nothing. The syntax is that of the
    /// crate `regex`, without other assertions such as `\b`.
    ///
    /// # Errors
    ///
    /// [`Regex`](GrammarErrorKind::Regex), [`Unsupported`](GrammarErrorKind::Unsupported) or
    /// [`NeverMatches`](GrammarErrorKind::NeverMatches).
    pub fn regex(pattern: &str, vocabulary: &Vocabulary) -> Result<Self, GrammarError> {
        let wrong = |detail: String| GrammarError::new(GrammarErrorKind::Regex, detail);
        regex_syntax::parse(pattern).map_err(|error| {
            wrong(match &error {
                regex_syntax::Error::Parse(error) => {
                    format!("{} at byte {}", error.kind(), error.span().start.offset)
                }
                regex_syntax::Error::Translate(error) => {
                    format!("{} at byte {}", error.kind(), error.span().start.offset)
                }
                error => error.to_string(),
            })
        })?;
        let whole = without_anchors(pattern);
        if whole.is_empty() {
            return Err(wrong("it is empty, so there is nothing to say".to_owned()));
        }
        let grammar = format!("start: /{}/", regex_to_lark(whole, ""));
        Self::new(TopLevelGrammar::from_lark(grammar), vocabulary, |_| {
            GrammarErrorKind::Unsupported
        })
    }

    /// Texts that a context-free grammar in llguidance's dialect of Lark
    /// describes, from its rule `start` on.
    ///
    /// # Errors
    ///
    /// [`Grammar`](GrammarErrorKind::Grammar) or [`NeverMatches`](GrammarErrorKind::NeverMatches).
    pub fn lark(grammar: &str, vocabulary: &Vocabulary) -> Result<Self, GrammarError> {
        Self::new(TopLevelGrammar::from_lark(grammar.to_owned()), vocabulary, |_| {
            GrammarErrorKind::Grammar
        })
    }

    fn new(
        grammar: TopLevelGrammar,
        vocabulary: &Vocabulary,
        kind: impl Fn(&str) -> GrammarErrorKind,
    ) -> Result<Self, GrammarError> {
        let parser = vocabulary.factory().create_parser(grammar).map_err(|error| {
            let message = error.to_string();
            GrammarError::new(kind(&message), message)
        })?;
        let mut matching = Matching::new(Matcher::new(Ok(parser)), vocabulary.clone());
        if !matching.allows_anything(&[]) {
            return Err(never("no text of this vocabulary begins so"));
        }
        Ok(Self { matching, foresight: Foresight::default() })
    }
}

/// The member of a schema with the compiler's settings.
const SETTINGS: &str = "x-guidance";

/// What the compiler says of schemas that are valid but beyond it.
const UNSUPPORTED: [&str; 3] = ["Unimplemented", "not supported", "only supported"];

fn never(detail: &str) -> GrammarError {
    GrammarError::new(GrammarErrorKind::NeverMatches, detail)
}

/// The pattern without `^` before it and `$` after it.
fn without_anchors(pattern: &str) -> &str {
    let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
    match pattern.strip_suffix('$') {
        Some(rest) if (rest.len() - rest.trim_end_matches('\\').len()) % 2 == 0 => rest,
        _ => pattern,
    }
}

impl Constraint for Grammar {
    fn allow(&mut self, context: &Context<'_>, allowed: &mut TokenMask) {
        let ends = ends(context.end_of_sequence, allowed);
        match self.matching.allowed(context.emitted()) {
            Some(set) => {
                allowed.intersect(set.words);
                for &end in &ends {
                    allowed.remove(end);
                    if set.end {
                        allowed.insert(end);
                    }
                }
            }
            None => allowed.clear(),
        }
    }

    fn permits(&mut self, context: &Context<'_>, token: Token) -> bool {
        let token = (!context.end_of_sequence.contains(token)).then_some(token);
        self.matching.permits(context.emitted(), token)
    }

    fn foresee(&mut self, context: &Context<'_>, most: usize) -> Vec<(Token, f32)> {
        self.foresight.foresee(&mut self.matching, context, most)
    }

    fn fork(&self) -> Box<dyn Constraint> {
        Box::new(Self { matching: self.matching.fork(), foresight: self.foresight.clone() })
    }
}

/// The tokens of `mask` that end the sequence.
fn ends(end_of_sequence: &TokenSet, mask: &TokenMask) -> Vec<Token> {
    end_of_sequence.as_slice().iter().copied().filter(|&end| mask.contains(end)).collect()
}

impl fmt::Debug for Grammar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grammar").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::without_anchors;

    #[test]
    fn anchors_around_the_whole_are_dropped() {
        for (pattern, bare) in
            [("^ab$", "ab"), ("ab", "ab"), (r"a\$", r"a\$"), (r"a\\$", r"a\\"), ("^$", "")]
        {
            assert_eq!(without_anchors(pattern), bare);
        }
    }
}
