//! `foretoken compare`: strategies side by side on one prompt.

mod contest;
mod report;
mod watch;

use std::{fmt::Write, num::NonZeroUsize};

use anyhow::bail;
use console::style;
use foretoken::{Constraint, Model, Sampling};

use crate::{
    args::{CompareArgs, ModelArgs, PromptArgs, VerifyArgs},
    exit::{Exit, complain, notice},
    interrupt::Heeded,
    output, prompt, race,
    session::{self, Session},
    strategy_list::{self, BASELINE, Named},
    structure::Structure,
};
pub(crate) use contest::Contest;
pub(crate) use report::Report;

/// Strategies that run if none are named: one of each kind, and two that guess together.
pub(crate) const DEFAULT_STRATEGIES: &str =
    "autoregressive,auto,suffix,recycling,prompt-lookup,ngram-pool,lookahead,jacobi";

/// What to compare on what.
pub(crate) struct Comparison<'a> {
    pub(crate) model: &'a ModelArgs,
    pub(crate) prompt: &'a PromptArgs,
    pub(crate) text: &'a str,
    pub(crate) strategies: &'a [String],
    pub(crate) max_new_tokens: NonZeroUsize,
    pub(crate) sampling: Sampling,
    pub(crate) structure: Option<Structure>,
    pub(crate) unforced: bool,
    pub(crate) runs: NonZeroUsize,
    pub(crate) verify: VerifyArgs,
    pub(crate) json: bool,
}

/// Runs the subcommand.
pub(crate) fn run(args: &CompareArgs) -> anyhow::Result<Exit> {
    let sampling = args.sampling.settings()?;
    let structure = args.structure.read()?;
    if args.unforced && structure.is_none() {
        bail!("--unforced is for outputs that something forces: give --json-schema or --regex");
    }
    let given = prompt::read(&args.prompt)?;
    Comparison {
        model: &args.model,
        prompt: &args.prompt,
        text: given.as_deref().unwrap_or(race::PROMPTS[0]),
        strategies: &args.strategies,
        max_new_tokens: args.max_new_tokens,
        sampling,
        structure,
        unforced: args.unforced,
        runs: args.runs,
        verify: args.verify,
        json: args.json,
    }
    .run()
}

impl Comparison<'_> {
    /// Measures and reports.
    ///
    /// # Errors
    /// Bad input, before anything is measured; a model that fails.
    pub(crate) fn run(&self) -> anyhow::Result<Exit> {
        let mut strategies = if self.strategies.is_empty() {
            strategy_list::parse(&[DEFAULT_STRATEGIES.to_owned()])?
        } else {
            strategy_list::parse(self.strategies)?
        };
        let baseline = strategy_list::baseline(&mut strategies)?;
        if baseline.added {
            notice(
                "autoregressive is not among the strategies; it runs as what they are compared with.",
            );
        }
        if self.unforced {
            let plain = |named: &&Named| named.spec.names().all(|name| name == BASELINE);
            let unforced = strategies.iter().filter(|named| !plain(named)).map(Named::unforced);
            strategies.extend(unforced.collect::<Vec<_>>());
        }
        let mut session = Session::open(self.model, self.prompt, self.text)?;
        let grammar =
            self.structure.as_ref().map(|structure| structure.grammar(&session.tokenizer));
        let grammar = grammar.transpose()?;
        let constraint = grammar.as_ref().map(|grammar| grammar as &dyn Constraint);
        self.sampling.validate_for(session.model.info().vocabulary)?;
        let request = session.request(self.max_new_tokens).with_sampling(self.sampling.clone());
        let heeded = Heeded::begin();
        let mut contest = Contest::new(&strategies, baseline.index, self.runs, constraint);
        contest.run(&mut session, &request, session::config(self.verify))?;
        let report = Report::new(&session, &contest);
        if self.json {
            output::print_json(&report)?;
        } else {
            self.show(&session, &report)?;
        }
        drop(heeded);
        for difference in report.differences() {
            complain(&difference);
        }
        Ok(match () {
            () if report.differs() => Exit::Differs,
            () if report.interrupted => Exit::Interrupted,
            () => Exit::Done,
        })
    }

    fn show(&self, session: &Session, report: &Report) -> anyhow::Result<()> {
        let times = match self.runs.get() {
            1 => "one run".to_owned(),
            runs => format!("medians of {runs} runs"),
        };
        let title = style(session.title()).bold();
        let (threads, prompt) = (session.threads, session.prompt.len());
        let mut text = format!("{title}, {threads} threads, {prompt} prompt tokens, {times}\n\n");
        if let Some(answer) = report.answer() {
            writeln!(text, "{}\n", style(answer.trim()).dim())?;
        }
        text.push_str(&report.table().render());
        if report.interrupted {
            text.push_str("\nInterrupted: strategies without a whole run are left out.\n");
        } else if !report.differs() && report.runs.len() > 1 {
            let tokens = report.runs[0].tokens.len();
            writeln!(text, "\nAll strategies produced the same {tokens} tokens.")?;
        }
        output::print(&text)?;
        Ok(())
    }
}
