//! `foretoken chat`: a conversation in the terminal.

mod command;
mod conversation;
mod input;
mod tally;

use std::io::{self, IsTerminal};

use anyhow::{Context, bail};
use foretoken::{
    CandidateSource, Constraint, DecodeErrorKind, Generation, GuessAndVerify, Model, Request,
    Sampling,
    blocking::BlockingDecoder,
    candle::{CandleModel, Description, Loaded, Tokenizer},
    grammar::Grammar,
    strategy::Spec,
};

use crate::{
    args::ChatArgs,
    choices::Endings,
    exit::{Exit, complain, notice},
    generate,
    interrupt::{self, Heeded},
    memory::Remembered,
    palette::Palette,
    session::{self, Opened},
    stream::{Stream, Streamed},
    structure,
};
use command::Command;
use conversation::Conversation;
use input::Input;
use tally::Tally;

/// What stays the same from turn to turn.
struct Chat<'a> {
    args: &'a ChatArgs,
    sampling: Sampling,
    endings: Endings,
    grammar: Option<Grammar>,
    tokenizer: Tokenizer,
    decoder: GuessAndVerify<CandleModel, Box<dyn CandidateSource>>,
    remembered: Remembered<'a>,
    spec: Spec,
    conversation: Conversation,
    tally: Tally,
}

/// Runs the subcommand.
pub(crate) fn run(args: &ChatArgs) -> anyhow::Result<Exit> {
    let spec: Spec = args.strategy.parse()?;
    let (sampling, endings) = (args.sampling.settings()?, args.endings.endings()?);
    let structure = args.structure.read()?;
    let Opened { loaded, name, experience, .. } = Opened::open(&args.model)?;
    let Loaded { model, tokenizer, description, chat_template, .. } = loaded;
    let Some(template) = chat_template? else {
        bail!("{name} has no chat template, so it cannot chat: foretoken generate continues text");
    };
    let config = session::config(args.verify).with_reuse_prefix(true);
    let remembered = Remembered::open(&args.memory, &tokenizer)?;
    let grammar = structure.map(|structure| structure.grammar(&tokenizer)).transpose()?;
    let constraint = grammar.as_ref().map(|grammar| grammar as &dyn Constraint);
    let source = structure::with_forced(&spec, remembered.source(&spec), constraint);
    let mut decoder = GuessAndVerify::new(model, source)
        .with_config(config)
        .with_experience(remembered.experience(&experience));
    decoder.set_constraint(constraint.map(Constraint::fork));
    let mut chat = Chat {
        args,
        sampling,
        endings,
        grammar,
        tokenizer,
        decoder,
        remembered,
        spec,
        conversation: Conversation::new(template, args.system.clone()),
        tally: Tally::default(),
    };
    // What is wrong with a template or a setting for this model shows before anyone has typed.
    chat.conversation.check(&chat.tokenizer)?;
    chat.sampling.validate_for(chat.decoder.model().info().vocabulary)?;
    if io::stdin().is_terminal() {
        let Description { architecture, file_type, .. } = &description;
        notice(&format!("{name} ({architecture}, {file_type}). /help lists the commands."));
    }
    chat.talk(&mut Input::new())
}

impl Chat<'_> {
    /// Turn after turn, until the input ends.
    fn talk(&mut self, input: &mut Input) -> anyhow::Result<Exit> {
        while let Some(line) = input.line()? {
            match Command::parse(&line) {
                None if line.trim().is_empty() => {}
                None => self.turn(&line)?,
                Some(Ok(Command::Quit)) => break,
                Some(Ok(command)) => self.obey(command),
                Some(Err(wrong)) => complain(&wrong),
            }
        }
        Ok(Exit::Done)
    }

    /// One question and its answer.
    fn turn(&mut self, question: &str) -> anyhow::Result<()> {
        let prompt = self.conversation.ask(question, &self.tokenizer)?;
        let request = self.endings.request(&prompt, self.args.max_new_tokens);
        let (output, streamed) = self.answer(request);
        if let Some(failure) = streamed.failure {
            return Err(failure.into());
        }
        let generation = match output {
            Ok(generation) => generation,
            Err(error) if error.kind() == DecodeErrorKind::PromptTooLong => {
                self.conversation.take_back();
                let context = self.decoder.model().info().context_length;
                let refused = format!(
                    "the conversation has {} tokens now, and the context holds {context}",
                    prompt.len()
                );
                return refuse(&refused);
            }
            Err(error) => return Err(error.into()),
        };
        let stop = generate::stop(&generation, None);
        if stop == generate::INTERRUPTED && generation.tokens.is_empty() {
            self.conversation.take_back();
        } else {
            self.conversation.answered(&streamed.text);
            self.tally.count(&generation);
        }
        if stop != "end_of_sequence" && stop != "stop_string" {
            notice(&format!("[{}]", stop.replace('_', " ")));
        }
        interrupt::forget();
        self.remembered.keep(&self.decoder.experience())
    }

    fn answer(
        &mut self,
        request: Request,
    ) -> (Result<Generation, foretoken::DecodeError>, Streamed) {
        let names = structure::names(&self.spec, self.constraint());
        let palette = self.args.color.then(|| Palette::new(names));
        let decoder = self.tokenizer.incremental_decoder();
        let mut stream = Stream::new(decoder, self.endings.strings.clone(), true, palette);
        let heeded = Heeded::begin();
        let request = request.with_sampling(self.sampling.clone());
        let output = self.decoder.decode_blocking(&request, &mut stream);
        let streamed = Stream::finish(stream);
        drop(heeded);
        (output, streamed)
    }

    /// What answers must look like.
    fn constraint(&self) -> Option<&dyn Constraint> {
        self.grammar.as_ref().map(|grammar| grammar as &dyn Constraint)
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Strategy(None) => notice(&format!("The strategy is {}.", self.spec)),
            Command::Strategy(Some(spec)) => {
                let source = self.remembered.source(&spec);
                let source = structure::with_forced(&spec, source, self.constraint());
                self.decoder.set_source(source);
                self.spec = spec;
                notice(&format!("The strategy is {} now.", self.spec));
            }
            Command::Stats => notice(&self.tally.to_string()),
            Command::Reset => {
                self.conversation.reset();
                notice("The conversation begins anew.");
            }
            Command::System(text) => {
                self.conversation.set_system(text);
                notice("The conversation begins anew, with another role.");
            }
            Command::Help => notice(command::HELP),
            Command::Quit => {}
        }
    }
}

/// Says in a terminal what cannot be done there and then, and goes on; otherwise ends the program.
fn refuse(what: &str) -> anyhow::Result<()> {
    if !io::stdin().is_terminal() {
        bail!("{what}: shorten it, or give a larger --context if the model allows it");
    }
    complain(&format!("{what}: /reset begins a new one"));
    Ok(())
}

/// The template and the rest of what a conversation needs, before the first question.
impl Conversation {
    fn check(&mut self, tokenizer: &Tokenizer) -> anyhow::Result<()> {
        self.ask("?", tokenizer).context("this model's chat template cannot be used")?;
        self.take_back();
        Ok(())
    }
}
