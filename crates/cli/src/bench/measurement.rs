//! All prompts, one after the other.

use std::collections::BTreeSet;

use foretoken::{Model, Request, Token, replay::loop_start};
use foretoken_report::{Record, Steps};

use super::{
    contestant::Contestant,
    conversation::Conversation,
    folder::Folder,
    rounds::{self, Plan},
};
use crate::{args::BenchArgs, dataset::Item, exit::notice, progress, session, session::Opened};

/// Prompts that were not asked to their end, because the context is too short.
#[derive(Default)]
pub(super) struct Unasked {
    /// Not even their first turn.
    whole: usize,
    /// A later turn.
    rest: usize,
}

impl Unasked {
    fn add(&mut self, turn: usize) {
        *if turn == 0 { &mut self.whole } else { &mut self.rest } += 1;
    }

    pub(super) fn tell(&self) {
        let Self { whole, rest } = self;
        if *whole > 0 {
            notice(&format!("Prompts left out, which do not fit in the context: {whole}."));
        }
        if *rest > 0 {
            notice(&format!(
                "Conversations ended early, which no longer fit in the context: {rest}."
            ));
        }
    }
}

/// A measurement on its way.
pub(super) struct Measurement<'a> {
    pub(super) args: &'a BenchArgs,
    pub(super) opened: Opened,
    pub(super) folder: Folder,
    pub(super) contestants: Vec<Contestant>,
    /// Whose trees are noted.
    pub(super) traced: BTreeSet<String>,
    /// Whether the next record is the first one of a folder that is gone on with.
    pub(super) resumed: bool,
    /// Whether strategies have run.
    pub(super) warm: bool,
}

impl Measurement<'_> {
    /// Lets strategies learn from the records there are.
    pub(super) fn recall(&mut self, items: &[Item]) -> anyhow::Result<()> {
        for item in items {
            let mut conversation = Conversation::default();
            for (turn, question) in item.turns.iter().enumerate() {
                let Some(record) = self.folder.record(&item.id, turn) else { break };
                conversation.ask(question);
                let prompt = conversation.prompt(&self.opened.loaded)?;
                let sequence = [prompt.as_slice(), &record.tokens].concat();
                for one in &mut self.contestants {
                    one.recall(&prompt, &sequence);
                }
                conversation.answer(&self.opened.loaded.tokenizer.decode(&record.tokens));
            }
        }
        Ok(())
    }

    /// Measures all turns of which there is no record, until Ctrl-C comes.
    pub(super) fn measure(&mut self, items: &[Item]) -> anyhow::Result<Unasked> {
        let count = items.iter().map(|item| item.turns.len()).sum();
        let bar = progress::turns("Measuring", count);
        let (mut unasked, mut position) = (Unasked::default(), 0);
        for item in items {
            let mut conversation = Conversation::default();
            for (turn, question) in item.turns.iter().enumerate() {
                conversation.ask(question);
                if let Some(record) = self.folder.record(&item.id, turn) {
                    conversation.answer(&self.opened.loaded.tokenizer.decode(&record.tokens));
                    bar.inc(1);
                    // What was known took no time, which says nothing about the rest.
                    bar.reset_eta();
                    continue;
                }
                let prompt = conversation.prompt(&self.opened.loaded)?;
                if prompt.len() >= self.opened.loaded.model.info().context_length {
                    unasked.add(turn);
                    break;
                }
                let Some(answer) = self.turn(item, turn, prompt, position + turn)? else {
                    bar.finish_and_clear();
                    return Ok(unasked);
                };
                conversation.answer(&answer);
                bar.inc(1);
            }
            position += item.turns.len();
            bar.set_position(position as u64);
        }
        bar.finish_and_clear();
        Ok(unasked)
    }

    /// Measures one turn and writes it down: its trees first, so that a turn that has a record has its trees, too. The answer,
    /// or `None` if Ctrl-C came.
    fn turn(
        &mut self,
        item: &Item,
        turn: usize,
        prompt: Vec<Token>,
        position: usize,
    ) -> anyhow::Result<Option<String>> {
        let Self { args, opened, folder, contestants, .. } = self;
        let model = &mut opened.loaded.model;
        let request = Request::new(prompt)
            .with_max_new_tokens(folder.setting.max_new_tokens)
            .with_sampling(folder.setting.sampling.clone());
        let config = session::config(args.verify);
        let (runs, first) = (folder.setting.runs, position % contestants.len());
        let plan = Plan { request: &request, config, runs, first };
        if !std::mem::replace(&mut self.warm, true) {
            rounds::warm_up(model, contestants, &plan)?;
        }
        let tracing = self.traced.contains(&item.id) && !folder.traced(&item.id, turn);
        let before: Vec<Contestant> =
            contestants.iter().filter(|_| tracing).map(Contestant::copy).collect();
        let Some(wholes) = rounds::measure(model, contestants, &plan)? else { return Ok(None) };
        let Some(trees) = rounds::trees(model, &opened.loaded.tokenizer, before, &plan)? else {
            return Ok(None);
        };
        let name = |steps: Steps| Steps {
            id: item.id.clone(),
            task: item.task.clone(),
            turn,
            prompt: item.turns[turn].clone(),
            ..steps
        };
        folder.add_steps(trees.into_iter().map(name).collect())?;

        let tokens = wholes[0][0].0.tokens.clone();
        let sequence = [request.prompt.as_slice(), &tokens].concat();
        for one in contestants.iter_mut() {
            one.end(&sequence);
        }
        let answer = opened.loaded.tokenizer.decode(&tokens);
        folder.add(Record {
            id: item.id.clone(),
            task: item.task.clone(),
            turn,
            prompt_tokens: request.prompt.len(),
            loop_start: loop_start(&tokens),
            tokens,
            runs: rounds::runs(contestants, wholes),
            resumed: std::mem::take(&mut self.resumed),
        })?;
        folder.keep(contestants.iter().map(|one| (one.name.as_str(), one.calibration())))?;
        Ok(Some(answer))
    }
}
