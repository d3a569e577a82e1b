//! A conversation as the prompt a model was trained on.
//!
//! Chat models ship a Jinja template that writes messages the way they saw them in training.
//! [`ChatTemplate`] renders it as the reference implementation does: blocks trimmed, Python's
//! string and dictionary methods known, and `raise_exception` and `strftime_now` (UTC) given.

mod date;
mod failure;

use std::{collections::HashMap, path::Path};

use candle_core::quantized::gguf_file::Value;
use minijinja::{Environment, ErrorKind, context, syntax::SyntaxConfig};
use serde::{Deserialize, Serialize};

pub(crate) use failure::Failure;

use crate::{
    error::{Error, Kind, read_json},
    tokenizer::token_text,
};
use failure::describe;

/// Steps that a template may take: a conversation of thousands of turns takes fewer, and one that never ends is stopped.
const MOST_STEPS: u64 = 20_000_000;

/// The name of the one template in its environment.
const TEMPLATE: &str = "chat";

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks: `system`, `user` or `assistant` in most templates.
    pub role: String,
    /// What they say.
    pub content: String,
}

impl Message {
    /// A message by anyone.
    pub fn new(role: impl Into<String>, content: impl Into<String>) -> Self {
        Self { role: role.into(), content: content.into() }
    }

    /// How the model should behave.
    pub fn system(content: impl Into<String>) -> Self {
        Self::new("system", content)
    }

    /// What the user says.
    pub fn user(content: impl Into<String>) -> Self {
        Self::new("user", content)
    }

    /// What the model said.
    pub fn assistant(content: impl Into<String>) -> Self {
        Self::new("assistant", content)
    }
}

/// A model's chat template, parsed.
///
/// ```
/// use foretoken_candle::chat::{ChatTemplate, Message};
///
/// let source = "{% for m in messages %}[{{ m.role }}] {{ m.content.strip() }}\n{% endfor %}\
///               {% if add_generation_prompt %}[assistant]{% endif %}";
/// let template = ChatTemplate::new(source, "<s>", "</s>")?;
/// let prompt = template.render(&[Message::user(" Hi! ")], true)?;
/// assert_eq!(prompt, "[user] Hi!\n[assistant]");
/// # Ok::<(), foretoken_candle::Error>(())
/// ```
#[derive(Debug)]
pub struct ChatTemplate {
    environment: Environment<'static>,
    bos: String,
    eos: String,
}

impl ChatTemplate {
    /// Parses a template; `bos` and `eos` are the texts of the tokens that begin and end a
    /// sequence, empty where there are none.
    ///
    /// # Errors
    /// A template that is not valid Jinja, with the line.
    pub fn new(
        source: impl Into<String>,
        bos: impl Into<String>,
        eos: impl Into<String>,
    ) -> Result<Self, Error> {
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_fuel(Some(MOST_STEPS));
        environment.set_syntax(syntax.map_err(|error| Failure::Invalid(describe(&error)))?);
        environment
            .set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", raise_exception);
        environment.add_function("strftime_now", |pattern: String| date::strftime_now(&pattern));
        environment
            .add_template_owned(TEMPLATE, source.into())
            .map_err(|error| Failure::Invalid(describe(&error)))?;
        Ok(Self { environment, bos: bos.into(), eos: eos.into() })
    }

    /// The template in a GGUF file's metadata; `None` if it has none, as base models do.
    ///
    /// # Errors
    /// A template that is not valid Jinja.
    pub fn from_gguf(metadata: &HashMap<String, Value>) -> Result<Option<Self>, Error> {
        let Some(Value::String(source)) = metadata.get("tokenizer.chat_template") else {
            return Ok(None);
        };
        let token = |key: &str| {
            let id = metadata.get(key)?.to_u64().ok()?;
            let tokens = metadata.get("tokenizer.ggml.tokens")?.to_vec().ok()?;
            tokens.get(usize::try_from(id).ok()?)?.to_string().ok().cloned()
        };
        let bos = token("tokenizer.ggml.bos_token_id").unwrap_or_default();
        let eos = token("tokenizer.ggml.eos_token_id").unwrap_or_default();
        Self::new(source, bos, eos).map(Some)
    }

    /// The template of a model kept as separate files: `chat_template` in `tokenizer_config.json`,
    /// else `chat_template.jinja` beside it. `None` if it has neither.
    ///
    /// # Errors
    /// A file that cannot be read or is not valid JSON; a template that is not valid Jinja.
    pub fn from_file(tokenizer_config: impl AsRef<Path>) -> Result<Option<Self>, Error> {
        let path = tokenizer_config.as_ref();
        let config = read_json(path)?;
        let bos = token_text(&config["bos_token"]).unwrap_or_default();
        let eos = token_text(&config["eos_token"]).unwrap_or_default();
        let source = match &config["chat_template"] {
            serde_json::Value::Null => {
                let path = path.with_file_name("chat_template.jinja");
                if !path.is_file() {
                    return Ok(None);
                }
                std::fs::read_to_string(&path).map_err(|source| Kind::Read { path, source })?
            }
            value => template_text(value).ok_or_else(|| Failure::Config {
                path: path.display().to_string(),
                problem: "chat_template is neither text nor a list with a template named default",
            })?,
        };
        Self::new(source, bos, eos).map(Some)
    }

    /// The conversation as one prompt, ending where the model should go on if
    /// `add_generation_prompt`.
    ///
    /// Templates spell out control tokens, often with the one that begins a sequence: encode the
    /// result with [`Special::ALL`](crate::tokenizer::Special::ALL).
    ///
    /// # Errors
    /// Messages that the template does not allow (an unknown role, two user turns in a row), in
    /// its own words; a template that fails.
    pub fn render(
        &self,
        messages: &[Message],
        add_generation_prompt: bool,
    ) -> Result<String, Error> {
        let messages: Vec<minijinja::Value> = messages
            .iter()
            .map(|Message { role, content }| context! { role => role.as_str(), content => content.as_str() })
            .collect();
        let values = context! {
            messages,
            add_generation_prompt,
            bos_token => self.bos.as_str(),
            eos_token => self.eos.as_str(),
        };
        let rendered = self
            .environment
            .get_template(TEMPLATE)
            .and_then(|template| template.render(values))
            .map_err(|error| match raised(&error) {
                Some(message) => Failure::Refused(message.to_owned()),
                None => Failure::Render(describe(&error)),
            })?;
        Ok(rendered)
    }
}

/// Some models have several templates, by name; `default` is the one for chatting.
fn template_text(value: &serde_json::Value) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    let named = value.as_array()?.iter().find(|template| template["name"] == "default")?;
    named["template"].as_str().map(str::to_owned)
}

/// The error behind `raise_exception`, told from others by its type.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Raised(String);

#[expect(clippy::needless_pass_by_value, reason = "the signature of a template function")]
fn raise_exception(message: String) -> Result<String, minijinja::Error> {
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let error = minijinja::Error::new(ErrorKind::InvalidOperation, "raise_exception");
    Err(error.with_source(Raised(message)))
}

fn raised(error: &minijinja::Error) -> Option<&str> {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if let Some(Raised(message)) = error.downcast_ref() {
            return Some(message);
        }
        source = error.source();
    }
    None
}
