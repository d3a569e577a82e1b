//! Questions and answers, as the model reads them.

use anyhow::bail;
use foretoken::{
    Token,
    candle::{Loaded, Message, Special},
};

/// What was said so far.
#[derive(Default)]
pub(super) struct Conversation(Vec<Message>);

impl Conversation {
    pub(super) fn ask(&mut self, question: &str) {
        self.0.push(Message::user(question));
    }

    pub(super) fn answer(&mut self, text: &str) {
        self.0.push(Message::assistant(text));
    }

    /// The prompt for the next answer: in the model's chat template or, if it has none, one text after the other with an
    /// empty line between.
    ///
    /// # Errors
    /// A template that cannot be used; a text without tokens.
    pub(super) fn prompt(&self, loaded: &Loaded) -> anyhow::Result<Vec<Token>> {
        let text = match &loaded.chat_template {
            Ok(Some(template)) => template.render(&self.0, true)?,
            Ok(None) => {
                let texts: Vec<&str> =
                    self.0.iter().map(|message| message.content.as_str()).collect();
                texts.join("\n\n")
            }
            Err(error) => bail!("this model's chat template cannot be used: {error}"),
        };
        let tokens = loaded.tokenizer.encode(&text, Special::ALL)?;
        if tokens.is_empty() {
            bail!("a prompt has no tokens: write something for the model to answer");
        }
        Ok(tokens)
    }
}
