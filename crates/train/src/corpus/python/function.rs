//! A Python function as text.

use std::fmt::Write;

/// A function whose examples show the values that it returns.
#[derive(Clone, Debug)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) parameters: Vec<String>,
    /// What it does, as a verb and what follows it: "return the sum of two numbers".
    pub(super) purpose: String,
    /// The lines of the body, without the indentation that all of them share.
    pub(super) body: Vec<String>,
    /// The arguments of calls, and what they return.
    pub(super) examples: Vec<(String, String)>,
}

impl Function {
    pub(super) fn new(name: &str, parameters: &[&str], purpose: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            parameters: parameters.iter().map(|&parameter| parameter.to_owned()).collect(),
            purpose: purpose.into(),
            body: Vec::new(),
            examples: Vec::new(),
        }
    }

    /// The body, as lines of `text`. `@` stands for the first parameter and `$` for the second.
    pub(super) fn body(mut self, text: &str) -> Self {
        for line in text.lines() {
            let mut line = line.to_owned();
            for (mark, parameter) in ["@", "$"].iter().zip(&self.parameters) {
                line = line.replace(mark, parameter);
            }
            self.body.push(line);
        }
        self
    }

    /// One more example. A call that is shown already is left out.
    pub(super) fn example(
        mut self,
        arguments: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        let arguments = arguments.into();
        if self.examples.iter().all(|(shown, _)| *shown != arguments) {
            self.examples.push((arguments, value.into()));
        }
        self
    }

    /// The docstring's first line.
    pub(super) fn summary(&self) -> String {
        let purpose = crate::corpus::phrase::capitalized(&self.purpose);
        format!("{purpose}.")
    }

    /// The purpose after "a function that": the verb in its third person.
    pub(super) fn request(&self) -> String {
        let (verb, rest) = self.purpose.split_once(' ').unwrap_or((&self.purpose, ""));
        let ending = if verb.ends_with("ch") || verb.ends_with('s') { "es" } else { "s" };
        format!("{verb}{ending} {rest}")
    }

    /// The source text, ending in a newline.
    pub(super) fn code(&self) -> String {
        let mut code = format!(
            "def {}({}):\n    \"\"\"{}",
            self.name,
            self.parameters.join(", "),
            self.summary()
        );
        if self.examples.is_empty() {
            code.push_str("\"\"\"\n");
        } else {
            code.push_str("\n\n");
            for (arguments, value) in &self.examples {
                let _ = writeln!(code, "    >>> {}({arguments})\n    {value}", self.name);
            }
            code.push_str("    \"\"\"\n");
        }
        for line in &self.body {
            let _ = writeln!(code, "    {line}");
        }
        code
    }
}
