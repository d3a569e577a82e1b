use anyhow::bail;
use foretoken::{
    Token,
    candle::{ChatTemplate, Message, Special, Tokenizer},
};

/// What was said so far, in the words of the model's template.
pub(super) struct Conversation {
    template: ChatTemplate,
    system: Option<String>,
    turns: Vec<Message>,
}

impl Conversation {
    pub(super) fn new(template: ChatTemplate, system: Option<String>) -> Self {
        Self { template, system, turns: Vec::new() }
    }

    /// The prompt for an answer to `question`, which joins the conversation.
    ///
    /// # Errors
    /// A template that refuses; the question then does not join.
    pub(super) fn ask(
        &mut self,
        question: &str,
        tokenizer: &Tokenizer,
    ) -> anyhow::Result<Vec<Token>> {
        self.turns.push(Message::user(question));
        let prompt = self.prompt(tokenizer);
        if prompt.is_err() {
            self.take_back();
        }
        prompt
    }

    fn prompt(&self, tokenizer: &Tokenizer) -> anyhow::Result<Vec<Token>> {
        let system = self.system.as_ref().map(Message::system);
        let messages: Vec<Message> = system.into_iter().chain(self.turns.iter().cloned()).collect();
        let text = self.template.render(&messages, true)?;
        let tokens = tokenizer.encode(&text, Special::ALL)?;
        if tokens.is_empty() {
            bail!("this model's chat template makes nothing of the conversation");
        }
        Ok(tokens)
    }

    /// The answer to the last question.
    pub(super) fn answered(&mut self, text: &str) {
        self.turns.push(Message::assistant(text));
    }

    /// The last question was not asked.
    pub(super) fn take_back(&mut self) {
        self.turns.pop();
    }

    /// Nothing was said.
    pub(super) fn reset(&mut self) {
        self.turns.clear();
    }

    /// Nothing was said, to a model in another role.
    pub(super) fn set_system(&mut self, system: Option<String>) {
        self.system = system;
        self.reset();
    }
}
