//! `foretoken` alone: the strategies race on a few prompts of ours.

use std::{fmt::Write, num::NonZeroUsize, time::Duration};

use console::style;

use crate::{
    args::{PromptArgs, RaceArgs, VerifyArgs},
    compare::{Contest, DEFAULT_STRATEGIES, Report},
    exit::{Exit, complain},
    interrupt::Heeded,
    output, prompt,
    session::{self, Opened},
    strategy_list,
};

/// Text of several kinds. The first two repeat part of the question in their answers, as edits, summaries and answers
/// from documents do.
pub(crate) const PROMPTS: [&str; 4] = [
    "Summarize the note.\n\nNote: The school trip goes to the lake on Friday. We leave at eight. Every child needs a \
     warm coat and an apple. Ask Rosa if you have questions.",
    "Make a table of cities and temperatures.",
    "Write a Python function that returns the largest number of a list.",
    "Write a short story about a fox who finds an old key.",
];

const MAX_NEW_TOKENS: NonZeroUsize = NonZeroUsize::new(128).unwrap();
/// Runs of each strategy on each prompt, at least, and how long a prompt's runs take together, at least.
const RUNS: NonZeroUsize = NonZeroUsize::new(3).unwrap();
const LEAST: Duration = Duration::from_secs(2);
/// Tokens a second above which passes are so short that what goes on between them counts.
const HASTE: f64 = 2000.0;

/// Runs the race.
pub(crate) fn run(args: &RaceArgs) -> anyhow::Result<Exit> {
    let mut strategies = strategy_list::parse(&[DEFAULT_STRATEGIES.to_owned()])?;
    let baseline = strategy_list::baseline(&mut strategies)?.index;
    let opened = Opened::open(&args.model)?;
    let encode = |text: &&str| prompt::encode(&opened.loaded, &PromptArgs::default(), text);
    let prompts = PROMPTS.iter().map(encode).collect::<anyhow::Result<Vec<_>>>()?;
    let mut session = opened.with_prompt(Vec::new());
    let config = session::config(VerifyArgs::default());
    let (title, threads) = (session.title(), session.threads);
    output::print(&format!("{}, {threads} threads\n\n", style(title).bold()))?;

    let heeded = Heeded::begin();
    let mut contest = Contest::new(&strategies, baseline, RUNS, None).lasting(LEAST);
    let mut total: Option<Report> = None;
    for (text, prompt) in PROMPTS.iter().zip(prompts) {
        session.prompt = prompt;
        let request = session.request(MAX_NEW_TOKENS);
        contest.run(&mut session, &request, config)?;
        let report = Report::new(&session, &contest);
        if let Some(answer) = report.answer() {
            let question = text.lines().next().unwrap_or_default();
            let (question, answer) = (style(question).bold(), style(answer.trim()).dim());
            output::print(&format!("{question}\n{answer}\n\n"))?;
        }
        for difference in report.differences() {
            complain(&difference);
        }
        match &mut total {
            None => total = Some(report),
            Some(total) if !report.interrupted => total.add(report),
            Some(total) => total.interrupted = true,
        }
        if contest.interrupted {
            break;
        }
    }
    drop(heeded);
    let Some(total) = total else { return Ok(Exit::Interrupted) };
    show(&total)?;
    Ok(match () {
        () if total.differs() => Exit::Differs,
        () if total.interrupted => Exit::Interrupted,
        () => Exit::Done,
    })
}

fn show(total: &Report) -> anyhow::Result<()> {
    let mut text = total.table().render();
    if total.interrupted {
        text.push_str("\nInterrupted.\n");
    } else if !total.differs() {
        let (tokens, prompts) = (total.runs[0].tokens.len(), PROMPTS.len());
        writeln!(
            text,
            "\nAll strategies produced the same {tokens} tokens on {prompts} prompts, {RUNS} times or more."
        )?;
    }
    if total.plain_rate().is_some_and(|rate| rate > HASTE) {
        text += "\nPasses of so small a model leave little to save: guesses pay on larger ones.";
    }
    text += "\nOn a larger model: foretoken --model smollm2-135m (fetched once), or --model model.gguf for one of your own.\n";
    output::print(&text)?;
    Ok(())
}
